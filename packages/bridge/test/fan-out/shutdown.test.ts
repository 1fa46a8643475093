import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { type Codec, FanInQueue, FanOutQueue, float64 } from '../../src/index.js'
import { echoed, startConsumer, startRemoteConsumer } from '../fixtures/consumers.js'
import { commandLine } from '../fixtures/programs.js'
import { until } from '../fixtures/threads.js'

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)
const ended = { code: 'QUEUE_SHUT_DOWN' }

test('workers parked in a get are released by a graceful shutdown of an empty queue (T221)', async () => {
  const queue = new FanOutQueue<number>()
  const consumers = await Promise.all(numbers(3).map(() => startRemoteConsumer(queue.consumer())))
  const pending = [consumers[0].call('getBlocking'), consumers[1].call('get'), consumers[2].call('next', 1)]
  await until(() => queue.stats().lanes.some(({ parked }) => parked?.for === 'item'))
  const released = Promise.all([
    expect(pending[0]).rejects.toMatchObject(ended),
    expect(pending[1]).rejects.toMatchObject(ended),
    expect(pending[2]).resolves.toEqual({ value: undefined, done: true }),
  ])
  queue.shutdown()
  await released
})

test('a graceful shutdown delivers what was put, the backlog included, then ends (T222)', async () => {
  const queue = new FanOutQueue<number>({ prefetch: 1 })
  await queue.putMany(numbers(100))
  queue.shutdown()
  await expect(queue.put(1)).rejects.toMatchObject(ended)
  expect(() => queue.putNowait(1)).toThrow(expect.objectContaining(ended))
  await expect(queue.putMany([1])).rejects.toMatchObject(ended)
  const both = await Promise.all([echoed(queue.consumer(), 'for of'), echoed(queue.consumer(), 'get')])
  expect(both.flat().sort((a, b) => a - b)).toEqual(numbers(100))
})

describe('an item whose own code shuts the queue down for good is refused, and not counted,', () => {
  const item = (queue: FanOutQueue<object>) => ({
    get end() {
      queue.shutdown({ immediate: true })
      return true
    },
  })
  test.each<[string, (queue: FanOutQueue<object>) => Promise<unknown>]>([
    ['by put()', (queue) => queue.put(item(queue))],
    ['by putNowait()', async (queue) => queue.putNowait(item(queue))],
    ['by putMany()', (queue) => queue.putMany([item(queue)])],
  ])('%s', async (_, put) => {
    for (const maxItems of [1, 2]) {
      // With room, and where it would have to wait.
      const queue = new FanOutQueue<object>({ maxItems })
      queue.putNowait({})
      await expect(put(queue)).rejects.toMatchObject(ended)
      await queue.join()
      expect(queue.stats()).toMatchObject({ unfinished: 0, ledger: { put: 1, dropped: 1, open: 0 } })
    }
  })

  test('among others of one size', async () => {
    const codec: Codec<number> = {
      ...float64(),
      name: 'ending',
      encodeRun() {
        queue.shutdown({ immediate: true })
      },
    }
    const queue = new FanOutQueue<number>({ codec })
    await expect(queue.putMany([1, 2])).rejects.toMatchObject(ended)
    expect(queue.stats()).toMatchObject({ unfinished: 0, ledger: { put: 0 } })
  })
})

describe('an immediate shutdown (T223)', () => {
  test('drops what nobody has taken, and join waits for the rest', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 2 })
    const consumer = await startRemoteConsumer(queue.consumer())
    await queue.putMany(numbers(5))
    expect(await consumer.call('get')).toBe(0)
    const joined = queue.join()
    queue.shutdown({ immediate: true })
    expect(queue.stats()).toMatchObject({ size: 0, unfinished: 1, backlogItems: 0, ledger: { dropped: 4, open: 1 } })
    await expect(consumer.call('get')).rejects.toMatchObject(ended)
    await consumer.call('taskDone')
    await joined
    await expect(consumer.call('taskDone')).rejects.toMatchObject({ name: 'RangeError' })
    expect(queue.stats().ledger).toMatchObject({ put: 5, acknowledged: 1, dropped: 4, open: 0 })
  })

  test('of a queue with nothing in work releases its joiners at once', async () => {
    const queue = new FanOutQueue<number>()
    await queue.put(1)
    const joined = queue.join()
    queue.shutdown({ immediate: true })
    await joined
    expect(queue.unfinishedTasks).toBe(0)
  })

  test('that races takes: every item is delivered or dropped, never both, never neither', async () => {
    for (let round = 0; round < 8; round++) {
      const queue = new FanOutQueue<number>({ prefetch: 8 })
      const got = [0, 1].map(() => echoed(queue.consumer(), 'for of', true))
      await queue.putMany(numbers(400 + 50 * round))
      queue.shutdown({ immediate: true })
      const delivered = (await Promise.all(got)).flat()
      await queue.join()
      const { ledger } = queue.stats()
      expect(new Set(delivered).size).toBe(delivered.length)
      expect(delivered.length + ledger.dropped).toBe(ledger.put)
      expect(ledger).toMatchObject({ acknowledged: delivered.length, open: 0 })
    }
  })
})

