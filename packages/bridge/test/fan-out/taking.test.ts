import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { FanOutQueue } from '../../src/index.js'
import { openConsumer } from '../../src/worker.js'
import { startConsumer, startRemoteConsumer } from '../fixtures/consumers.js'
import { turn } from '../fixtures/local.js'
import type { RemoteCalls } from '../fixtures/remote-calls.js'
import { until } from '../fixtures/threads.js'

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

async function withConsumer<T>(options: object = {}): Promise<[FanOutQueue<T>, RemoteCalls]> {
  const queue = new FanOutQueue<T>(options)
  return [queue, await startRemoteConsumer(queue.consumer())]
}

describe('acknowledgement', () => {
  test('by taskDone(), the oldest first', async () => {
    const [queue, consumer] = await withConsumer<number>({ prefetch: 4 })
    await queue.putMany(numbers(4))
    for (let i = 0; i < 3; i++) await consumer.call('get')
    expect(queue.stats().ledger.acknowledged).toBe(0)
    await consumer.call('taskDone')
    expect(queue.stats().ledger.acknowledged).toBe(1)
    await consumer.call('taskDone', 2)
    expect(queue.stats().ledger.acknowledged).toBe(3)
  })

  test('by the next step of the iterator that gave the item, which is no taskDone() (T106)', async () => {
    const [queue, consumer] = await withConsumer<number>({ prefetch: 4 })
    await queue.putMany(numbers(2))
    await consumer.call('next', 1)
    expect(queue.stats().ledger.acknowledged).toBe(0)
    await consumer.call('next', 1)
    expect(queue.stats().ledger.acknowledged).toBe(1)
    expect(queue.unfinishedTasks).toBe(2)
  })

  test('by the next step, of all items that earlier steps asked for together', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 4 })
    const consumer = openConsumer<number>(queue.consumer())
    const iterator = consumer[Symbol.asyncIterator]()
    const steps = [iterator.next(), iterator.next(), iterator.next()]
    await queue.putMany(numbers(4))
    for (const [value, step] of steps.entries()) expect(await step).toEqual({ value, done: false })
    expect(await iterator.next()).toEqual({ value: 3, done: false })
    expect(queue.stats().ledger.acknowledged).toBe(3)
  })

  test('of an item that a second iterator has finished waits for the older one of the first', async () => {
    const [queue, consumer] = await withConsumer<number>({ prefetch: 4 })
    await queue.putMany(numbers(4))
    await consumer.call('next', 'slow')
    for (let i = 0; i < 3; i++) await consumer.call('next', 'fast')
    expect(queue.stats().ledger.acknowledged).toBe(0)
    const last = consumer.call('next', 'slow')
    await until(() => queue.stats().ledger.acknowledged === 3)
    await queue.put(4)
    expect(await last).toEqual({ value: 4, done: false })
  })

  test('of the oldest item, by a get of a consumer that holds as many as it may', async () => {
    const [queue, consumer] = await withConsumer<number>({ prefetch: 2 })
    await queue.putMany(numbers(5))
    for (const i of numbers(5)) expect(await consumer.call('get')).toBe(i)
    await until(() => queue.stats().ledger.acknowledged === 3)
    expect(queue.stats().lanes[0].unacknowledged).toBe(2)
  })
})

test.each([2, 3, 8])('a consumer that looks and never waits gets all, %d at once', async (prefetch) => {
  const queue = new FanOutQueue<number>({ prefetch })
  const consumer = openConsumer<number>(queue.consumer())
  const putting = queue.putMany(numbers(30))
  const got: number[] = []
  for (let looks = 0; looks < 100; looks++) {
    got.push(...consumer.drain())
    await turn()
  }
  expect(got).toEqual(numbers(30))
  expect(await putting).toBe(30)
})

