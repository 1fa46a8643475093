import { newQueue } from '@henrygd/queue'
import { Channel } from 'async-channel'
import Denque from 'denque'
import { Effect, Queue as EffectQueue } from 'effect'
import fastq from 'fastq'
import { pushable } from 'it-pushable'
import PQueue from 'p-queue'
import type { Contender, Group } from '../harness/group.js'
import { heldBytes } from '../harness/held-bytes.js'

/** Fills a structure and gives it back, so that it is alive while the heap is measured. */
type Fill = (items: number) => unknown

const holding = (contender: Omit<Contender, 'run'>, fill: Fill): Contender => ({
  ...contender,
  async run(items) {
    const startedAt = performance.now()
    const bytes = await heldBytes(() => fill(items))
    return { value: bytes / items, items, seconds: (performance.now() - startedAt) / 1000 }
  },
})

export const memory: Group = {
  name: 'queue/memory',
  title: 'heap held by a buffered small integer, 1,000,000 of them',
  unit: 'bytes/item',
  better: 'lower',
  crossesThreads: false,
  smokeItems: 10_000,
  fixedItems: { quick: 1_000_000, full: 1_000_000 },
  rounds: { quick: 3, full: 5 },
  goals: [{ of: 'millrace', text: 'bytes per buffered number', atMost: 16 }],
  contenders: ({ queue: { Queue } }) => [
    holding({ name: 'millrace', kind: 'subject', how: 'new Queue(), putNowait()' }, (items) => {
      const queue = new Queue<number>()
      for (let i = 0; i < items; i++) queue.putNowait(i)
      return queue
    }),
    holding({ name: 'denque', kind: 'peer', package: 'denque', how: 'push()' }, (items) => {
      const buffer = new Denque<number>()
      for (let i = 0; i < items; i++) buffer.push(i)
      return buffer
    }),
    holding(
      { name: 'async-channel', kind: 'peer', package: 'async-channel', how: 'new Channel(Infinity), push()' },
      (items) => {
        const channel = new Channel<number>(Number.POSITIVE_INFINITY)
        for (let i = 0; i < items; i++) void channel.push(i)
        return channel
      },
    ),
    holding({ name: 'effect', kind: 'peer', package: 'effect', how: 'Queue.unbounded(), offerUnsafe()' }, (items) => {
      const queue = Effect.runSync(EffectQueue.unbounded<number>())
      for (let i = 0; i < items; i++) EffectQueue.offerUnsafe(queue, i)
      return queue
    }),
    holding(
      { name: 'it-pushable', kind: 'peer', package: 'it-pushable', how: 'pushable({ objectMode: true }), push()' },
      (items) => {
        const source = pushable<number>({ objectMode: true })
        for (let i = 0; i < items; i++) source.push(i)
        return source
      },
    ),
    holding({ name: 'fastq', kind: 'peer', package: 'fastq', how: 'paused fastq(worker, 1), push()' }, (items) => {
      const queue = fastq((_item: number, done: fastq.done) => done(null), 1)
      queue.pause()
      for (let i = 0; i < items; i++) queue.push(i)
      return queue
    }),
    holding(
      { name: '@henrygd/queue', kind: 'peer', package: '@henrygd/queue', how: 'newQueue(0), add(async task)' },
      (items) => {
        const queue = newQueue(0)
        for (let i = 0; i < items; i++) void queue.add(async () => i)
        return queue
      },
    ),
    holding(
      { name: 'p-queue', kind: 'peer', package: 'p-queue', how: 'new PQueue({ autoStart: false }), add(async task)' },
      (items) => {
        const queue = new PQueue({ concurrency: 1, autoStart: false })
        for (let i = 0; i < items; i++) void queue.add(async () => i)
        return queue
      },
    ),
  ],
}
