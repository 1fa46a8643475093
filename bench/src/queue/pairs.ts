import { digestOfSequence } from '../harness/content.js'
import type { Goal } from '../harness/goals.js'
import type { Group } from '../harness/group.js'
import * as asyncChannel from './peers/async-channel.js'
import { asyncio } from './peers/asyncio.js'
import { denquePairs } from './peers/bare.js'
import * as effect from './peers/effect.js'
import * as itPushable from './peers/it-pushable.js'
import * as millrace from './peers/millrace.js'
import * as taskQueues from './peers/task-queues.js'
import { CONTENDED_BOUND, PASS } from './sizes.js'

const common = {
  unit: 'items/s',
  better: 'higher',
  crossesThreads: false,
  smokeItems: PASS,
  granularity: PASS,
  expected: (items: number) => passes(items),
} as const

/** Every pass sends 0 to PASS - 1 again. */
function passes(items: number) {
  const { count, sum } = digestOfSequence(PASS)
  return { count: (items / PASS) * count, sum: (items / PASS) * sum }
}

/** Peers whose put is a promise that their producer awaits, as millrace's put() is. */
const AWAITED = ['async-channel', 'effect']
/** Peers whose producer goes on without waiting, until a bound if there is one. */
const UNAWAITED = ['fastq', 'async', '@henrygd/queue', 'p-queue']

const timesAsyncio: Goal = { of: 'millrace', text: 'times asyncio.Queue', against: ['asyncio.Queue'], atLeast: 3 }

/** An await an item is most of what an item costs: each way to put is held against the peers that do the same. */
const goalsOf = (awaited: readonly string[], unawaited: readonly string[]): readonly Goal[] => [
  { of: 'millrace', text: 'level with the fastest peer that awaits each put', against: awaited, atLeast: 1 },
  {
    of: 'millrace, putNowait()',
    text: 'level with the fastest peer that puts without waiting',
    against: unawaited,
    atLeast: 1,
  },
  timesAsyncio,
]

export const pairsBounded: Group = {
  ...common,
  name: 'queue/pairs-bounded',
  title: 'put/get pairs between one producer and one consumer coroutine, maxsize 100',
  goals: goalsOf(AWAITED, UNAWAITED),
  contenders: (subject) => [
    millrace.pairs(subject, 100),
    millrace.pairsNowait(subject, 100),
    asyncChannel.pairs(100),
    effect.pairs(100),
    ...taskQueues.pairs(100),
    asyncio('pairs', { bound: 100, pass: PASS }),
  ],
}

export const pairsUnbounded: Group = {
  ...common,
  name: 'queue/pairs-unbounded',
  title: 'put/get pairs between one producer and one consumer coroutine, no bound',
  goals: goalsOf([...AWAITED, 'denque, push() awaited'], [...UNAWAITED, 'denque', 'it-pushable']),
  contenders: (subject) => [
    millrace.pairs(subject, 0),
    millrace.pairsNowait(subject, 0),
    asyncChannel.pairs(Number.POSITIVE_INFINITY),
    effect.pairs(0),
    itPushable.pairs(),
    denquePairs(true),
    denquePairs(false),
    ...taskQueues.pairs(0),
    asyncio('pairs', { pass: PASS }),
  ],
}

const COROUTINES = 100

export const contended: Group = {
  ...common,
  name: 'queue/contended',
  title: `${COROUTINES} producers and ${COROUTINES} consumers on one queue with room for 10`,
  // The case is 100 producers: what a task queue does for a single one is shown, and is another case.
  goals: [
    {
      of: 'millrace',
      text: 'level with the fastest peer that has 100 producers',
      against: [...AWAITED, ...UNAWAITED],
      atLeast: 1,
    },
    timesAsyncio,
  ],
  contenders: (subject) => [
    millrace.contended(subject, COROUTINES),
    asyncChannel.contended(COROUTINES),
    effect.contended(COROUTINES),
    ...taskQueues.contended(COROUTINES),
    ...taskQueues.contendedFromOne(COROUTINES),
    asyncio('contended', { bound: CONTENDED_BOUND, coroutines: COROUTINES, pass: PASS }),
  ],
}
