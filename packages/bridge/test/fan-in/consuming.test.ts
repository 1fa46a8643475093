import { describe, expect, test } from 'vitest'
import { bytes } from '../../src/index.js'
import { localQueue, turn } from '../fixtures/local.js'

describe('get()', () => {
  test('aborted or timed out leaves the ring as it was; the next get gets the item (T243)', async () => {
    const { queue, producer } = localQueue<number>()
    const controller = new AbortController()
    const first = queue.get({ signal: controller.signal })
    const second = queue.get()
    controller.abort('enough')
    await expect(first).rejects.toBe('enough')
    await expect(queue.get({ timeout: 5 })).rejects.toMatchObject({ name: 'TimeoutError' })
    await expect(queue.get({ timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    producer.putNowait(1)
    expect(await second).toBe(1)
    producer.putNowait(2)
    await expect(queue.get({ signal: AbortSignal.abort('early') })).rejects.toBe('early')
    expect(await queue.get({ timeout: 0 })).toBe(2)
  })

  test('waiting gets are served in their order, and nobody takes what they wait for', async () => {
    const { queue, producer } = localQueue<number>()
    const gets = [queue.get(), queue.get(), queue.get()]
    await turn()
    for (const item of [1, 2, 3, 4]) producer.putNowait(item)
    expect(queue.getNowait()).toBe(4)
    expect(await Promise.all(gets)).toEqual([1, 2, 3])
  })

  test('getNowait() serves who waits first even when the budget of the loop is spent', async () => {
    const { queue, producer } = localQueue<number>({ yieldAfter: 0 })
    const gets = [queue.get(), queue.get()]
    await turn()
    for (const item of [1, 2, 3]) producer.putNowait(item)
    expect(queue.getNowait()).toBe(3)
    expect(await Promise.all(gets)).toEqual([1, 2])
  })

  test('finds an item by itself, before any notification could come (T239)', async () => {
    const { queue, producer } = localQueue<number>()
    producer.putNowait(1)
    // A stretch of service of its own: what came before may have spent the budget of the last one.
    await turn()
    let ticks = 0
    const got = queue.get().then((item) => [item, ticks])
    for (let i = 0; i < 10; i++) {
      await null
      ticks++
    }
    expect((await got)[0]).toBe(1)
    expect((await got)[1]).toBeLessThan(5)
  })

  test('adopts thenables; iteration, getNowait() and getMany() give items as they are', async () => {
    const { queue, producer } = localQueue<undefined>()
    producer.putNowait(undefined)
    expect(await queue.get()).toBeUndefined()
    producer.putNowait(undefined)
    const iterator = queue[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ value: undefined, done: false })
  })
})

describe('iteration', () => {
  test('left by break has taken nothing that it did not give (T244, T245)', async () => {
    const { queue, producer } = localQueue<number>()
    for (let i = 0; i < 5; i++) producer.putNowait(i)
    for await (const item of queue) if (item === 1) break
    expect(queue.qsize()).toBe(3)
    expect(queue.drain()).toEqual([2, 3, 4])
    expect(queue.unfinishedTasks).toBe(5)
  })

  test('two loops share the items, and both end', async () => {
    const { queue, producer } = localQueue<number>()
    const seen: number[] = []
    const loop = async () => {
      for await (const item of queue) seen.push(item)
    }
    const loops = Promise.all([loop(), loop()])
    for (let i = 0; i < 100; i++) producer.putNowait(i)
    queue.shutdown()
    await loops
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  test('return() ends a next() that waits, and takes nothing', async () => {
    const { queue, producer } = localQueue<number>()
    const iterator = queue[Symbol.asyncIterator]()
    const next = iterator.next()
    await iterator.return?.()
    expect(await next).toEqual({ value: undefined, done: true })
    producer.putNowait(1)
    await turn()
    expect(await iterator.next()).toEqual({ value: undefined, done: true })
    expect(queue.drain()).toEqual([1])
  })

  test('a batch ends with the item that reaches a megabyte, unless its reader sets a limit', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes(), capacityBytes: 1 << 23 })
    const put = (count: number) => {
      for (let i = 0; i < count; i++) producer.putNowait(new Uint8Array(1 << 16).fill(i))
    }
    put(40)
    const batches = queue.batches()
    expect((await batches.next()).value).toHaveLength(16)
    expect(await queue.getMany()).toHaveLength(16)
    expect((await batches.next()).value?.map(([first]) => first)).toEqual([32, 33, 34, 35, 36, 37, 38, 39])
    put(40)
    expect((await queue.batches({ max: 30 }).next()).value).toHaveLength(30)
    expect(await queue.getMany({ min: 10, max: 20 })).toHaveLength(10)
    put(40)
    expect(await queue.getMany({ min: 20 })).toHaveLength(32)
    expect(queue.drain()).toHaveLength(8)
  })

  test('batches() keep to their longest, and end by their signal', async () => {
    const { queue, producer } = localQueue<number>()
    for (let i = 0; i < 10; i++) producer.putNowait(i)
    const controller = new AbortController()
    const batches = queue.batches({ max: 4, signal: controller.signal })
    expect((await batches.next()).value).toEqual([0, 1, 2, 3])
    expect((await batches.next()).value).toEqual([4, 5, 6, 7])
    expect((await batches.next()).value).toEqual([8, 9])
    const waiting = batches.next()
    controller.abort('stop')
    await expect(waiting).rejects.toBe('stop')
    expect(() => queue.batches({ max: 0 })).toThrow(RangeError)
  })
})

describe('getMany()', () => {
  test('takes what is there, up to max', async () => {
    const { queue, producer } = localQueue<number>()
    for (let i = 0; i < 5; i++) producer.putNowait(i)
    expect(await queue.getMany({ max: 2 })).toEqual([0, 1])
    expect(await queue.getMany()).toEqual([2, 3, 4])
    expect(await queue.getMany({ min: 0 })).toEqual([])
    await expect(queue.getMany({ min: 3, max: 2 })).rejects.toThrow(RangeError)
    await expect(queue.getMany({ min: -1 })).rejects.toThrow(RangeError)
  })

  test('gathers at least min, past what a ring can hold', async () => {
    const { queue, producer } = localQueue<number>({ capacityBytes: 64 })
    const many = queue.getMany({ min: 10 })
    for (let i = 0; i < 10; i++) await producer.put(i)
    expect(await many).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('at its timeout gives what it has; with nothing it is a timeout; an abort puts all back in order', async () => {
    const { queue, producer } = localQueue<number>()
    producer.putNowait(1)
    producer.putNowait(2)
    expect(await queue.getMany({ min: 3, timeout: 5 })).toEqual([1, 2])
    await expect(queue.getMany({ min: 3, timeout: 5 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    producer.putNowait(3)
    producer.putNowait(4)
    const controller = new AbortController()
    const many = queue.getMany({ min: 3, signal: controller.signal })
    await turn()
    controller.abort('no')
    await expect(many).rejects.toBe('no')
    producer.putNowait(5)
    expect(queue.qsize()).toBe(3)
    expect(queue.drain()).toEqual([3, 4, 5])
  })

  test('with a timeout of 0 gives what is there at once, however few; with nothing it is a timeout', async () => {
    const { queue, producer } = localQueue<number>()
    producer.putNowait(1)
    producer.putNowait(2)
    expect(await queue.getMany({ max: 1, timeout: 0 })).toEqual([1])
    expect(await queue.getMany({ min: 3, timeout: 0 })).toEqual([2])
    await expect(queue.getMany({ timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    queue.shutdown()
    await expect(queue.getMany({ timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })

  test('at the end of the queue gives what there is, then QueueShutDown', async () => {
    const { queue, producer } = localQueue<number>()
    producer.putNowait(1)
    const many = queue.getMany({ min: 3 })
    queue.shutdown()
    expect(await many).toEqual([1])
    await expect(queue.getMany()).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })
})
