import { describe, expect, it } from 'vitest'
import { kinds, waiters } from './kinds.js'
import { isPending, outcome } from './settling.js'

describe.each(kinds)('$title: peek, getMany, putMany', ({ create, leaving }) => {
  it('T124 a peek shows the next item and leaves it', async () => {
    const queue = create<number>()
    expect(() => queue.peekNowait()).toThrow('peekNowait() on')
    const peeked = queue.peek()
    expect(await isPending(peeked)).toBe(true)
    queue.putNowait(1)
    expect(await peeked).toBe(1)
    expect([await queue.peek(), queue.peekNowait()]).toEqual([1, 1])
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 1, unfinished: 1 })
  })

  it('T125 one put serves a waiting peek and a waiting get', async () => {
    const queue = create<number>()
    const [peeked, got] = [queue.peek(), queue.get()]
    queue.putNowait(1)
    expect([await peeked, await got]).toEqual([1, 1])
    expect(queue.qsize()).toBe(0)
    expect(waiters(queue)).toBe(0)
  })

  it('T124 a peek can be given up', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const peeked = queue.peek({ signal: controller.signal })
    controller.abort('no')
    expect(await outcome(peeked)).toEqual({ state: 'rejected', reason: 'no' })
    await expect(queue.peek({ timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    expect(waiters(queue)).toBe(0)
  })

  it('T126 getMany lets waiting puts in as it goes', async () => {
    const queue = create<number>(2)
    const puts = [1, 2, 3, 4].map((item) => queue.put(item))
    const first = await queue.getMany({ max: 3 })
    expect(first).toHaveLength(3)
    await Promise.all(puts)
    const rest = await queue.getMany()
    expect([...first, ...rest].sort()).toEqual([1, 2, 3, 4])
    expect(rest).toHaveLength(1)
  })

  it('T127 getMany waits for one', async () => {
    const queue = create<number>()
    const many = queue.getMany()
    expect(await isPending(many)).toBe(true)
    queue.putNowait(1)
    queue.putNowait(2)
    expect(await many).toEqual([1])
    expect(await queue.getMany()).toEqual([2])
  })

  it('T128 getMany of none, of too few, and at the end', async () => {
    const queue = create<number>()
    expect(await queue.getMany({ min: 0 })).toEqual([])
    await expect(queue.getMany({ min: 3, max: 2 })).rejects.toBeInstanceOf(RangeError)
    await expect(queue.getMany({ max: -1 })).rejects.toBeInstanceOf(RangeError)
    await expect(queue.getMany({ min: 0.5 })).rejects.toBeInstanceOf(RangeError)
    await expect(queue.getMany({ max: '2' as unknown as number })).rejects.toBeInstanceOf(TypeError)
    const partial = queue.getMany({ min: 3 })
    queue.putNowait(1)
    queue.putNowait(2)
    queue.shutdown()
    expect(await partial).toEqual([1, 2])
    await expect(queue.getMany()).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })

  it('T128 what is left at a shutdown is given, too few or not', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    queue.shutdown()
    expect(await queue.getMany({ min: 5 })).toEqual([1])
  })

  it('T128b a timeout gives what has been gathered, or says that nothing was', async () => {
    const queue = create<number>()
    await expect(queue.getMany({ min: 2, timeout: 1 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    const many = queue.getMany({ min: 3, max: 10, timeout: 5 })
    queue.putNowait(1)
    queue.putNowait(2)
    expect(await many).toEqual([1, 2])
    expect(await queue.getMany({ min: 0, timeout: 0 })).toEqual([])
    queue.putNowait(3)
    expect(await queue.getMany({ min: 2, timeout: 0 })).toEqual([3])
    expect(waiters(queue)).toBe(0)
  })

  it('T128b an abort puts what was gathered back at the head, in its order', async () => {
    const queue = create<number>()
    for (const item of [1, 2, 3]) queue.putNowait(item)
    const controller = new AbortController()
    const many = queue.getMany({ min: 5, signal: controller.signal })
    expect(queue.qsize()).toBe(0)
    controller.abort('never mind')
    expect(await outcome(many)).toEqual({ state: 'rejected', reason: 'never mind' })
    expect(queue.unfinishedTasks).toBe(3)
    expect(queue.stats().gets).toBe(0)
    expect(queue.drain()).toEqual(leaving([1, 2, 3]))
  })

  it('T128b what an aborted getMany had goes to the gets behind it first', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const many = queue.getMany({ min: 3, signal: controller.signal })
    const gets = [queue.get(), queue.get()]
    queue.putNowait(1)
    queue.putNowait(2)
    controller.abort('never mind')
    expect((await outcome(many)).state).toBe('rejected')
    expect(await Promise.all(gets)).toEqual([1, 2])
    expect(queue.qsize()).toBe(0)
  })

  it('getMany takes as many as min wants from a waiting batch, and leaves nothing there while it waits', async () => {
    const queue = create<number>(2)
    const batch = queue.putMany([1, 2, 3, 4, 5, 6])
    const many = queue.getMany({ min: 7 })
    expect({ size: queue.qsize(), putting: queue.putting }).toEqual({ size: 0, putting: 0 })
    queue.putNowait(7)
    expect((await many).sort()).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(await batch).toBe(6)
  })

  it('T128b getMany gathers past the limit of the queue, and puts back past it too', async () => {
    const queue = create<number>(1)
    const controller = new AbortController()
    const puts = [1, 2, 3].map((item) => queue.put(item))
    const many = queue.getMany({ min: 5, signal: controller.signal })
    await Promise.all(puts)
    controller.abort('no')
    expect((await outcome(many)).state).toBe('rejected')
    expect({ size: queue.qsize(), full: queue.full() }).toEqual({ size: 3, full: true })
    expect(queue.drain().sort()).toEqual([1, 2, 3])
  })

  it('T134 an aborted putMany withdraws what is not in yet and says how much is', async () => {
    const queue = create<number>(2)
    const controller = new AbortController()
    const batch = queue.putMany([1, 2, 3, 4], { signal: controller.signal })
    expect(await isPending(batch)).toBe(true)
    controller.abort('enough')
    expect(await batch).toBe(2)
    expect({ size: queue.qsize(), putting: queue.putting, unfinished: queue.unfinishedTasks }).toEqual({
      size: 2,
      putting: 0,
      unfinished: 2,
    })
  })

  it('T134 a putMany that had nothing in yet rejects as a put does', async () => {
    const queue = create<number>(1)
    queue.putNowait(0)
    const controller = new AbortController()
    const aborted = queue.putMany([1], { signal: controller.signal })
    controller.abort('enough')
    expect(await outcome(aborted)).toEqual({ state: 'rejected', reason: 'enough' })
    await expect(queue.putMany([1], { timeout: 1 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(queue.putMany([1], { timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    queue.getNowait()
    expect(await queue.putMany([1, 2], { timeout: 0 })).toBe(1)
    const cut = queue.putMany([3])
    queue.shutdown()
    await expect(cut).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })

  it('T134 no other put gets in between the items of a waiting batch', async () => {
    const queue = create<number>(1)
    const batch = queue.putMany([1, 2, 3])
    const late = queue.put(4)
    const seen: number[] = []
    for (let i = 0; i < 4; i++) seen.push(await queue.get())
    expect(seen).toEqual([1, 2, 3, 4])
    expect(await batch).toBe(3)
    await late
  })

  it('T124 a peek sees what an aborted getMany gives back', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const batch = queue.getMany({ min: 2, signal: controller.signal })
    queue.putNowait(1)
    const peeked = queue.peek()
    controller.abort('no')
    await expect(batch).rejects.toBe('no')
    expect(await outcome(peeked)).toEqual({ state: 'fulfilled', value: 1 })
    expect(waiters(queue)).toBe(0)
  })

  it('putMany puts all that an iterable gives, and counts it', async () => {
    const queue = create<number>()
    expect(await queue.putMany(new Set([1, 2, 3]))).toBe(3)
    expect(await queue.putMany([])).toBe(0)
    expect(queue.qsize()).toBe(3)
    await expect(queue.putMany(5 as unknown as number[])).rejects.toBeInstanceOf(TypeError)
  })

  it('putMany takes from an async iterable as room comes', async () => {
    const queue = create<number>(1)
    let given = 0
    async function* source(): AsyncGenerator<number> {
      while (given < 5) yield given++
    }
    const batch = queue.putMany(source())
    const seen: number[] = []
    while (seen.length < 5) {
      seen.push(await queue.get())
      expect(given - seen.length).toBeLessThanOrEqual(2)
    }
    expect(seen).toEqual([0, 1, 2, 3, 4])
    expect(await batch).toBe(5)
  })

  it('a putMany that is cut short closes what it was taking from', async () => {
    for (const kind of ['sync', 'async']) {
      const queue = create<number>(1)
      let closed = false
      function* numbers(): Generator<number> {
        try {
          for (let i = 0; ; i++) yield i
        } finally {
          closed = true
        }
      }
      async function* later(): AsyncGenerator<number> {
        yield* numbers()
      }
      const controller = new AbortController()
      const batch = queue.putMany(kind === 'sync' ? numbers() : later(), { signal: controller.signal })
      await isPending(batch)
      controller.abort('enough')
      expect(await batch).toBe(1)
      await isPending(batch)
      expect(closed).toBe(true)
      expect(waiters(queue)).toBe(0)
    }
  })

  it('a putMany of a source that never answers ends with its signal and with the queue', async () => {
    const silent: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    }
    const queue = create<number>()
    const controller = new AbortController()
    const aborted = queue.putMany(silent, { signal: controller.signal })
    controller.abort('enough')
    expect(await outcome(aborted)).toEqual({ state: 'rejected', reason: 'enough' })
    await expect(queue.putMany(silent, { timeout: 1 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    const ended = queue.putMany(silent)
    queue.shutdown()
    await expect(ended).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })

  it('a putMany that is aborted as an item arrives asks its source for no other', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    let steps = 0
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => (++steps === 1 ? Promise.resolve({ done: false, value: 1 }) : Promise.reject(new Error('aborted'))),
      }),
    }
    const batch = queue.putMany(source, { signal: controller.signal })
    // One microtask: the item has come, and the call has not gone on with it.
    await null
    controller.abort('enough')
    const settled = await outcome(batch)
    // The error of a second step would be one that nobody handles.
    expect({ settled, steps }).toEqual({ settled: { state: 'fulfilled', value: 1 }, steps: 1 })
  })

  it('a source that throws as it is closed does not replace the result of putMany', async () => {
    const queue = create<number>(1)
    const controller = new AbortController()
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 1 }),
        return: () => {
          throw new Error('no')
        },
      }),
    }
    const batch = queue.putMany(source, { signal: controller.signal })
    expect(await isPending(batch)).toBe(true)
    controller.abort('enough')
    expect(await batch).toBe(1)
  })

  it('what an iterable throws comes out of putMany, and what is in stays in', async () => {
    function* failing(): Generator<number> {
      yield 1
      throw new Error('source')
    }
    async function* failingLater(): AsyncGenerator<number> {
      yield* failing()
    }
    const queue = create<number>()
    await expect(queue.putMany(failing())).rejects.toThrow('source')
    await expect(queue.putMany(failingLater())).rejects.toThrow('source')
    expect(queue.qsize()).toBe(2)
    const full = create<number>(1)
    const waiting = full.putMany(
      (function* () {
        yield 1
        yield 2
        throw new Error('source')
      })(),
    )
    expect(full.getNowait()).toBe(1)
    await expect(waiting).rejects.toThrow('source')
    expect(full.drain()).toEqual([2])
  })

  it('an endless batch that waits makes neither drain() nor getMany() endless', async () => {
    const queue = create<number>(2)
    function* endless(): Generator<number> {
      for (let i = 0; ; i++) yield i
    }
    const controller = new AbortController()
    const batch = queue.putMany(endless(), { signal: controller.signal })
    expect(queue.drain()).toHaveLength(3)
    expect(await queue.getMany()).toHaveLength(3)
    controller.abort()
    expect(await batch).toBeGreaterThan(5)
  })
})
