import { setTimeout as sleep } from 'node:timers/promises'
import { RateLimiter } from '@millrace/queue'
import { expect, it } from 'vitest'
import { pipeline, StageTimeout } from '../src/index.js'
import { gate } from './waiting.js'

it('retry tries an item again until it succeeds and counts the attempts', async () => {
  const calls: number[] = []
  const flaky = pipeline([1]).map(
    (n, { attempt }) => {
      calls.push(attempt)
      if (attempt < 3) throw new TypeError('not yet')
      return n
    },
    { retry: { attempts: 3, delay: 1 } },
  )
  expect(await flaky.toArray()).toEqual([1])
  expect(calls).toEqual([1, 2, 3])
  expect(flaky.stats().stages[0]).toMatchObject({ in: 1, out: 1, retried: 2, failed: 0 })
})

it('an item that never succeeds fails with its last error and all its attempts', async () => {
  const report = await pipeline(['x'])
    .map('never', (_, { attempt }) => Promise.reject(`attempt ${attempt}`), { retry: { attempts: 4, delay: 0 } })
    .run({ onError: 'collect' })
  expect(report.failures).toEqual([{ stage: 'never', index: 0, input: 'x', error: 'attempt 4', attempts: 4 }])
})

it('retryIf decides which errors deserve another attempt', async () => {
  const report = await pipeline([404, 503])
    .map((status) => Promise.reject({ status }), {
      retry: { attempts: 3, delay: 0, retryIf: (error) => (error as { status: number }).status >= 500 },
    })
    .run({ onError: 'collect' })
  expect(report.failures.map(({ input, attempts }) => [input, attempts])).toEqual([
    [404, 1],
    [503, 3],
  ])
})

it('the waits between attempts grow by the factor', async () => {
  const at: number[] = []
  await pipeline([1])
    .map(
      (_, { attempt }) => {
        at.push(performance.now())
        if (attempt < 4) throw new Error('again')
        return null
      },
      { retry: { attempts: 4, delay: 10, factor: 3, jitter: false } },
    )
    .run()
  const waits = at.slice(1).map((t, i) => t - at[i])
  // Timers may be a millisecond early by this clock, and any time late.
  expect(waits[0]).toBeGreaterThan(8)
  expect(waits[1]).toBeGreaterThan(28)
  expect(waits[2]).toBeGreaterThan(88)
})

it('a generator that is retried leaves no result of its failed attempts behind', async () => {
  const results = await pipeline([1])
    .flatMap(
      async function* (_, { attempt }) {
        yield `${attempt}a`
        if (attempt === 1) throw new Error('half-way')
        yield `${attempt}b`
      },
      { retry: { attempts: 2, delay: 0 } },
    )
    .toArray()
  expect(results).toEqual(['2a', '2b'])
})

it('timeout fails the attempt with STAGE_TIMEOUT and aborts its signal with the same error', async () => {
  let reason: unknown
  const report = await pipeline([1])
    .map(
      'slow',
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason
            reject(signal.reason)
          })
        }),
      { timeout: 10 },
    )
    .run({ onError: 'collect' })
  const [{ error }] = report.failures
  expect(error).toBeInstanceOf(StageTimeout)
  expect(error).toMatchObject({ name: 'TimeoutError', code: 'STAGE_TIMEOUT', stage: 'slow', timeout: 10 })
  expect(reason).toBe(error)
})

it('each attempt has the whole timeout, and a timeout can be retried', async () => {
  const never = gate()
  const results = await pipeline([1])
    .map((n, { attempt }) => (attempt < 3 ? never.promise.then(() => n) : n), {
      timeout: 15,
      retry: { attempts: 3, delay: 0 },
    })
    .toArray()
  expect(results).toEqual([1])
})

it('rate lets at most burst + limit attempts start in an interval', async () => {
  const at: number[] = []
  await pipeline(Array.from({ length: 12 }, (_, i) => i))
    .map(() => at.push(performance.now()), { concurrency: 12, rate: { limit: 4, interval: 50, burst: 4 } })
    .run()
  for (const start of at) expect(at.filter((t) => t >= start && t < start + 45).length).toBeLessThanOrEqual(8)
  expect(at.at(-1)! - at[0]).toBeGreaterThan(90)
})

it('one limiter can be shared by several stages', async () => {
  const rate = new RateLimiter({ limit: 2, interval: 20, burst: 1 })
  const startedAt = performance.now()
  await pipeline([1, 2, 3])
    .map((n) => n, { rate })
    .map((n) => n, { rate })
    .run()
  expect(performance.now() - startedAt).toBeGreaterThan(45)
})

it('a failing item gives its place to the next one while it waits for its retry only if others are free', async () => {
  const order: string[] = []
  await pipeline(['flaky', 'good'])
    .map(
      async (name, { attempt }) => {
        if (name === 'flaky' && attempt === 1) throw new Error('once')
        await sleep(0)
        order.push(name)
      },
      { concurrency: 2, ordered: false, retry: { attempts: 2, delay: 20 } },
    )
    .run()
  expect(order).toEqual(['good', 'flaky'])
})
