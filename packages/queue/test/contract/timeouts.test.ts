import { afterEach, describe, expect, it, vi } from 'vitest'
import { kinds, waiters } from './kinds.js'
import { isPending, outcome } from './settling.js'

const TIMED_OUT = { name: 'TimeoutError', code: 'QUEUE_TIMEOUT' }

afterEach(() => {
  vi.useRealTimers()
})

describe.each(kinds)('$title: timeouts', ({ create }) => {
  it('T060 a get times out, not before its time, and leaves', async () => {
    const queue = create<number>()
    const startedAt = performance.now()
    await expect(queue.get({ timeout: 30 })).rejects.toMatchObject(TIMED_OUT)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29)
    expect(queue.getting).toBe(0)
  })

  it('T061 a put times out and has put nothing', async () => {
    const queue = create<number>(1)
    queue.putNowait(1)
    await expect(queue.put(2, { timeout: 5 })).rejects.toMatchObject(TIMED_OUT)
    expect({ size: queue.qsize(), putting: queue.putting, unfinished: queue.unfinishedTasks }).toEqual({
      size: 1,
      putting: 0,
      unfinished: 1,
    })
    expect(queue.getNowait()).toBe(1)
    expect(queue.empty()).toBe(true)
  })

  it('T062 an item in time clears the timer', async () => {
    vi.useFakeTimers()
    const queue = create<number>()
    const got = queue.get({ timeout: 60 })
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(10)
    queue.putNowait(1)
    expect(await got).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('T063 timeout 0 tries once and never waits', async () => {
    const queue = create<number>(1)
    const empty = queue.get({ timeout: 0 })
    expect(queue.getting).toBe(0)
    await expect(empty).rejects.toMatchObject(TIMED_OUT)
    await queue.put(1, { timeout: 0 })
    const full = queue.put(2, { timeout: 0 })
    expect(queue.putting).toBe(0)
    await expect(full).rejects.toMatchObject(TIMED_OUT)
    await expect(queue.join({ timeout: 0 })).rejects.toMatchObject(TIMED_OUT)
    expect(await queue.get({ timeout: 0 })).toBe(1)
    queue.taskDone()
    expect(await queue.join({ timeout: 0 })).toBeUndefined()
  })

  it.each([
    [-1, RangeError],
    [Number.NaN, TypeError],
    ['5', TypeError],
    [null, TypeError],
  ])('T064 a timeout of %j is refused and touches nothing', async (timeout, Class) => {
    const queue = create<number>(1)
    queue.putNowait(1)
    const options = { timeout: timeout as number }
    await expect(queue.get(options)).rejects.toBeInstanceOf(Class)
    await expect(queue.put(2, options)).rejects.toBeInstanceOf(Class)
    await expect(queue.join(options)).rejects.toBeInstanceOf(Class)
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 1, unfinished: 1 })
    expect(waiters(queue)).toBe(0)
  })

  it.each([2 ** 31, Number.POSITIVE_INFINITY])('T065 a timeout of %d ms does not fire early', async (timeout) => {
    const queue = create<number>()
    const controller = new AbortController()
    const got = queue.get({ timeout, signal: controller.signal })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await isPending(got)).toBe(true)
    controller.abort('enough')
    await expect(got).rejects.toBe('enough')
  })

  it('T065 a timeout longer than a platform timer fires when its time has come', async () => {
    vi.useFakeTimers()
    const queue = create<number>()
    const got = queue.get({ timeout: 2 ** 31 + 1000 })
    const seen = vi.fn()
    got.catch(seen)
    await vi.advanceTimersByTimeAsync(2 ** 31 + 999)
    expect(seen).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(seen).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('T066 of timeout and signal the first wins and the other is let go', async () => {
    vi.useFakeTimers()
    const queue = create<number>()
    const controller = new AbortController()
    const aborted = queue.get({ timeout: 50, signal: controller.signal })
    controller.abort('first')
    await expect(aborted).rejects.toBe('first')
    expect(vi.getTimerCount()).toBe(0)
    const other = new AbortController()
    const removed = vi.spyOn(other.signal, 'removeEventListener')
    const late = queue.get({ timeout: 50, signal: other.signal })
    const timedOut = expect(late).rejects.toMatchObject(TIMED_OUT)
    await vi.advanceTimersByTimeAsync(50)
    await timedOut
    expect(removed).toHaveBeenCalledOnce()
    expect(waiters(queue)).toBe(0)
  })

  it('T067 a get that timed out leaves no ghost that swallows the next item', async () => {
    const queue = create<number>()
    await expect(queue.get({ timeout: 1 })).rejects.toMatchObject(TIMED_OUT)
    await queue.put(42)
    expect(await queue.get()).toBe(42)
  })

  it('T068 a waiter that others are served before keeps its deadline', async () => {
    vi.useFakeTimers()
    const queue = create<number>()
    const others = Array.from({ length: 3 }, () => queue.get())
    const last = queue.get({ timeout: 40 })
    const seen = vi.fn()
    last.catch(seen)
    for (const other of others) {
      await vi.advanceTimersByTimeAsync(10)
      queue.putNowait(1)
      await other
    }
    await vi.advanceTimersByTimeAsync(9)
    expect(seen).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(seen).toHaveBeenCalledOnce()
  })

  it.each([1, 2, 30])(
    'T069 a faked setTimeout fires a timeout of %d ms, even while the real clock stands',
    async (timeout) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const queue = create<number>()
      const got = queue.get({ timeout })
      const seen = expect(got).rejects.toMatchObject(TIMED_OUT)
      vi.advanceTimersByTime(timeout)
      await seen
    },
  )

  it('T076 a join that is aborted or times out changes no count', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    await expect(queue.join({ timeout: 1 })).rejects.toMatchObject(TIMED_OUT)
    expect({ joining: queue.joining, unfinished: queue.unfinishedTasks }).toEqual({ joining: 0, unfinished: 1 })
    const controller = new AbortController()
    const joined = queue.join({ signal: controller.signal })
    controller.abort('no')
    expect(await outcome(joined)).toEqual({ state: 'rejected', reason: 'no' })
    expect({ joining: queue.joining, unfinished: queue.unfinishedTasks }).toEqual({ joining: 0, unfinished: 1 })
  })

  it('T153 the error of a timeout names the operation, the queue and the limit', async () => {
    const queue = create<number>({ name: 'jobs' })
    const error = await queue.get({ timeout: 1 }).catch((reason: Error) => reason)
    expect(error).toBeInstanceOf(Error)
    expect((error as Error).message).toMatch(/^get\(\) on \w*Queue "jobs" was not served within 1 ms$/)
    expect((error as { queue?: string }).queue).toBe('jobs')
  })
})

it('a real timer that fires a fraction early is armed again', async () => {
  vi.useFakeTimers()
  const queue = kinds[0].create<number>()
  const seen = vi.fn()
  queue.get({ timeout: 30 }).catch(seen)
  // When the timer fires, the clock is half a millisecond behind it.
  const armedAt = performance.now()
  const now = vi.spyOn(performance, 'now').mockReturnValue(armedAt + 29.5)
  await vi.advanceTimersByTimeAsync(30)
  expect(seen).not.toHaveBeenCalled()
  now.mockReturnValue(armedAt + 30.5)
  await vi.advanceTimersByTimeAsync(1)
  expect(seen).toHaveBeenCalledOnce()
})
