import { type Digest, digestOfSequence } from '../harness/content.js'
import type { Group } from '../harness/group.js'
import * as asyncChannel from './peers/async-channel.js'
import { asyncio } from './peers/asyncio.js'
import { arrayShiftBacklog, denqueBacklog } from './peers/bare.js'
import * as effect from './peers/effect.js'
import * as itPushable from './peers/it-pushable.js'
import * as millrace from './peers/millrace.js'
import * as taskQueues from './peers/task-queues.js'
import { SHIFT_BACKLOG } from './sizes.js'

const DEEP = 1_000_000
const SHALLOW = 10_000

/** The shallow contenders send their 10,000 over and over. */
function expected(items: number): Digest {
  return digestOfSequence(items)
}

export const backlog: Group = {
  name: 'queue/backlog',
  title: 'a backlog of 1,000,000 drained one awaited item at a time',
  unit: 'items/s',
  better: 'higher',
  crossesThreads: false,
  smokeItems: SHALLOW,
  fixedItems: { quick: DEEP, full: DEEP },
  rounds: { quick: 4, full: 9 },
  expected,
  goals: [{ of: 'millrace', text: 'level with the fastest peer', against: 'peers', atLeast: 1 }],
  contenders: (subject) => [
    millrace.backlog(subject, DEEP, 'millrace'),
    denqueBacklog(),
    effect.backlog(),
    itPushable.filled(),
    asyncChannel.backlog(),
    ...taskQueues.backlog(),
    arrayShiftBacklog(SHIFT_BACKLOG),
    asyncio('backlog'),
  ],
}

export const backlogFlat: Group = {
  name: 'queue/backlog-flatness',
  title: 'cost of an item at different depths of the backlog: flat means that the ratio stays near 1',
  unit: 'items/s',
  better: 'higher',
  crossesThreads: false,
  smokeItems: SHALLOW,
  fixedItems: { quick: DEEP, full: DEEP },
  goals: [
    {
      of: 'millrace 1,000,000 deep',
      text: 'of the rate at a depth of 10,000',
      against: ['millrace 10,000 deep'],
      atLeast: 0.7,
    },
  ],
  contenders: (subject) =>
    [SHALLOW, 100_000, DEEP].map((depth) =>
      millrace.backlog(subject, depth, `millrace ${depth.toLocaleString('en')} deep`),
    ),
}
