import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { HandleClosed as QueueHandleClosed } from '@millrace/queue'
import { describe, expect, test } from 'vitest'
import { FanInQueue, FanOutQueue, HandleClosed } from '../../src/index.js'
import { HUB_KIND, LANE_CAPACITY, LAYOUT_VERSION, MAGIC, VERSION } from '../../src/layout.js'
import { openProducer } from '../../src/worker.js'
import { localQueue, turn } from '../fixtures/local.js'
import { collect, startProducer, startRemoteProducer, until } from '../fixtures/threads.js'

type Raw = { hub: SharedArrayBuffer; lane: SharedArrayBuffer } & Record<string, unknown>
const raw = (queue: FanInQueue<number>) => queue.producer() as unknown as Raw
const copyWith = (memory: SharedArrayBuffer, word: number, value: number): SharedArrayBuffer => {
  const copy = new SharedArrayBuffer(memory.byteLength)
  new Uint8Array(copy).set(new Uint8Array(memory))
  new Int32Array(copy)[word] = value
  return copy
}

describe('a handle that is none is refused, and says why', () => {
  const queue = new FanInQueue<number>()
  const good = raw(queue)
  test.each([
    ['null', null, /got null/],
    ['a number', 5, /got number/],
    ['an empty object', {}, /no millrace handle/],
    ['a queue that was sent itself', structuredClone(queue), /queue\.producer\(\) gives what does/],
    ['a consumer handle', { ...good, millrace: 'consumer' }, /got a consumer handle/],
    ['another version', { ...good, version: 99 }, /version 99.*same @millrace\/bridge/],
    ['no memory', { ...good, hub: undefined }, /missing or cut short/],
    ['memory that is not shared', { ...good, lane: new ArrayBuffer(good.lane.byteLength) }, /missing or cut short/],
    ['a hub cut short', { ...good, hub: new SharedArrayBuffer(64) }, /cut short/],
    ['a lane cut short', { ...good, lane: new SharedArrayBuffer(good.lane.byteLength - 8) }, /no lane|lies in/],
    ['a foreign hub', { ...good, hub: new SharedArrayBuffer(good.hub.byteLength) }, /no queue of version/],
    ['a foreign lane', { ...good, lane: new SharedArrayBuffer(good.lane.byteLength) }, /no lane of version/],
    [
      'a hub of another version',
      { ...good, hub: copyWith(good.hub, VERSION, LAYOUT_VERSION + 1) },
      /no queue of version/,
    ],
    ['a hub of the other direction', { ...good, hub: copyWith(good.hub, HUB_KIND, 2) }, /other direction/],
    ['a lane that lies about its size', { ...good, lane: copyWith(good.lane, LANE_CAPACITY, 2048) }, /lies in/],
    ['a lane of no power of two', { ...good, lane: copyWith(good.lane, LANE_CAPACITY, 1000) }, /1000 bytes/],
    ['a lane with wrong magic', { ...good, lane: copyWith(good.lane, MAGIC, 1) }, /no lane/],
    ['no codec', { ...good, codec: undefined }, /without a codec/],
    ['a port that is none', { ...good, port: {} }, /port is none/],
    ['a port that is null', { ...good, port: null }, /port is none/],
  ])('%s', (_, handle, message) => {
    const open = () => openProducer(handle as never)
    expect(open).toThrow(expect.objectContaining({ code: 'BAD_HANDLE' }))
    expect(open).toThrow(message)
  })

  test('and the good one still opens after all that', () => {
    openProducer(good as never).putNowait(1)
    expect(queue.drain()).toEqual([1])
  })
})

test('a handle survives structuredClone, postMessage and workerData, to a worker of a worker (T253)', async () => {
  const queue = new FanInQueue<number>()
  openProducer(structuredClone(queue.producer())).putNowait(1)
  const nested = new Worker(
    `const { Worker, workerData } = require('node:worker_threads')
     new Worker(${JSON.stringify(new URL('../fixtures/producer.worker.mjs', import.meta.url).pathname)}, { workerData })`,
    { eval: true, execArgv: [], workerData: { out: queue.producer(), program: 'count', args: { count: 3 } } },
  )
  queue.closeWhenIdle()
  expect(await collect(queue, 4)).toEqual([1, 0, 1, 2])
  await nested.terminate()
})

test('a handle opens once, wherever its copies went (T253)', async () => {
  const queue = new FanInQueue<number>()
  const handle = queue.producer()
  const first = await startRemoteProducer(handle)
  expect(() => openProducer(handle)).toThrow(expect.objectContaining({ code: 'HANDLE_OPENED' }))
  const second = startProducer(handle, 'count', { count: 1 })
  const [error] = await once(second, 'error')
  expect(error).toMatchObject({ code: 'HANDLE_OPENED' })
  expect(queue.stats().lanes).toHaveLength(1)
  await first.call('put', 1)
  expect(await queue.get()).toBe(1)
})

