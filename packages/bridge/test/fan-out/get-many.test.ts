import { describe, expect, test } from 'vitest'
import { FanOutQueue } from '../../src/index.js'
import { openConsumer } from '../../src/worker.js'
import { turn } from '../fixtures/local.js'

describe('getMany() of a consumer', () => {
  test('gives what it has gathered at the end of the queue, also where items are counted off', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 8 })
    const consumer = openConsumer<number>(queue.consumer())
    await queue.put(0)
    await consumer.get()
    consumer.taskDone()
    await queue.putMany([1, 2, 3])
    const many = consumer.getMany({ min: 5 })
    await turn()
    queue.shutdown()
    expect(await many).toEqual([1, 2, 3])
    consumer.taskDone(3)
    await expect(consumer.get()).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })

  test('has the oldest items acknowledged that are in the way of as many as it waits for', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 4 })
    const consumer = openConsumer<number>(queue.consumer())
    await queue.putMany([1, 2, 3, 4, 5, 6])
    for (const item of [1, 2, 3]) expect(await consumer.get()).toBe(item)
    expect(await consumer.getMany({ min: 3, max: 3 })).toEqual([4, 5, 6])
    expect(queue.stats().ledger.acknowledged).toBe(2)
  })

  test('is refused more than a consumer may hold', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 4 })
    const consumer = openConsumer<number>(queue.consumer())
    await queue.putMany([1, 2, 3, 4, 5, 6])
    await expect(consumer.getMany({ min: 5 })).rejects.toThrow(/expected min to be at most the 4 items .* got 5/)
    expect(await consumer.getMany({ min: 4 })).toEqual([1, 2, 3, 4])
  })

  test.each([{ min: 2, max: 1 }, { min: 1.5 }, { max: 0 }])(
    'that is refused, with %o, acknowledges nothing',
    async (options) => {
      const queue = new FanOutQueue<number>({ prefetch: 2 })
      const consumer = openConsumer<number>(queue.consumer())
      await queue.putMany([1, 2])
      expect(consumer.drain()).toEqual([1, 2])
      await expect(consumer.getMany(options)).rejects.toThrow(RangeError)
      expect(queue.stats().ledger.acknowledged).toBe(0)
    },
  )

  test('that waits for more leaves what it has gathered to others when its consumer closes', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 4 })
    const consumer = openConsumer<number>(queue.consumer())
    await queue.putMany([1, 2, 3])
    expect(await consumer.get()).toBe(1)
    const many = consumer.getMany({ min: 3 })
    await turn()
    consumer.close()
    await expect(many).rejects.toMatchObject({ code: 'HANDLE_CLOSED' })
    const other = openConsumer<number>(queue.consumer())
    expect([await other.get(), await other.get()]).toEqual([2, 3])
    expect(queue.stats().ledger).toMatchObject({ put: 3, acknowledged: 1, open: 2 })
  })

  test('that makes room acknowledges nothing that another one has gathered', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 4 })
    const consumer = openConsumer<number>(queue.consumer())
    await queue.putMany([1, 2, 3])
    const controller = new AbortController()
    const first = consumer.getMany({ min: 4, signal: controller.signal })
    await turn()
    const second = consumer.getMany({ min: 4, timeout: 60_000 })
    controller.abort('enough')
    await expect(first).rejects.toBe('enough')
    expect(queue.stats().ledger.acknowledged).toBe(0)
    await queue.put(4)
    expect(await second).toEqual([1, 2, 3, 4])
  })

  test('loses nothing that it has gathered, when the queue is shut down and its consumer closes', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 4 })
    const consumer = openConsumer<number>(queue.consumer())
    await queue.putMany([1, 2])
    const many = consumer.getMany({ min: 3 })
    await turn()
    queue.shutdown()
    consumer.close()
    const got = await many.catch((): number[] => [])
    const other = openConsumer<number>(queue.consumer())
    for await (const item of other) got.push(item)
    expect(got).toEqual([1, 2])
  })
})
