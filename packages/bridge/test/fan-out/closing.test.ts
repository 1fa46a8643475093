import { describe, expect, test } from 'vitest'
import { FanOutQueue } from '../../src/index.js'
import { openConsumer } from '../../src/worker.js'
import { turn } from '../fixtures/local.js'

describe('a consumer that was closed', () => {
  test.each<[string, (consumer: ReturnType<typeof openConsumer<number>>) => AsyncIterator<unknown>]>([
    ['a loop', (consumer) => consumer[Symbol.asyncIterator]()],
    ['a loop over batches', (consumer) => consumer.batches()],
  ])('gives nothing more to %s that began before', async (_, begin) => {
    const queue = new FanOutQueue<number>({ prefetch: 4 })
    const consumer = openConsumer<number>(queue.consumer())
    const other = openConsumer<number>(queue.consumer())
    await queue.put(1)
    const iterator = begin(consumer)
    consumer.close()
    await expect(iterator.next()).rejects.toMatchObject({ code: 'HANDLE_CLOSED' })
    expect(await other.get()).toBe(1)
    expect(queue.stats().ledger).toMatchObject({ redelivered: 0 })
  })

  test('counts nothing off', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 4 })
    const consumer = openConsumer<number>(queue.consumer())
    await queue.putMany([1, 2])
    await consumer.get()
    consumer.close()
    await turn()
    const other = openConsumer<number>(queue.consumer())
    expect(await other.get()).toBe(2)
    consumer.taskDone()
    expect(queue.unfinishedTasks).toBe(1)
    other.taskDone()
    await queue.join()
  })
})

describe('a fan-out that was disposed of', () => {
  test('ends its join when what was taken before is counted off', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 4 })
    const consumer = openConsumer<number>(queue.consumer())
    await queue.putMany([1, 2])
    await consumer.get()
    await consumer.get()
    const joined = queue.join()
    await queue[Symbol.asyncDispose]()
    consumer.taskDone()
    await turn()
    consumer.taskDone()
    await joined
  })

  test('ends the join of a consumer when another one counts off', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 4 })
    const consumer = openConsumer<number>(queue.consumer())
    const other = openConsumer<number>(queue.consumer())
    await queue.putMany([1, 2])
    await consumer.get()
    await other.get()
    const joined = consumer.join()
    await queue[Symbol.asyncDispose]()
    consumer.taskDone()
    await turn()
    other.taskDone()
    await joined
  })
})

test('what is there can be taken now although the budget of the loop is spent and others wait for their turn', async () => {
  const queue = new FanOutQueue<number>({ prefetch: 64, yieldAfter: 0.0001 })
  const consumer = openConsumer<number>(queue.consumer())
  await queue.putMany(Array.from({ length: 40 }, (_, i) => i))
  await turn()
  const gets = Array.from({ length: 32 }, () => consumer.get())
  expect(consumer.getNowait()).toBe(32)
  expect(await Promise.all(gets)).toEqual(Array.from({ length: 32 }, (_, i) => i))
})

test('a consumer hears of the end of its join although joins of the home end were given up', async () => {
  const queue = new FanOutQueue<number>()
  const consumer = openConsumer<number>(queue.consumer())
  const other = openConsumer<number>(queue.consumer())
  await queue.put(1)
  for (let i = 0; i < 3; i++) {
    await expect(queue.join({ timeout: 1 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
  }
  const joined = other.join()
  await consumer.get()
  consumer.taskDone()
  await joined
})