describe('a producer that was closed (T235)', () => {
  test('says so, as something else than a shutdown; closing twice is fine', async () => {
    const { queue, producer } = localQueue<number>({ name: 'n' })
    producer.putNowait(1)
    producer.close()
    producer.close()
    const closed = expect.objectContaining({ code: 'HANDLE_CLOSED', name: 'HandleClosed', queue: 'n' })
    expect(() => producer.putNowait(2)).toThrow(closed)
    await expect(producer.put(2)).rejects.toMatchObject({ code: 'HANDLE_CLOSED' })
    await expect(producer.join()).rejects.toMatchObject({ code: 'HANDLE_CLOSED' })
    expect(await collect(queue, 1)).toEqual([1])
  })

  test('refuses its waiting puts; asyncDispose lets them finish first', async () => {
    const { queue, producer, another } = localQueue<number>({ capacityBytes: 64 })
    const fill = async (p: typeof producer) => {
      for (let i = 0; i < 4; i++) p.putNowait(i)
      return p.put(4)
    }
    const refused = expect(fill(producer)).rejects.toMatchObject({ code: 'HANDLE_CLOSED' })
    producer.close()
    await refused
    expect(queue.drain()).toEqual([0, 1, 2, 3])
    const second = another()
    const accepted = fill(second)
    const disposed = second[Symbol.asyncDispose]()
    expect(await collect(queue, 5)).toEqual([0, 1, 2, 3, 4])
    await accepted
    await disposed
    expect(() => second.putNowait(5)).toThrow(expect.objectContaining({ code: 'HANDLE_CLOSED' }))
  })

  test('has its place used again: thousands may come and go', async () => {
    const { queue, producer, another } = localQueue<number>()
    for (let i = 0; i < 3000; i++) {
      const next = another()
      next.putNowait(i)
      next.close()
      expect(await queue.get()).toBe(i)
      if (i % 100 === 99) await until(() => queue.stats().lanes.length === 1)
    }
    queue.taskDone(3000)
    await queue.join()
    producer.putNowait(1)
    expect(queue.qsize()).toBe(1)
  })
})

test('more producers than a queue can have at once are refused with the limit', () => {
  const queue = new FanInQueue<number>({ capacityBytes: 64 })
  for (let i = 0; i < 1024; i++) queue.producer()
  expect(() => queue.producer()).toThrow(/at most 1024 producers/)
})

describe('the thread of the home end (T241)', () => {
  test('may put, and may not block', async () => {
    const { queue, producer } = localQueue<number>()
    await producer.put(1)
    for (const block of [
      () => producer.putBlocking(2),
      () => producer.putMany([2]),
      () => {
        producer.joinBlocking()
      },
    ]) {
      expect(block).toThrow(expect.objectContaining({ code: 'WRONG_THREAD' }))
    }
    expect(queue.drain()).toEqual([1])
  })
})

describe('signal and checkpoint()', () => {
  test('tell a thread of a shutdown, whoever does it', async () => {
    const { queue, producer } = localQueue<number>()
    const { signal } = producer
    expect(signal.aborted).toBe(false)
    producer.checkpoint()
    queue.shutdown()
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    expect(signal.reason).toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
    expect(() => producer.checkpoint()).toThrow(expect.objectContaining({ code: 'QUEUE_SHUT_DOWN' }))
  })

  test('asked for after the shutdown, it is aborted already', async () => {
    const { queue, producer } = localQueue<number>()
    queue.shutdown()
    expect(producer.signal.aborted).toBe(true)
    await turn()
  })
})

test('an end that was closed throws the HandleClosed of @millrace/queue, whichever package it is imported from (T235)', () => {
  const { producer } = localQueue<number>()
  producer.close()
  expect(HandleClosed).toBe(QueueHandleClosed)
  expect(() => producer.putNowait(1)).toThrow(QueueHandleClosed)
})

test('an option that is none is refused with the names of those that there are', () => {
  expect(() => new FanInQueue({ capacity: 1 } as never)).toThrow(
    /there is no option "capacity".*capacityBytes, maxItems/,
  )
  expect(() => new FanOutQueue({ fetch: 1 } as never)).toThrow(/there is no option "fetch".*prefetch/)
  expect(() => new FanInQueue().producer({ transferrable: true } as never)).toThrow(/"transferrable".*transferable/)
  expect(() => new FanInQueue().producer({ name: 5 } as never)).toThrow(/name to be a string, got number/)
  expect(() => new FanOutQueue().consumer({ nam: 'x' } as never)).toThrow(/"nam".*name/)
})

test('what is no Worker is not watched, and that is said', () => {
  for (const queue of [new FanInQueue(), new FanOutQueue()]) {
    for (const worker of [undefined, null, {}]) {
      expect(() => queue.watch(worker as never)).toThrow(/expected watch\(\) to get a Worker/)
    }
  }
})
