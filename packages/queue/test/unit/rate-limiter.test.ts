import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RateLimiter, type RateLimiterOptions } from '../../src/index.js'

/** The most that fall into any stretch of `length`, both ends included. */
function mostInAny(length: number, times: readonly number[]): number {
  let most = 0
  for (const start of times) {
    // Half a microsecond of slack: the times are sums of fractions.
    most = Math.max(most, times.filter((time) => time >= start && time <= start + length - 5e-4).length)
  }
  return most
}

describe('RateLimiter', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  async function run(limiter: RateLimiter, count: number, weight = 1): Promise<number[]> {
    const times: number[] = []
    const startedAt = performance.now()
    const all = Array.from({ length: count }, () =>
      limiter.acquire({ weight }).then(() => times.push(performance.now() - startedAt)),
    )
    await vi.runAllTimersAsync()
    await Promise.all(all)
    return times
  }

  it.each([
    { limit: 10, interval: 1000, burst: 1 },
    { limit: 10, interval: 1000, burst: 5 },
    { limit: 3, interval: 100, burst: 7 },
    { limit: 7, interval: 1000, burst: 1 },
  ])('never gives more than burst + limit in any interval, and no less than the rate: %o', async (options) => {
    const times = await run(new RateLimiter(options), 60)
    expect(times).toHaveLength(60)
    expect(mostInAny(options.interval, times)).toBeLessThanOrEqual(options.burst + options.limit)
    // A faked clock ticks in whole milliseconds, so that each timer is up to one late; no more than one in all is lost.
    const expected = ((60 - options.burst) * options.interval) / options.limit
    expect(times[59]).toBeGreaterThanOrEqual(expected - 1e-3)
    expect(times[59]).toBeLessThanOrEqual(expected + 2)
  })

  it('gives permissions that were saved up at once, and never more than burst', async () => {
    const limiter = new RateLimiter({ limit: 10, interval: 1000, burst: 3 })
    await vi.advanceTimersByTimeAsync(60_000)
    expect([1, 2, 3, 4].map(() => limiter.tryAcquire())).toEqual([true, true, true, false])
    await vi.advanceTimersByTimeAsync(100)
    expect([limiter.tryAcquire(), limiter.tryAcquire()]).toEqual([true, false])
  })

  it('spaces evenly by default', async () => {
    expect(await run(new RateLimiter({ limit: 10, interval: 1000 }), 4)).toEqual([0, 100, 200, 300])
  })

  it('saves up a few milliseconds’ worth by default where no timer is fine enough', async () => {
    const times = await run(new RateLimiter({ limit: 10_000, interval: 1000 }), 1000)
    expect(times[999]).toBeLessThanOrEqual(110)
    expect(mostInAny(1000, times)).toBeLessThanOrEqual(10_050)
  })

  it('does not drift when timers are late', async () => {
    const limiter = new RateLimiter({ limit: 100, interval: 1000 })
    const startedAt = performance.now()
    const real = globalThis.setTimeout
    // Each timer is 4 ms late.
    globalThis.setTimeout = ((callback: (deadline: unknown) => void, delay: number, deadline: unknown) =>
      real(callback, delay + 4, deadline)) as typeof setTimeout
    const all = Array.from({ length: 101 }, () => limiter.acquire())
    await vi.runAllTimersAsync()
    await Promise.all(all)
    globalThis.setTimeout = real
    expect(performance.now() - startedAt).toBeLessThanOrEqual(1010)
  })

  it.each([
    { limit: 10, burst: 1, weights: [1] },
    { limit: 10, burst: 1.5, weights: [1] },
    { limit: 10, burst: 1, weights: [0.1] },
    { limit: 10, burst: 2, weights: [1, 1, 1, 1, 1, 1, 1, 0.25] },
  ])('a late timer brings no more into any interval: %o', async ({ limit, burst, weights }) => {
    const limiter = new RateLimiter({ limit, interval: 1000, burst })
    const real = globalThis.setTimeout
    let timers = 0
    // One is late, by more than a permission takes to come.
    globalThis.setTimeout = ((callback: (deadline: unknown) => void, delay: number, deadline: unknown) =>
      real(callback, delay + (timers++ === 3 ? 200 : 0), deadline)) as typeof setTimeout
    const given: { time: number; weight: number }[] = []
    const all = Array.from({ length: 300 }, (_, i) => {
      const weight = weights[i % weights.length]
      return limiter.acquire({ weight }).then(() => given.push({ time: performance.now(), weight }))
    })
    await vi.runAllTimersAsync()
    await Promise.all(all)
    globalThis.setTimeout = real
    for (const { time: start } of given) {
      const within = given.filter(({ time }) => time >= start && time <= start + 1000 - 5e-4)
      expect(within.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(burst + limit + 1e-9)
    }
  })

  it('serves in turn: tryAcquire does not overtake, and a heavy request is not starved by light ones', async () => {
    const limiter = new RateLimiter({ limit: 10, interval: 1000, burst: 4 })
    expect(limiter.tryAcquire(4)).toBe(true)
    const order: string[] = []
    const heavy = limiter.acquire({ weight: 4 }).then(() => order.push('heavy'))
    const light = limiter.acquire().then(() => order.push('light'))
    await vi.advanceTimersByTimeAsync(200)
    expect(limiter.tryAcquire()).toBe(false)
    await vi.runAllTimersAsync()
    await Promise.all([heavy, light])
    expect(order).toEqual(['heavy', 'light'])
  })

  it('a request that is given up uses nothing and holds nobody back', async () => {
    const limiter = new RateLimiter({ limit: 10, interval: 1000, burst: 10 })
    limiter.tryAcquire(10)
    const controller = new AbortController()
    const heavy = limiter.acquire({ weight: 10, signal: controller.signal })
    const light = limiter.acquire()
    await vi.advanceTimersByTimeAsync(100)
    expect(limiter.acquiring).toBe(2)
    controller.abort('no')
    await expect(heavy).rejects.toBe('no')
    await light
    expect(vi.getTimerCount()).toBe(0)
    const late = limiter.acquire({ timeout: 5 })
    const timedOut = expect(late).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await vi.advanceTimersByTimeAsync(5)
    await timedOut
    expect({ timers: vi.getTimerCount(), acquiring: limiter.acquiring }).toEqual({ timers: 0, acquiring: 0 })
  })

  it('twenty thousand requests under one signal all end with it', async () => {
    const limiter = new RateLimiter({ limit: 1, interval: 1000 })
    const controller = new AbortController()
    const { signal } = controller
    const all = Array.from({ length: 20_000 }, () => limiter.acquire({ signal }))
    controller.abort('no')
    const settled = await Promise.allSettled(all)
    // The first found its permission there.
    expect(settled.filter((each) => each.status === 'rejected' && each.reason === 'no')).toHaveLength(19_999)
    expect({ timers: vi.getTimerCount(), acquiring: limiter.acquiring }).toEqual({ timers: 0, acquiring: 0 })
  })

  it('timeout 0 takes what is there or nothing', async () => {
    const limiter = new RateLimiter({ limit: 1, interval: 1000 })
    await limiter.acquire({ timeout: 0 })
    await expect(limiter.acquire({ timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(limiter.acquire({ signal: AbortSignal.abort('early') })).rejects.toBe('early')
  })

  it('refuses what can never be', async () => {
    expect(() => new RateLimiter({ limit: 0, interval: 1 })).toThrow(RangeError)
    expect(() => new RateLimiter({ limit: 1, interval: -1 })).toThrow(RangeError)
    expect(() => new RateLimiter({ limit: Number.NaN, interval: 1 })).toThrow(TypeError)
    expect(() => new RateLimiter({ limit: 1, interval: 1, burst: -1 })).toThrow(RangeError)
    for (const options of [undefined, 10, { limit: 1, interval: 1, brust: 2 }]) {
      const refusal = expect.objectContaining({ name: 'TypeError', code: 'INVALID_OPTION' })
      expect(() => new RateLimiter(options as RateLimiterOptions)).toThrow(refusal)
    }
    const limiter = new RateLimiter({ limit: 1, interval: 1, burst: 2 })
    await expect(limiter.acquire({ weight: 3 })).rejects.toThrow('expected weight to be at most burst 2')
    await expect(limiter.acquire({ weight: 0 })).rejects.toBeInstanceOf(RangeError)
    expect(() => limiter.tryAcquire(3)).toThrow(RangeError)
  })
})

it('gives nothing before its time on the real clock', async () => {
  const limiter = new RateLimiter({ limit: 5, interval: 50, burst: 2 })
  const startedAt = performance.now()
  for (let i = 0; i < 15; i++) await limiter.acquire()
  // Two at once, the other thirteen 10 ms apart; a rounding error of the clock's own is all that may be missing.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(130 - 1e-3)
})
