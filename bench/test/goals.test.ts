import { expect, test } from 'vitest'
import { judgeGoal } from '../src/harness/goals.js'
import type { Contender } from '../src/harness/group.js'
import type { Interleaved, Sample } from '../src/harness/interleave.js'

const contender = (name: string, kind: Contender['kind']): Contender => ({
  name,
  kind,
  how: '',
  run: () => Promise.reject(new Error('not run here')),
})
const contenders = [
  contender('ours', 'subject'),
  contender('slow', 'peer'),
  contender('quick', 'peer'),
  contender('C++', 'baseline'),
]

function measured(
  values: Readonly<Record<string, number>>,
  stolen: Readonly<Record<string, number>> = {},
): Interleaved {
  const rounds = [0, 1, 2]
  return {
    rounds: rounds.map(() => ({ markerNs: [60, 60], regime: 'near' })),
    samples: new Map(
      Object.entries(values).map(([name, value]) => [
        name,
        rounds.map(
          (round): Sample => ({
            round,
            value,
            stolen: stolen[name] ?? 0,
            items: 1,
            seconds: 1,
            metrics: { p99: value / 2 },
          }),
        ),
      ]),
    ),
  }
}

const options = { better: 'higher', crossesThreads: true } as const

test('the hardest of the peers decides, baselines do not count as peers', () => {
  const goal = { of: 'ours', text: 'level', against: 'peers', atLeast: 1 } as const
  const outcome = judgeGoal(goal, contenders, measured({ ours: 10, slow: 1, quick: 20, 'C++': 1000 }), options)
  expect(outcome).toMatchObject({ hardest: 'quick', measured: 0.5, met: false })
})

test('a goal is unknown while one of those it is measured against has too few clean pairs', () => {
  const goal = { of: 'ours', text: 'level', against: 'peers', atLeast: 1 } as const
  const outcome = judgeGoal(goal, contenders, measured({ ours: 10, slow: 1, quick: 20 }, { quick: 0.9 }), options)
  expect(outcome).toMatchObject({ hardest: 'quick', measured: undefined, met: undefined })
})

test('a bound holds for the median of a metric', () => {
  const goal = { of: 'ours', text: 'ms', metric: 'p99', atMost: 5 }
  expect(judgeGoal(goal, contenders, measured({ ours: 10 }), options)).toMatchObject({ measured: 5, met: true })
  expect(judgeGoal(goal, contenders, measured({ ours: 11 }), options)).toMatchObject({ measured: 5.5, met: false })
})
