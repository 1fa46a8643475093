import Denque from 'denque'
import { SequenceCheck } from '../../harness/content.js'
import type { Contender } from '../../harness/group.js'
import { inThread } from '../../harness/in-thread.js'
import { PASS } from '../sizes.js'

/** What iterating costs when there is no queue at all: the floor under every `for await`. */
export const bareIterator = (): Contender => ({
  name: 'bare iterator',
  kind: 'baseline',
  how: 'for await over a hand-written async iterator that counts: no queue, no buffer',
  run: (items) =>
    inThread(items, PASS, async (size) => {
      let at = 0
      const iterator: AsyncIterableIterator<number> = {
        next: () =>
          Promise.resolve(
            at < size ? { value: at++, done: false as const } : { value: undefined, done: true as const },
          ),
        [Symbol.asyncIterator]() {
          return this
        },
      }
      const check = new SequenceCheck()
      const startedAt = performance.now()
      for await (const item of iterator) check.accept(item)
      return { digest: check.digest, timedMs: performance.now() - startedAt }
    }),
})

/** The async generator that a first draft of any queue's iterator would be. */
export const asyncGenerator = (): Contender => ({
  name: 'async generator',
  kind: 'baseline',
  how: 'for await over an async generator that counts',
  run: (items) =>
    inThread(items, PASS, async (size) => {
      async function* count() {
        for (let i = 0; i < size; i++) yield i
      }
      const check = new SequenceCheck()
      const startedAt = performance.now()
      for await (const item of count()) check.accept(item)
      return { digest: check.digest, timedMs: performance.now() - startedAt }
    }),
})

/**
 * denque is a structure without waiting: the coroutines around it are ours, as small as they can be. Its push() is no
 * promise; with `awaited` each is wrapped into one, for a producer that takes turns with its consumer.
 */
export const denquePairs = (awaited: boolean): Contender => ({
  name: awaited ? 'denque, push() awaited' : 'denque',
  kind: 'peer',
  package: 'denque',
  how: `a Denque and one promise for the sleeping consumer; push() ${
    awaited ? 'wrapped into a promise and awaited' : 'without waiting'
  }, each item awaited; no bound, abort, join or shutdown`,
  run: (items) =>
    inThread(items, PASS, async (size) => {
      const buffer = new Denque<number>()
      let wake: ((item: number) => void) | undefined
      const put = (item: number): void => {
        if (wake === undefined) buffer.push(item)
        else {
          const deliver = wake
          wake = undefined
          deliver(item)
        }
      }
      const done = Promise.resolve()
      const putAwaited = (item: number): Promise<void> => {
        put(item)
        return done
      }
      const get = (): Promise<number> =>
        buffer.length > 0
          ? Promise.resolve(buffer.shift()!)
          : new Promise((resolve) => {
              wake = resolve
            })
      const check = new SequenceCheck()
      const produce = awaited
        ? async () => {
            for (let i = 0; i < size; i++) await putAwaited(i)
          }
        : async () => {
            for (let i = 0; i < size; i++) put(i)
          }
      const consume = async () => {
        for (let i = 0; i < size; i++) check.accept(await get())
      }
      await Promise.all([produce(), consume()])
      return { digest: check.digest }
    }),
})

export const denqueBacklog = (): Contender => ({
  name: 'denque',
  kind: 'peer',
  package: 'denque',
  how: 'push() the whole backlog, then shift() with an await after each',
  run: (items) =>
    inThread(items, items, async (size) => {
      const buffer = new Denque<number>()
      for (let i = 0; i < size; i++) buffer.push(i)
      const check = new SequenceCheck()
      const startedAt = performance.now()
      for (let i = 0; i < size; i++) check.accept(await Promise.resolve(buffer.shift()!))
      return { digest: check.digest, timedMs: performance.now() - startedAt }
    }),
})

export const arrayShiftBacklog = (maxItems: number): Contender => ({
  name: 'array.shift()',
  kind: 'baseline',
  how: 'an array, push() and shift() with an await after each: what many queues are underneath',
  maxItems,
  run: (items) =>
    inThread(items, items, async (size) => {
      const buffer: number[] = []
      for (let i = 0; i < size; i++) buffer.push(i)
      const check = new SequenceCheck()
      const startedAt = performance.now()
      for (let i = 0; i < size; i++) check.accept(await Promise.resolve(buffer.shift()!))
      return { digest: check.digest, timedMs: performance.now() - startedAt }
    }),
})
