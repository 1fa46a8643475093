import { digestOfSequence } from '../harness/content.js'
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

const goals = [
  { of: 'millrace', text: 'level with the fastest peer', against: 'peers', atLeast: 1 },
  { of: 'millrace', text: 'times asyncio.Queue', against: ['asyncio.Queue'], atLeast: 3 },
] as const

export const pairsBounded: Group = {
  ...common,
  name: 'queue/pairs-bounded',
  title: 'put/get pairs between one producer and one consumer coroutine, maxsize 100',
  goals,
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
  goals,
  contenders: (subject) => [
    millrace.pairs(subject, 0),
    millrace.pairsNowait(subject, 0),
    asyncChannel.pairs(Number.POSITIVE_INFINITY),
    effect.pairs(0),
    itPushable.pairs(),
    denquePairs(),
    ...taskQueues.pairs(0),
    asyncio('pairs', { pass: PASS }),
  ],
}

const COROUTINES = 100

export const contended: Group = {
  ...common,
  name: 'queue/contended',
  title: `${COROUTINES} producers and ${COROUTINES} consumers on one queue with room for 10`,
  goals,
  contenders: (subject) => [
    millrace.contended(subject, COROUTINES),
    asyncChannel.contended(COROUTINES),
    effect.contended(COROUTINES),
    ...taskQueues.contended(COROUTINES),
    asyncio('contended', { bound: CONTENDED_BOUND, coroutines: COROUTINES, pass: PASS }),
  ],
}
