import { digestOfSequence } from '../harness/content.js'
import type { Group } from '../harness/group.js'
import { asyncGenerator, bareIterator } from './peers/bare.js'
import * as itPushable from './peers/it-pushable.js'
import * as millrace from './peers/millrace.js'
import { PASS } from './sizes.js'

export const iteration: Group = {
  name: 'queue/iteration',
  title: 'reading a filled queue: for await, batches(), and no queue at all',
  unit: 'items/s',
  better: 'higher',
  crossesThreads: false,
  smokeItems: PASS,
  granularity: PASS,
  expected: (items) => {
    const { count, sum } = digestOfSequence(PASS)
    return { count: (items / PASS) * count, sum: (items / PASS) * sum }
  },
  goals: [
    {
      of: 'millrace for await',
      text: 'of the rate of a bare iterator (1/1.3)',
      against: ['bare iterator'],
      atLeast: 1 / 1.3,
    },
    { of: 'millrace batches()', text: 'times for await', against: ['millrace for await'], atLeast: 4 },
  ],
  contenders: (subject) => [
    millrace.iterate(subject, 'for await'),
    millrace.iterate(subject, 'batches()'),
    bareIterator(),
    asyncGenerator(),
    itPushable.filled(PASS),
  ],
}