test('a shutdown by a consumer is heard everywhere (T224)', async () => {
  const queue = new FanOutQueue<number>({ maxItems: 1 })
  const [one, other] = await Promise.all([0, 1].map(() => startRemoteConsumer(queue.consumer())))
  const released = expect(other.call('getBlocking')).rejects.toMatchObject(ended)
  await until(() => queue.stats().lanes.some(({ parked }) => parked?.for === 'item'))
  await one.call('shutdown')
  await released
  await until(() => queue.isShutdown)
  await expect(queue.put(1)).rejects.toMatchObject(ended)
})

test('a shutdown by a consumer refuses puts that wait (T224)', async () => {
  const queue = new FanOutQueue<number>({ maxItems: 1 })
  queue.putNowait(1)
  const refused = expect(queue.put(2)).rejects.toMatchObject(ended)
  const consumer = await startRemoteConsumer(queue.consumer())
  await consumer.call('shutdown', { immediate: true })
  await refused
  await until(() => queue.stats().ledger.dropped === 1)
})

test('shutdown may become immediate, and nothing changes it back (T225)', async () => {
  const queue = new FanOutQueue<number>()
  queue.putNowait(1)
  queue.shutdown()
  expect(queue.stats()).toMatchObject({ state: 'shutting down', size: 1 })
  queue.shutdown({ immediate: true })
  expect(queue.stats()).toMatchObject({ state: 'shut down', size: 0, ledger: { dropped: 1 } })
  queue.shutdown()
  expect(queue.stats().state).toBe('shut down')
})

test('four writers, six readers, 64,000 items and a shutdown in the middle: every thread ends and the sums agree (T227)', async () => {
  const queue = new FanOutQueue<number>({ prefetch: 64, capacityBytes: 65536 })
  const ways = ['for of', 'for await', 'getBlocking', 'get', 'batches', 'getMany']
  const got = ways.map((how) => echoed(queue.consumer(), how))
  let accepted = 0
  const writers = numbers(4).map(async (writer) => {
    for (let i = 0; i < 16_000; i++) {
      try {
        await queue.put(writer * 16_000 + i)
      } catch (error) {
        return expect(error).toMatchObject(ended)
      }
      if (++accepted === 32_000) queue.shutdown()
      // Readers acknowledge through this loop.
      if (i % 500 === 0) await new Promise(setImmediate)
    }
  })
  await Promise.all(writers)
  const delivered = (await Promise.all(got)).flat()
  expect(delivered.length).toBe(accepted)
  expect(new Set(delivered).size).toBe(accepted)
  expect(queue.stats().ledger).toMatchObject({ put: accepted, acknowledged: accepted, open: 0 })
})

test('close() twice is fine; afterwards every call says HandleClosed, which is no shutdown (T226, T235)', async () => {
  const queue = new FanOutQueue<number>()
  const worker = startConsumer(queue.consumer(), 'closed')
  const [codes] = (await once(worker, 'message')) as [string[]]
  expect(codes).toEqual(
    ['get', 'getBlocking', 'getNowait', 'getMany', 'drain', 'next'].map((name) => `${name}: HANDLE_CLOSED`),
  )
  expect(queue.isShutdown).toBe(false)
})

test('after an async dispose the process ends by itself (T226)', async () => {
  const dist = new URL('../../dist/index.js', import.meta.url).href
  const program = `
    import { FanOutQueue } from ${JSON.stringify(dist)}
    const queue = new FanOutQueue()
    queue.consumer()
    queue.put(1).catch(() => {})
    await queue[Symbol.asyncDispose]()
    await queue[Symbol.asyncDispose]()
    console.log('ended', queue.isShutdown)`
  const output = execFileSync(process.execPath, commandLine(program), { encoding: 'utf8', timeout: 20_000 })
  expect(output).toBe('ended true\n')
})

test('a consumer whose queue was disposed of gets QueueShutDown (T233)', async () => {
  const queue = new FanOutQueue<number>()
  const consumer = await startRemoteConsumer(queue.consumer())
  const released = expect(consumer.call('getBlocking')).rejects.toMatchObject(ended)
  await until(() => queue.stats().lanes[0].parked?.for === 'item')
  await queue[Symbol.asyncDispose]()
  await released
})

test('a fan-out feeds threads whose results come back by a fan-in', async () => {
  const work = new FanOutQueue<number>()
  const results = new FanInQueue<number>()
  startConsumer(work.consumer(), 'square', { out: results.producer() })
  startConsumer(work.consumer(), 'square', { out: results.producer() })
  results.closeWhenIdle()
  await work.putMany(numbers(500))
  work.shutdown()
  let sum = 0
  for await (const result of results) sum += result
  expect(sum).toBe(numbers(500).reduce((total, i) => total + i * i, 0))
})
