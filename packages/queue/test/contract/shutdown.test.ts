import { describe, expect, it } from 'vitest'
import { QueueShutDown } from '../../src/index.js'
import { kinds, waiters } from './kinds.js'
import { isPending, outcome } from './settling.js'

describe.each(kinds)('$title: shutdown', ({ create, leaving }) => {
  it('T080 a shut down empty queue refuses everything but join', async () => {
    const queue = create<number>()
    const got = queue.get()
    queue.shutdown()
    await expect(got).rejects.toBeInstanceOf(QueueShutDown)
    await queue.join()
    await expect(queue.put(1)).rejects.toBeInstanceOf(QueueShutDown)
    await expect(queue.get()).rejects.toBeInstanceOf(QueueShutDown)
    await expect(queue.peek()).rejects.toBeInstanceOf(QueueShutDown)
    await expect(queue.getMany()).rejects.toBeInstanceOf(QueueShutDown)
    await expect(queue.putMany([1])).rejects.toBeInstanceOf(QueueShutDown)
    await expect(queue.reserve()).rejects.toBeInstanceOf(QueueShutDown)
    expect(() => queue.putNowait(1)).toThrow(QueueShutDown)
    expect(() => queue.getNowait()).toThrow(QueueShutDown)
    expect(() => queue.peekNowait()).toThrow(QueueShutDown)
    expect(waiters(queue)).toBe(0)
  })

  it('T081 a shut down queue gives what it holds, refuses puts, and lets join end', async () => {
    const queue = create<number>(1)
    queue.putNowait(1)
    const joined = queue.join()
    const put = queue.put(2)
    queue.shutdown()
    expect(queue.qsize()).toBe(1)
    await expect(put).rejects.toBeInstanceOf(QueueShutDown)
    expect(await queue.get()).toBe(1)
    expect(await isPending(joined)).toBe(true)
    await expect(queue.get()).rejects.toBeInstanceOf(QueueShutDown)
    await expect(queue.put(1)).rejects.toBeInstanceOf(QueueShutDown)
    expect(() => queue.getNowait()).toThrow(QueueShutDown)
    expect(() => queue.putNowait(1)).toThrow(QueueShutDown)
    queue.taskDone()
    await joined
    expect(() => queue.taskDone()).toThrow('taskDone() called too many times')
    expect(waiters(queue)).toBe(0)
  })

  it('T082 an immediate shutdown drops what is there and releases join', async () => {
    const queue = create<number>(1)
    queue.putNowait(1)
    const joined = queue.join()
    const put = queue.put(2)
    queue.shutdown({ immediate: true })
    expect(queue.qsize()).toBe(0)
    await joined
    await expect(put).rejects.toBeInstanceOf(QueueShutDown)
    await expect(queue.get()).rejects.toBeInstanceOf(QueueShutDown)
    await expect(queue.put(1)).rejects.toBeInstanceOf(QueueShutDown)
    expect(() => queue.getNowait()).toThrow(QueueShutDown)
    expect(() => queue.putNowait(1)).toThrow(QueueShutDown)
    expect(() => queue.taskDone()).toThrow(RangeError)
    expect(waiters(queue)).toBe(0)
  })

  it('T083 join waits for the work in progress after an immediate shutdown', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    queue.putNowait(2)
    await queue.get()
    const joined = queue.join()
    queue.shutdown({ immediate: true })
    expect(queue.unfinishedTasks).toBe(1)
    expect(await isPending(joined)).toBe(true)
    queue.taskDone()
    await joined
    expect(() => queue.taskDone()).toThrow(RangeError)
  })

  it('T084 what a shut down queue says of itself', () => {
    const queue = create<number>(2)
    queue.putNowait(1)
    queue.putNowait(2)
    const state = (): unknown => [queue.full(), queue.empty(), queue.qsize(), queue.isShutdown]
    queue.shutdown()
    expect(state()).toEqual([true, false, 2, true])
    expect(() => queue.putNowait(3)).toThrow(QueueShutDown)
    queue.shutdown({ immediate: true })
    expect(state()).toEqual([false, true, 0, true])
    queue.shutdown()
    queue.shutdown({ immediate: true })
    expect(state()).toEqual([false, true, 0, true])
  })

  it('T085 a shutdown rejects all waiting puts in order and changes no count', async () => {
    const queue = create<number>(1)
    queue.putNowait(1)
    const order: number[] = []
    const puts = [0, 1, 2].map((i) => queue.put(i).catch(() => order.push(i)))
    queue.shutdown()
    await Promise.all(puts)
    expect(order).toEqual([0, 1, 2])
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 1, unfinished: 1 })
  })

  it.each([false, true])('T086 a shutdown (immediate: %s) rejects all waiting gets', async (immediate) => {
    const queue = create<number>()
    const gets = [queue.get(), queue.get(), queue.get()]
    queue.shutdown({ immediate })
    for (const each of await Promise.allSettled(gets)) {
      expect((each as PromiseRejectedResult).reason).toBeInstanceOf(QueueShutDown)
    }
    expect(queue.getting).toBe(0)
  })

  it('T087 an item that was handed over survives an immediate shutdown', async () => {
    const queue = create<number>()
    const got = queue.get()
    queue.putNowait(1)
    queue.shutdown({ immediate: true })
    expect(await got).toBe(1)
    expect(queue.unfinishedTasks).toBe(1)
  })

  it('T087b an item that was handed over survives a graceful shutdown', async () => {
    const queue = create<number>()
    const got = queue.get()
    queue.putNowait(1)
    queue.shutdown()
    expect(await got).toBe(1)
    expect(queue.unfinishedTasks).toBe(1)
  })

  it('T088 a put that was admitted survives a shutdown', async () => {
    const queue = create<number>(1)
    queue.putNowait(1)
    const put = queue.put(2)
    queue.getNowait()
    queue.shutdown()
    await put
    expect(await queue.get()).toBe(2)
  })

  it('T089 join does not take a shutdown for the end of the work', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    queue.shutdown()
    await expect(queue.join({ timeout: 5 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
  })

  it('T090 items that were done before they were dropped count once', () => {
    const queue = create<number>()
    queue.putNowait(1)
    queue.putNowait(2)
    queue.taskDone()
    queue.shutdown({ immediate: true })
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 0, unfinished: 0 })
  })

  it('T091 what comes first: an aborted signal, an item, the shutdown, then timeout 0 and a full queue', async () => {
    const queue = create<number>(1)
    queue.putNowait(1)
    queue.shutdown()
    const aborted = { signal: AbortSignal.abort('aborted') }
    expect(await outcome(queue.get(aborted))).toEqual({ state: 'rejected', reason: 'aborted' })
    expect(await outcome(queue.put(2, aborted))).toEqual({ state: 'rejected', reason: 'aborted' })
    await expect(queue.put(2, { timeout: 0 })).rejects.toBeInstanceOf(QueueShutDown)
    expect(() => queue.putNowait(2)).toThrow(QueueShutDown)
    expect(await queue.get({ timeout: 0 })).toBe(1)
    await expect(queue.get({ timeout: 0 })).rejects.toBeInstanceOf(QueueShutDown)
    expect(() => queue.getNowait()).toThrow(QueueShutDown)
  })

  it('T092 of four gets on three items and a shutdown three get items', async () => {
    const queue = create<number>()
    for (const item of [1, 2, 3]) queue.putNowait(item)
    const gets = [queue.get(), queue.get(), queue.get(), queue.get()]
    queue.shutdown()
    const settled = await Promise.allSettled(gets)
    expect(settled.slice(0, 3).map((each) => (each as PromiseFulfilledResult<number>).value)).toEqual(
      leaving([1, 2, 3]),
    )
    expect((settled[3] as PromiseRejectedResult).reason).toBeInstanceOf(QueueShutDown)
  })

  it('T093 shutdown is done when it returns, and returns nothing', () => {
    const queue = create<number>()
    expect(queue.shutdown()).toBeUndefined()
    expect(queue.isShutdown).toBe(true)
  })

  it('T094 a consumer may shut the queue down from what follows its get', async () => {
    const queue = create<number>()
    const first = queue.get().then(() => queue.shutdown())
    const others = [queue.get(), queue.get()]
    queue.putNowait(1)
    await first
    for (const each of await Promise.allSettled(others)) {
      expect((each as PromiseRejectedResult).reason).toBeInstanceOf(QueueShutDown)
    }
  })

  it('T095 each rejected call has an error of its own that names its operation', async () => {
    const queue = create<number>(1)
    const gets = [queue.get(), queue.get()]
    queue.shutdown()
    const errors = (await Promise.allSettled(gets)).map((each) => (each as PromiseRejectedResult).reason as Error)
    expect(errors[0]).not.toBe(errors[1])
    for (const error of errors) {
      expect(error).toMatchObject({ name: 'QueueShutDown', code: 'QUEUE_SHUT_DOWN' })
      expect(error.stack).toContain('get() on ')
    }
  })

  it('T140 a shutdown raises no unhandled rejection of the queue’s own', async () => {
    const seen: unknown[] = []
    const onUnhandled = (reason: unknown): unknown => seen.push(reason)
    process.on('unhandledRejection', onUnhandled)
    const queue = create<number>(1)
    queue.putNowait(0)
    const calls = [
      queue.put(1, { timeout: 1000 }),
      queue.putMany([1, 2]),
      queue.reserve(),
      queue.join({ signal: new AbortController().signal }),
    ]
    const handled = Promise.allSettled(calls)
    queue.shutdown({ immediate: true })
    const late = create<number>()
    const waiting = Promise.allSettled([late.get({ timeout: 1000 }), late.peek(), late.getMany({ min: 2 })])
    const iterator = late[Symbol.asyncIterator]()
    const next = iterator.next()
    late.shutdown()
    await Promise.all([handled, waiting, next])
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('unhandledRejection', onUnhandled)
    expect(seen).toEqual([])
    expect(waiters(queue) + waiters(late)).toBe(0)
  })
})
