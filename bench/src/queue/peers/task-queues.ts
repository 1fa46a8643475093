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
  /** Makes a queue; what it returns adds one item, and its promise is fulfilled when the item's task is done. */
  readonly adder: (accept: Accept, concurrency: number) => (item: number) => Promise<unknown>
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
    adder: (accept, concurrency) => {
      const queue = fastq.promise(async (item: number) => accept(item), concurrency)
      return (item) => queue.push(item)
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
    adder: (accept, concurrency) => {
      const queue = async.queue<number>(async (item: number) => accept(item), concurrency)
      return (item) => queue.pushAsync(item)
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
    adder: (accept, concurrency) => {
      const queue = newQueue(concurrency)
      return (item) => queue.add(async () => accept(item))
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
    adder: (accept, concurrency) => {
      const queue = new PQueue({ concurrency })
      return (item) => queue.add(async () => accept(item))
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

/** As many producers as the case has, each awaiting what it adds: a task queue's own way to make a producer wait. */
export const contended = (coroutines: number): Contender[] =>
  taskQueues.map(({ name, package: packageName, adder }) => ({
    name,
    kind: 'peer',
    package: packageName,
    how: `concurrency ${coroutines}; ${coroutines} coroutines await the promise of each item that they add`,
    run: (items) =>
      inThread(items, PASS, async (size) => {
        const check = new SumCheck()
        const add = adder((item) => check.accept(item), coroutines)
        const produce = async (first: number) => {
          for (let i = first; i < size; i += coroutines) await add(i)
        }
        await Promise.all(Array.from({ length: coroutines }, (_, first) => produce(first)))
        return { digest: check.digest }
      }),
  }))

/** The same tasks from one coroutine that awaits once in a hundred items: fewer producers than the case asks for. */
export const contendedFromOne = (concurrency: number): Contender[] =>
  taskQueues.map((one) => ({
    ...described(one),
    name: `${one.name}, one producer`,
    how: `${one.how}; concurrency and bound ${concurrency}`,
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
