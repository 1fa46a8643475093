import { describe, expect, test } from 'vitest'
import { FanInQueue, FanOutQueue } from '../../src/index.js'
import { openConsumer, openProducer } from '../../src/worker.js'
import { startRemoteConsumer } from '../fixtures/consumers.js'
import { startRemoteProducer } from '../fixtures/threads.js'

/** Every call that can wait, in a state in which it has to, with a way to say for how long. */
type Call = (options: { timeout: number }) => unknown

const ITEM = 'x'.repeat(40)

function fanIn(): Record<string, Call> {
  const queue = new FanInQueue<string>({ capacityBytes: 64, name: 'in' })
  const producer = openProducer(queue.producer())
  const full = new FanInQueue<string>({ maxItems: 1 })
  const other = openProducer(full.producer())
  other.putNowait(ITEM)
  return {
    'get()': (options) => queue.get(options),
    'getMany()': (options) => queue.getMany(options),
    'join()': (options) => full.join(options),
    'put()': (options) => other.put(ITEM, options),
    'join() of a producer': (options) => other.join(options),
    'put() of a long item': (options) => {
      producer.putNowait('a')
      return producer.put(ITEM, options)
    },
  }
}

function fanOut(): Record<string, Call> {
  const queue = new FanOutQueue<string>({ maxItems: 1, name: 'out' })
  queue.putNowait(ITEM)
  const empty = new FanOutQueue<string>()
  const consumer = openConsumer(empty.consumer())
  async function* source() {
    yield ITEM
  }
  return {
    'put()': (options) => queue.put(ITEM, options),
    'putMany()': (options) => queue.putMany([ITEM], options),
    'putMany() of an asynchronous source': (options) => queue.putMany(source(), options),
    'join()': (options) => queue.join(options),
    'get()': (options) => consumer.get(options),
    'getMany()': (options) => consumer.getMany(options),
    'join() of a consumer': (options) => {
      const ofQueue = openConsumer(queue.consumer())
      return ofQueue.join(options)
    },
  }
}

describe.each([0, 5])('a call that a timeout of %i ms has ended says which it was', (timeout) => {
  test.each([
    ...Object.keys(fanIn()).map((name) => [name, 'fan-in', fanIn] as const),
    ...Object.keys(fanOut()).map((name) => [name, 'fan-out', fanOut] as const),
  ])('%s of a %s', async (name, _, make) => {
    const operation = name.split(' ')[0]
    const failed = (async () => make()[name]({ timeout }))()
    await expect(failed).rejects.toMatchObject({ name: 'TimeoutError', code: 'QUEUE_TIMEOUT' })
    await expect(failed).rejects.toThrow(new RegExp(`^${operation.replace(/[()]/g, '\\$&')} on `))
  })

  test.each(['putBlocking', 'joinBlocking', 'reserveBlocking', 'reserveManyBlocking'])(
    '%s() of a producer in a thread',
    async (operation) => {
      const queue = new FanInQueue<string>({ maxItems: 1 })
      const producer = await startRemoteProducer(queue.producer())
      await producer.call('put', ITEM)
      const args = { putBlocking: [ITEM], joinBlocking: [], reserveBlocking: [8], reserveManyBlocking: [2, 8] }[
        operation
      ]
      const failed = producer.call(operation, ...(args ?? []), { timeout })
      await expect(failed).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
      await expect(failed).rejects.toThrow(`${operation}() on Producer `)
      expect(queue.qsize()).toBe(1)
    },
  )

  test.each(['getBlocking', 'joinBlocking'])('%s() of a consumer in a thread', async (operation) => {
    const queue = new FanOutQueue<string>()
    const consumer = await startRemoteConsumer(queue.consumer())
    await queue.put(ITEM)
    await consumer.call('get')
    const failed = consumer.call(operation, { timeout })
    await expect(failed).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(failed).rejects.toThrow(`${operation}() on Consumer `)
    expect(queue.qsize()).toBe(0)
  })
})

test('a call that the end of the queue has ended says which it was', async () => {
  const queue = new FanInQueue<string>()
  const calls = [queue.get(), queue.getMany({ min: 2 })]
  queue.shutdown()
  const texts = (await Promise.allSettled(calls)).map((call) => (call as PromiseRejectedResult).reason.message)
  expect(texts).toEqual([
    'get() on FanInQueue: the queue is shut down',
    'getMany() on FanInQueue: the queue is shut down',
  ])
})
