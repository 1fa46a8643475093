import { SequenceCheck, SumCheck } from '../../harness/content.js'
import type { Contender } from '../../harness/group.js'
import { inThread } from '../../harness/in-thread.js'
import type { Subject } from '../../harness/subject.js'
import { CONTENDED_BOUND, PASS } from '../sizes.js'

export function pairs({ queue: { Queue } }: Subject, maxsize: number): Contender {
  return {
    name: 'millrace',
    kind: 'subject',
    how: `new Queue(${maxsize}); one coroutine awaits put(), another awaits get()`,
    run: (items) =>
      inThread(items, PASS, async (size) => {
        const queue = new Queue<number>(maxsize)
        const check = new SequenceCheck()
        const produce = async () => {
          for (let i = 0; i < size; i++) await queue.put(i)
        }
        const consume = async () => {
          for (let i = 0; i < size; i++) check.accept(await queue.get())
        }
        await Promise.all([produce(), consume()])
        return { digest: check.digest }
      }),
  }
}

/**
 * As the peers are used whose put is no promise to wait for: nothing is awaited until the bound is reached, then until
 * the queue is empty, which is what drained() and done() wait for. Awaiting put() at the bound would be another thing: a
 * queue that is full stays full, and each item from then on waits for its own slot.
 */
export function pairsNowait({ queue: { Queue } }: Subject, maxsize: number): Contender {
  const bounded = maxsize > 0
  return {
    name: 'millrace, putNowait()',
    kind: 'subject',
    how: bounded
      ? `new Queue({ maxsize: ${maxsize}, lowWater: 0 }); putNowait(), and await resumed() when it is paused; another coroutine awaits get()`
      : 'new Queue(); putNowait(), nothing awaited; another coroutine awaits get()',
    run: (items) =>
      inThread(items, PASS, async (size) => {
        const queue = bounded ? new Queue<number>({ maxsize, lowWater: 0 }) : new Queue<number>()
        const check = new SequenceCheck()
        const produce = bounded
          ? async () => {
              for (let i = 0; i < size; i++) {
                if (queue.paused) await queue.resumed()
                queue.putNowait(i)
              }
            }
          : async () => {
              for (let i = 0; i < size; i++) queue.putNowait(i)
            }
        const consume = async () => {
          for (let i = 0; i < size; i++) check.accept(await queue.get())
        }
        await Promise.all([produce(), consume()])
        return { digest: check.digest }
      }),
  }
}

export function contended({ queue: { Queue } }: Subject, coroutines: number): Contender {
  return {
    name: 'millrace',
    kind: 'subject',
    how: `new Queue(${CONTENDED_BOUND}); ${coroutines} coroutines await put(), ${coroutines} await get()`,
    run: (items) =>
      inThread(items, PASS, async (size) => {
        const queue = new Queue<number>(CONTENDED_BOUND)
        const check = new SumCheck()
        const produce = async (first: number) => {
          for (let i = first; i < size; i += coroutines) await queue.put(i)
        }
        const consume = async (first: number) => {
          for (let i = first; i < size; i += coroutines) check.accept(await queue.get())
        }
        const ends = Array.from({ length: coroutines }, (_, first) => [produce(first), consume(first)])
        await Promise.all(ends.flat())
        return { digest: check.digest }
      }),
  }
}

export function backlog({ queue: { Queue } }: Subject, depth: number, name: string): Contender {
  return {
    name,
    kind: 'subject',
    how: `putNowait() ${depth.toLocaleString('en')} deep, then await get() until it is empty; only the draining is timed`,
    run: (items) =>
      inThread(items, Math.min(depth, items), async (size) => {
        const queue = new Queue<number>()
        for (let i = 0; i < size; i++) queue.putNowait(i)
        const check = new SequenceCheck()
        const startedAt = performance.now()
        for (let i = 0; i < size; i++) check.accept(await queue.get())
        return { digest: check.digest, timedMs: performance.now() - startedAt }
      }),
  }
}

export type Take = 'for await' | 'batches()'

/** A queue that holds one pass and is shut down, so that the loop ends by itself. */
export function iterate({ queue: { Queue } }: Subject, take: Take): Contender {
  return {
    name: `millrace ${take}`,
    kind: 'subject',
    how: `a filled Queue that was shut down, read by ${take === 'for await' ? take : 'for await over batches()'}`,
    run: (items) =>
      inThread(items, PASS, async (size) => {
        const queue = new Queue<number>()
        for (let i = 0; i < size; i++) queue.putNowait(i)
        queue.shutdown()
        const check = new SequenceCheck()
        const startedAt = performance.now()
        if (take === 'for await') {
          for await (const item of queue) check.accept(item)
        } else {
          for await (const batch of queue.batches()) for (const item of batch) check.accept(item)
        }
        return { digest: check.digest, timedMs: performance.now() - startedAt }
      }),
  }
}
