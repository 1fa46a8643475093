import { describe, expect, test } from 'vitest'
import { FanOutQueue } from '../../src/index.js'
import { echoed, startRemoteConsumer } from '../fixtures/consumers.js'

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)
const sorted = (items: number[]) => [...items].sort((a, b) => a - b)

describe('one consumer gets every item in order (T200)', () => {
  test.each(['get', 'getBlocking', 'getMany', 'batches', 'for await', 'for of'])('by %s', async (how) => {
    const queue = new FanOutQueue<number>()
    const got = echoed(queue.consumer(), how)
    for (const i of numbers(2000)) await queue.put(i)
    queue.shutdown()
    expect(await got).toEqual(numbers(2000))
    expect(queue.stats()).toMatchObject({
      state: 'shut down',
      size: 0,
      unfinished: 0,
      ledger: { put: 2000, acknowledged: 2000, dropped: 0, poisoned: 0, failed: 0, open: 0, redelivered: 0 },
    })
  })
})

test('each item goes to exactly one of several consumers (T201, T249)', async () => {
  const queue = new FanOutQueue<number>({ prefetch: 4 })
  const got = ['get', 'for of', 'for await', 'getBlocking'].map((how) => echoed(queue.consumer(), how, true))
  expect(await queue.putMany(numbers(4000))).toBe(4000)
  await queue.join()
  queue.shutdown()
  const all = await Promise.all(got)
  expect(sorted(all.flat())).toEqual(numbers(4000))
  for (const items of all) expect(items).toEqual(sorted(items))
})

test('items put before any consumer was opened wait for it (T234)', async () => {
  const queue = new FanOutQueue<string>()
  queue.putNowait('a')
  await queue.put('b')
  expect([queue.qsize(), queue.unfinishedTasks]).toEqual([2, 2])
  const got = echoed(queue.consumer(), 'for of')
  queue.shutdown()
  expect(await got).toEqual(['a', 'b'])
})

test('a consumer opened after the queue has ended gets QueueShutDown (T234)', async () => {
  const queue = new FanOutQueue<string>()
  queue.shutdown()
  const consumer = await startRemoteConsumer(queue.consumer())
  await expect(consumer.call('get')).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  await expect(consumer.call('getBlocking')).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  await expect(consumer.call('getNowait')).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  expect(await consumer.call('next', 1)).toEqual({ value: undefined, done: true })
})

test('the text of a queue has its name, its size, its tasks and its consumers', () => {
  const queue = new FanOutQueue<number>({ name: 'jobs' })
  queue.consumer()
  queue.putNowait(1)
  expect(String(queue)).toBe('<FanOutQueue "jobs" size=1 tasks=1 consumers=1>')
  queue.shutdown({ immediate: true })
  expect(String(queue)).toBe('<FanOutQueue "jobs" size=0 tasks=0 consumers=1 shut down>')
})
