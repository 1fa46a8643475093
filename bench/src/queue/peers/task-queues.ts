// Queues of tasks rather than of items: the consumer is the task function. Their put is a push or an add, their bound is
// the length at which the producer waits for room, by what each one's documentation offers for that.
import { newQueue } from '@henrygd/queue'
import async from 'async'
import fastq from 'fastq'
import PQueue from 'p-queue'
import { SequenceCheck, SumCheck } from '../../harness/content.js'
import type { Contender } from '../../harness/group.js'
import { inThread } from '../../harness/in-thread.js'
import { PASS } from '../sizes.js'

type Accept = (item: number) => void
type Pass = (size: number, accept: Accept, bound: number, concurrency: number) => Promise<void>

interface TaskQueue {
  readonly name: string
  readonly package: string
  readonly how: string
  readonly pass: Pass
}

const taskQueues: readonly TaskQueue[] = [
  {
    name: 'fastq',
    package: 'fastq',
    how: 'fastq.promise(async worker, concurrency); push() without waiting, drained() when the bound is reached',
    async pass(size, accept, bound, concurrency) {
      const queue = fastq.promise(async (item: number) => accept(item), concurrency)
      for (let i = 0; i < size; i++) {
        void queue.push(i)
        // Counted here: its length() walks the whole list.
        if ((i + 1) % bound === 0) await queue.drained()
      }
      await queue.drained()
    },
  },
  {
    name: 'async',
    package: 'async',
    how: 'queue(async worker, concurrency); pushAsync() is not needed: push(), and drain() when the bound is reached',
    async pass(size, accept, bound, concurrency) {
      const queue = async.queue<number>(async (item: number) => accept(item), concurrency)
      for (let i = 0; i < size; i++) {
        void queue.push(i)
        if ((i + 1) % bound === 0) await queue.drain()
      }
      if (!queue.idle()) await queue.drain()
    },
  },
  {
    name: '@henrygd/queue',
    package: '@henrygd/queue',
    how: 'newQueue(concurrency); add(async task) without waiting, done() when the bound is reached',
    async pass(size, accept, bound, concurrency) {
      const queue = newQueue(concurrency)
      for (let i = 0; i < size; i++) {
        void queue.add(async () => accept(i))
        if ((i + 1) % bound === 0) await queue.done()
      }
      await queue.done()
    },
  },
  {
    name: 'p-queue',
    package: 'p-queue',
    how: 'new PQueue({ concurrency }); add() without waiting, onSizeLessThan(bound) as its readme says',
    async pass(size, accept, bound, concurrency) {
      const queue = new PQueue({ concurrency })
      for (let i = 0; i < size; i++) {
        if (queue.size >= bound) await queue.onSizeLessThan(bound)
        void queue.add(async () => accept(i))
      }
      await queue.onIdle()
    },
  },
]

const described = ({ name, package: packageName, how }: TaskQueue) =>
  ({ name, kind: 'peer', package: packageName, how }) as const

export const pairs = (bound: number): Contender[] =>
  taskQueues.map((one) => ({
    ...described(one),
    run: (items) =>
      inThread(items, PASS, async (size) => {
        const check = new SequenceCheck()
        await one.pass(size, (item) => check.accept(item), bound === 0 ? Number.POSITIVE_INFINITY : bound, 1)
        return { digest: check.digest }
      }),
  }))

export const contended = (concurrency: number): Contender[] =>
  taskQueues.map((one) => ({
    ...described(one),
    run: (items) =>
      inThread(items, PASS, async (size) => {
        const check = new SumCheck()
        await one.pass(size, (item) => check.accept(item), concurrency, concurrency)
        return { digest: check.digest }
      }),
  }))

/** A backlog of tasks, added while nothing can run yet, then run to the end. */
export const backlog = (): Contender[] =>
  taskQueues.map((one) => ({
    ...described(one),
    run: (items) =>
      inThread(items, items, async (size) => {
        const check = new SequenceCheck()
        await one.pass(size, (item) => check.accept(item), Number.POSITIVE_INFINITY, 1)
        return { digest: check.digest }
      }),
  }))
