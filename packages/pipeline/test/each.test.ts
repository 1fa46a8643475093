import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { resolveStageOptions } from '../src/options.js'
import { Scope } from '../src/scope.js'
import { EachStage } from '../src/stages/each.js'
import { until } from './waiting.js'

it('workers that are done in one turn while their window shrinks do not all leave', async () => {
  const quick = 30
  const count = 70
  const held: (() => void)[] = []
  const releaseAll = () => {
    for (const release of held.splice(0)) release()
  }
  const results: number[] = []
  let hasEnded = false
  const stage = new EachStage<number, number, number>(
    {
      name: 'work',
      kind: 'mapThreads',
      fn: (n) => (n < quick ? n : new Promise((resolve) => held.push(() => resolve(n)))),
      deliver: (answer, _item, emit) => emit(answer),
      elsewhere: { slots: 2, mostAtOnce: 8, open: () => {}, close: async () => {} },
    },
    resolveStageOptions({ concurrency: 2, ordered: false, queueSize: count }, 'work'),
    new Scope('throw', 500),
    {
      put: async (n) => void results.push(n),
      end: () => {
        hasEnded = true
      },
    },
  )
  for (let n = 0; n < count; n++) await stage.inlet.put(n, n, undefined)
  stage.inlet.end()
  // The quick ones have widened the window; two rounds of more than 100 ms narrow it.
  await until(() => held.length === 8)
  await sleep(120)
  releaseAll()
  await until(() => held.length > 0)
  await sleep(120)
  await until(() => {
    releaseAll()
    return hasEnded
  })
  expect(results).toHaveLength(count)
})