describe('taskDone() and join()', () => {
  test.each(['join', 'joinBlocking'])('%s() of one consumer is released by taskDone() of another', async (join) => {
    const [queue, consumer] = await withConsumer<number>({ prefetch: 8 })
    await queue.putMany(numbers(3))
    const other = await startRemoteConsumer(queue.consumer())
    const joined = other.call(join)
    await until(() => queue.stats().lanes[1].parked?.for === 'join')
    expect(await consumer.call('drain')).toEqual(numbers(3))
    await consumer.call('taskDone', 3)
    await joined
    expect(queue.unfinishedTasks).toBe(0)
  })

  test('a join of a consumer is released when the last item is poisoned, and a later one waits for what is put later', async () => {
    const [queue, consumer] = await withConsumer<number>({ maxDeliveries: 1, onPoisoned: () => {} })
    await queue.put(1)
    await consumer.call('get')
    const other = await startRemoteConsumer(queue.consumer())
    const joined = other.call('join')
    await until(() => queue.stats().lanes[1].parked?.for === 'join')
    await consumer.worker.terminate()
    await joined
    await queue.put(2)
    let isJoined = false
    const again = other.call('join').then(() => {
      isJoined = true
    })
    expect(await other.call('get')).toBe(2)
    expect(isJoined).toBe(false)
    await other.call('taskDone')
    await again
  })

  test('join here is released by taskDone() there, twice, and at once on a queue never used (T217)', async () => {
    const [queue, consumer] = await withConsumer<number>()
    await queue.join()
    for (let round = 0; round < 2; round++) {
      await queue.put(round)
      let isJoined = false
      const joined = queue.join().then(() => {
        isJoined = true
      })
      await consumer.call('get')
      expect([isJoined, queue.unfinishedTasks, await consumer.call('unfinishedTasks')]).toEqual([false, 1, 1])
      await consumer.call('taskDone')
      await joined
      expect([queue.unfinishedTasks, await consumer.call('unfinishedTasks')]).toEqual([0, 0])
    }
  })

  test('counts agree on both sides after each step (T216)', async () => {
    const [queue, consumer] = await withConsumer<number>({ prefetch: 1 })
    const counts = async () => [
      queue.unfinishedTasks,
      queue.qsize(),
      await consumer.call('unfinishedTasks'),
      await consumer.call('qsize'),
    ]
    expect(await counts()).toEqual([0, 0, 0, 0])
    await queue.putMany(numbers(3))
    expect(await counts()).toEqual([3, 3, 3, 3])
    await consumer.call('get')
    expect(await counts()).toEqual([3, 2, 3, 2])
    await consumer.call('taskDone')
    expect(await counts()).toEqual([2, 2, 2, 2])
  })

  test('beyond what this consumer has taken is refused, and the count stays (T219)', async () => {
    const [queue, consumer] = await withConsumer<number>()
    await queue.putMany([1, 2])
    await expect(consumer.call('taskDone')).rejects.toThrow('taskDone() called too many times')
    await consumer.call('get')
    await expect(consumer.call('taskDone', 2)).rejects.toMatchObject({ name: 'RangeError' })
    await expect(consumer.call('taskDone', -1)).rejects.toMatchObject({ name: 'RangeError' })
    await consumer.call('taskDone', 0)
    expect(queue.unfinishedTasks).toBe(2)
    await consumer.call('taskDone')
    expect(queue.unfinishedTasks).toBe(1)
  })

  test('a join that is aborted or timed out changes nothing', async () => {
    const queue = new FanOutQueue<number>()
    await queue.put(1)
    await expect(queue.join({ timeout: 10 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(queue.join({ timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(queue.join({ signal: AbortSignal.abort('no') })).rejects.toBe('no')
    expect(queue.stats()).toMatchObject({ waiting: { joins: 0 }, unfinished: 1 })
  })
})

describe('taking', () => {
  test('without waiting, from nothing, says so (T204)', async () => {
    const [queue, consumer] = await withConsumer<number>()
    await expect(consumer.call('getNowait')).rejects.toMatchObject({ code: 'QUEUE_EMPTY' })
    expect(await consumer.call('drain')).toEqual([])
    expect(await consumer.call('getMany', { min: 0 })).toEqual([])
    await expect(consumer.call('get', { timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(consumer.call('get', { timeout: 10 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(consumer.call('getBlocking', { timeout: 10 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(consumer.call('getBlocking', { timeout: -1 })).rejects.toMatchObject({ name: 'RangeError' })
    // Held until here: one that is collected lets go of its consumers.
    expect(queue.isShutdown).toBe(false)
  })

  test('aborted or timed out takes nothing: the next get has the item (T243)', async () => {
    const [queue, consumer] = await withConsumer<string>()
    expect(await consumer.call('aborted get')).toBe('no longer wanted')
    await queue.put('a')
    expect(await consumer.call('get')).toBe('a')
  })

  test('several at once: what is there, up to max, in order', async () => {
    const [queue, consumer] = await withConsumer<number>({ prefetch: 8 })
    await queue.putMany(numbers(8))
    await until(() => queue.stats().lanes[0].unacknowledged === 8)
    expect(await consumer.call('getMany', { max: 3 })).toEqual([0, 1, 2])
    expect(await consumer.call('getMany', { min: 2, max: 2 })).toEqual([3, 4])
    expect(await consumer.call('drain')).toEqual([5, 6, 7])
    await expect(consumer.call('getMany', { min: 3, max: 2 })).rejects.toMatchObject({ name: 'RangeError' })
  })

  test('a batch that times out is what there is (T128b)', async () => {
    const [queue, consumer] = await withConsumer<number>({ prefetch: 8 })
    await queue.putMany(numbers(2))
    expect(await consumer.call('getMany', { min: 3, timeout: 20 })).toEqual([0, 1])
    await queue.putMany([2, 3])
    expect(await consumer.call('getMany', { min: 2 })).toEqual([2, 3])
  })

  test('a batch that is aborted leaves its items for the next call, in their order (T128b)', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 8 })
    const consumer = openConsumer(queue.consumer())
    await queue.putMany(numbers(2))
    const controller = new AbortController()
    const given = consumer.getMany({ min: 3, signal: controller.signal })
    controller.abort('no longer wanted')
    await expect(given).rejects.toBe('no longer wanted')
    await queue.put(2)
    expect(await consumer.getMany({ min: 3 })).toEqual([0, 1, 2])
    expect(queue.stats().ledger).toMatchObject({ put: 3, acknowledged: 0, redelivered: 0 })
    consumer.close()
  })

  test('leaving a loop takes no item that was not given: the rest stays for the next (T244, T245)', async () => {
    const [queue, consumer] = await withConsumer<number>({ prefetch: 4 })
    await queue.putMany(numbers(4))
    expect(await consumer.call('next', 1)).toEqual({ value: 0, done: false })
    expect(await consumer.call('return', 1)).toEqual({ value: undefined, done: true })
    expect(queue.qsize()).toBe(3)
    expect(await consumer.call('next', 2)).toEqual({ value: 1, done: false })
  })

  test('wakes 2,000 times in a row without losing one (T205)', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 1, maxItems: 1 })
    const worker = startConsumer(queue.consumer(), 'dieAt', { at: -1, done: true })
    let received = 0
    worker.on('message', () => received++)
    for (let i = 0; i < 2000; i++) {
      await queue.put(i)
      await queue.join()
    }
    queue.shutdown()
    await until(() => received === 2000)
  })

  test('several loops of one consumer work side by side, up to prefetch', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 3 })
    const got: number[] = []
    const worker = startConsumer(queue.consumer(), 'loops', { loops: 3, ms: 1 })
    worker.on('message', (item: number) => got.push(item))
    await queue.putMany(numbers(60))
    await queue.join()
    queue.shutdown()
    await new Promise((resolve) => worker.on('exit', resolve))
    expect([...got].sort((a, b) => a - b)).toEqual(numbers(60))
  })
})

describe('a handle', () => {
  test('opens once: a second time throws, in this thread or another (T249, T253)', async () => {
    const queue = new FanOutQueue<number>()
    const handle = queue.consumer()
    expect(handle.transferList).toEqual([])
    const consumer = openConsumer(structuredClone(handle))
    expect(() => openConsumer(handle)).toThrow(expect.objectContaining({ code: 'HANDLE_OPENED' }))
    const [error] = await new Promise<[Error]>((resolve) => {
      startConsumer(handle, 'remote').on('error', (thrown: Error) => resolve([thrown]))
    })
    expect(error).toMatchObject({ code: 'HANDLE_OPENED' })
    consumer.close()
  })

  test('of the other direction is refused', () => {
    const queue = new FanOutQueue<number>()
    const forged = { ...queue.consumer(), millrace: 'producer' }
    expect(() => openConsumer(forged as never)).toThrow(expect.objectContaining({ code: 'BAD_HANDLE' }))
  })

  test('opens on the home thread too, where blocking is refused and awaiting works (T241)', async () => {
    const queue = new FanOutQueue<number>()
    const consumer = openConsumer(queue.consumer())
    expect(() => consumer.getBlocking()).toThrow(expect.objectContaining({ code: 'WRONG_THREAD' }))
    expect(() => [...consumer]).toThrow(expect.objectContaining({ code: 'WRONG_THREAD' }))
    const pending = consumer.get()
    await queue.put(5)
    expect(await pending).toBe(5)
    queue.shutdown()
    const rest: number[] = []
    for await (const item of consumer) rest.push(item)
    expect(rest).toEqual([])
    consumer.close()
  })

  test('reaches a worker of a worker, whose end watch() or its own parent tells (T253)', async () => {
    const queue = new FanOutQueue<number>()
    const file = new URL('../fixtures/consumer.worker.mjs', import.meta.url).href
    const outer = new Worker(
      `const { workerData, Worker } = require('node:worker_threads')
       new Worker(new URL(workerData.file), { workerData: workerData.inner }).on('message', (items) => require('node:worker_threads').parentPort.postMessage(items))`,
      { eval: true, workerData: { file, inner: { from: queue.consumer(), program: 'echo', args: { how: 'for of' } } } },
    )
    await queue.putMany([1, 2, 3])
    queue.shutdown()
    const items = await new Promise((resolve) => outer.on('message', resolve))
    expect(items).toEqual([1, 2, 3])
  })
})
