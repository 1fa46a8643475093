import { Effect, Fiber, Queue } from 'effect'
import { SequenceCheck, SumCheck } from '../../harness/content.js'
import type { Contender } from '../../harness/group.js'
import { inThread } from '../../harness/in-thread.js'
import type { Measurement } from '../../harness/measurement.js'
import { CONTENDED_BOUND, PASS } from '../sizes.js'

const base = { name: 'effect', kind: 'peer', package: 'effect' } as const

const produce = (queue: Queue.Queue<number>, first: number, size: number, step: number) =>
  Effect.gen(function* () {
    for (let i = first; i < size; i += step) yield* Queue.offer(queue, i)
  })

const consume = (
  queue: Queue.Queue<number>,
  first: number,
  size: number,
  step: number,
  accept: (item: number) => void,
) =>
  Effect.gen(function* () {
    for (let i = first; i < size; i += step) accept(yield* Queue.take(queue))
  })

export const pairs = (bound: number): Contender => ({
  ...base,
  how: `${bound === 0 ? 'Queue.unbounded()' : `Queue.bounded(${bound})`}; offer and take in two fibers of one runPromise`,
  run: (items) =>
    inThread(items, PASS, async (size) => {
      const check = new SequenceCheck()
      await Effect.runPromise(
        Effect.gen(function* () {
          const queue = yield* bound === 0 ? Queue.unbounded<number>() : Queue.bounded<number>(bound)
          const ends = [produce(queue, 0, size, 1), consume(queue, 0, size, 1, (item) => check.accept(item))]
          yield* Effect.all(ends, { concurrency: 'unbounded', discard: true })
        }),
      )
      return { digest: check.digest }
    }),
})

export const contended = (fibers: number): Contender => ({
  ...base,
  how: `Queue.bounded(${CONTENDED_BOUND}); ${fibers} fibers offer, ${fibers} take`,
  run: (items) =>
    inThread(items, PASS, async (size) => {
      const check = new SumCheck()
      await Effect.runPromise(
        Effect.gen(function* () {
          const queue = yield* Queue.bounded<number>(CONTENDED_BOUND)
          const ends = Array.from({ length: fibers }, (_, first) => [
            produce(queue, first, size, fibers),
            consume(queue, first, size, fibers, (item) => check.accept(item)),
          ])
          yield* Effect.all(ends.flat(), { concurrency: 'unbounded', discard: true })
        }),
      )
      return { digest: check.digest }
    }),
})

export const backlog = (): Contender => ({
  ...base,
  how: 'Queue.unbounded(); offerUnsafe() until it is full, then take in one fiber until it is empty',
  run: (items) =>
    inThread(items, items, async (size) => {
      const check = new SequenceCheck()
      const queue = await Effect.runPromise(Queue.unbounded<number>())
      for (let i = 0; i < size; i++) Queue.offerUnsafe(queue, i)
      const startedAt = performance.now()
      await Effect.runPromise(consume(queue, 0, size, 1, (item) => check.accept(item)))
      return { digest: check.digest, timedMs: performance.now() - startedAt }
    }),
})

export const abortStorm = (): Contender => ({
  ...base,
  how: 'fibers that wait in Queue.take, interrupted newest first',
  run: (waiters) => interruptNewestFirst(waiters),
})

async function interruptNewestFirst(waiters: number): Promise<Measurement> {
  const seconds = await Effect.runPromise(
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<number>()
      const fibers: Fiber.Fiber<number>[] = []
      for (let i = 0; i < waiters; i++) fibers.push(yield* Effect.forkChild(Queue.take(queue)))
      yield* Effect.yieldNow
      const startedAt = performance.now()
      for (let i = waiters - 1; i >= 0; i--) yield* Fiber.interrupt(fibers[i]!)
      return (performance.now() - startedAt) / 1000
    }),
  )
  return { value: waiters / seconds, items: waiters, seconds, digest: { count: waiters, sum: 0 } }
}
