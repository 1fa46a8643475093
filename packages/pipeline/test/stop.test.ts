import { setTimeout as sleep } from 'node:timers/promises'
import { Queue, RateLimiter, type WaitOptions } from '@millrace/queue'
import { expect, it } from 'vitest'
import { pipeline } from '../src/index.js'
import { crowd, gate, until } from './waiting.js'

function* forever() {
  for (let i = 0; ; i++) yield i
}

it('break stops every stage, closes the source and leaves no function at work', async () => {
  let closed = false
  const working = crowd()
  async function* source() {
    try {
      yield* forever()
    } finally {
      closed = true
    }
  }
  const work = async (n: number, { signal }: { signal: AbortSignal }) => {
    working.enter()
    try {
      await sleep(n < 3 ? 0 : 60_000, undefined, { signal })
    } finally {
      working.leave()
    }
    return n
  }
  for await (const n of pipeline(source())
    .map(work, { concurrency: 3, ordered: false })
    .map((n) => n))
    if (n === 2) break
  expect({ closed, working: working.now }).toEqual({ closed: true, working: 0 })
})

it('abort rejects with its reason when the functions have stopped', async () => {
  const controller = new AbortController()
  const working = crowd()
  const run = pipeline(forever(), { signal: controller.signal })
    .map(
      async (_, { signal }) => {
        working.enter()
        await sleep(60_000, undefined, { signal }).finally(() => working.leave())
      },
      { concurrency: 4 },
    )
    .run()
  await until(() => working.now === 4)
  controller.abort(new Error('that is enough'))
  await expect(run).rejects.toThrow('that is enough')
  expect(working.now).toBe(0)
})

it('abort during back-off, a rate limit and a full queue ends at once', async () => {
  const controller = new AbortController()
  const failed = gate()
  const run = pipeline(forever())
    .map((n) => n, { rate: { limit: 1, interval: 60_000, burst: 2 } })
    .map(
      () => {
        failed.open()
        throw new Error('again')
      },
      { retry: { attempts: 3, delay: 60_000 } },
    )
    .run({ signal: controller.signal })
  await failed.promise
  controller.abort()
  await expect(run).rejects.toMatchObject({ name: 'AbortError' })
})

it('a stop right after a permission of the rate limit begins no attempt', async () => {
  const controller = new AbortController()
  class Last extends RateLimiter {
    override acquire(options: WaitOptions): Promise<void> {
      const given = super.acquire(options)
      controller.abort()
      return given
    }
  }
  let began = 0
  const run = pipeline([1])
    .map(() => began++, { rate: new Last({ limit: 1, interval: 1 }) })
    .run({ signal: controller.signal })
  await expect(run).rejects.toMatchObject({ name: 'AbortError' })
  expect(began).toBe(0)
})

it('an error stops the other stages and their functions', async () => {
  const working = crowd()
  const run = pipeline(forever())
    .map(
      async (n, { signal }) => {
        if (n === 3) throw new Error('stop here')
        working.enter()
        await sleep(60_000, undefined, { signal }).finally(() => working.leave())
      },
      { concurrency: 4 },
    )
    .run()
  await expect(run).rejects.toThrow('stop here')
  expect(working.now).toBe(0)
})

it('stopping waits for the clean-up of functions, and gives up on those that ignore their signal after the grace', async () => {
  const deaf = gate()
  let cleaned = false
  const run = pipeline([1, 2, 3])
    .map(
      async (n, { signal }) => {
        if (n === 1) await deaf.promise
        else if (n === 3) throw new Error('bad')
        else {
          await sleep(60_000, undefined, { signal }).catch(() => sleep(20))
          cleaned = true
        }
      },
      { concurrency: 3 },
    )
    .run({ grace: 200 })
  await expect(run).rejects.toThrow('bad')
  expect(cleaned).toBe(true)
  deaf.open()
})

it('a signal that is aborted already starts nothing', async () => {
  let taken = 0
  const source = {
    *[Symbol.iterator]() {
      taken++
      yield 1
    },
  }
  await expect(pipeline(source, { signal: AbortSignal.abort('no') }).run()).rejects.toBe('no')
  expect(taken).toBe(0)
})

it('disposal stops a run', async () => {
  const working = crowd()
  const endless = pipeline(forever()).map(async (_, { signal }) => {
    working.enter()
    await sleep(60_000, undefined, { signal }).finally(() => working.leave())
  })
  const run = endless.run()
  await until(() => working.now === 1)
  await endless[Symbol.asyncDispose]()
  expect(working.now).toBe(0)
  expect((await run).state).toBe('stopped')
  await endless[Symbol.asyncDispose]()
})

it('disposal of a pipeline that never ran does nothing', async () => {
  await pipeline([1])[Symbol.asyncDispose]()
})

it('return() of an iteration that has not begun runs nothing', async () => {
  let taken = 0
  const results = pipeline([1])
    .map(() => taken++)
    [Symbol.asyncIterator]()
  expect(await results.return?.('bye')).toEqual({ done: true, value: 'bye' })
  expect(await results.next()).toEqual({ done: true, value: undefined })
  expect(taken).toBe(0)
})

it('a source that is waiting when the run is stopped is told to give up', async () => {
  const queue = new Queue<number>()
  const controller = new AbortController()
  const run = pipeline(queue)
    .map((n) => n)
    .run({ signal: controller.signal, grace: 60_000 })
  await until(() => queue.getting === 1)
  controller.abort()
  await expect(run).rejects.toMatchObject({ name: 'AbortError' })
  expect(queue.getting).toBe(0)
})

it('each item of a queue is marked done when everything made of it has left', async () => {
  const queue = new Queue<number>()
  for (let i = 0; i < 10; i++) queue.putNowait(i)
  queue.shutdown()
  const held = gate()
  const run = pipeline(queue)
    .filter((n) => n !== 1)
    .flatMap((n) => (n === 2 ? [] : [n, n]))
    .map(
      (n) => {
        if (n === 3) throw new Error('skipped')
        return n
      },
      { onError: 'skip', concurrency: 2 },
    )
    .batch({ max: 4 })
    .tap(async (batch) => {
      if (batch.includes(9)) await held.promise
    })
    .run()
  await until(() => queue.unfinishedTasks <= 2)
  expect(queue.unfinishedTasks).toBeGreaterThanOrEqual(1)
  held.open()
  await run
  expect(queue.unfinishedTasks).toBe(0)
  await queue.join()
})

it('a for await body has an item of a queue marked done only when it asks for the next', async () => {
  const queue = new Queue<number>()
  queue.putNowait(1)
  queue.putNowait(2)
  queue.shutdown()
  const seen: number[] = []
  for await (const n of pipeline(queue).map((n) => n)) {
    seen.push(n, queue.unfinishedTasks)
  }
  expect(seen).toEqual([1, 2, 2, 1])
  expect(queue.unfinishedTasks).toBe(0)
})

it('a stop marks what it drops as done, so that nobody waits in join() for ever', async () => {
  const queue = new Queue<number>()
  for (let i = 0; i < 100; i++) queue.putNowait(i)
  for await (const n of pipeline(queue)
    .map((n) => n, { concurrency: 3 })
    .batch({ max: 3, linger: 1 }))
    if (n.includes(4)) break
  expect(queue.unfinishedTasks).toBe(queue.qsize())
})
