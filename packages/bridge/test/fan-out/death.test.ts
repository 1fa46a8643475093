import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { FanOutQueue } from '../../src/index.js'
import { closeUnheard } from '../fixtures/close-unheard.js'
import { echoed, startConsumer, startRemoteConsumer } from '../fixtures/consumers.js'
import { runProgram } from '../fixtures/programs.js'
import { until } from '../fixtures/threads.js'

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)
const sorted = (items: number[]) => [...items].sort((a, b) => a - b)

/** What a consumer posted before it ended, in whatever way. */
async function postedUntilExit(worker: Worker): Promise<number[]> {
  const items: number[] = []
  worker.on('message', (item: number) => items.push(item))
  worker.on('error', () => {})
  await new Promise((resolve) => worker.on('exit', resolve))
  return items
}

describe('what a dead consumer had not acknowledged is delivered to another (T229, T231)', () => {
  test.each(['exit', 'throw', 'heap'])('after %s', async (how) => {
    const queue = new FanOutQueue<number>({ prefetch: 2 })
    const options = how === 'heap' ? { resourceLimits: { maxOldGenerationSizeMb: 16 } } : {}
    const dead = startConsumer(queue.consumer({ name: 'left' }), 'dieAt', { at: 5, how, done: true }, options)
    const posted = postedUntilExit(dead)
    for (const i of numbers(20)) queue.putNowait(i)
    expect(await posted).toEqual([0, 1, 2, 3, 4, 5])
    await until(() => queue.stats().lanes.length === 0)
    expect(queue.stats().ledger).toMatchObject({ put: 20, acknowledged: 5, redelivered: 1, open: 15 })
    const got = echoed(queue.consumer(), 'for of', true)
    queue.shutdown()
    expect(await got).toEqual(numbers(20).slice(5))
    expect(queue.stats()).toMatchObject({
      unfinished: 0,
      ledger: { put: 20, acknowledged: 20, dropped: 0, poisoned: 0, failed: 0, open: 0, redelivered: 1 },
    })
  })

  test('after terminate() while it computes, taken and untaken items alike, in their order', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 4 })
    const word = new SharedArrayBuffer(4)
    const worker = startConsumer(queue.consumer(), 'hold', { count: 2, word })
    for (const i of numbers(10)) await queue.put(i)
    await until(() => new Int32Array(word)[0] === 2)
    expect(queue.stats()).toMatchObject({ size: 8, unfinished: 10, backlogItems: 6, lanes: [{ unacknowledged: 4 }] })
    await worker.terminate()
    await until(() => queue.stats().lanes.length === 0)
    expect(queue.stats()).toMatchObject({ size: 10, unfinished: 10, ledger: { redelivered: 2 } })
    const got = echoed(queue.consumer(), 'for await')
    queue.shutdown()
    expect(await got).toEqual(numbers(10))
  })

  test('after terminate() while it is parked (T230), and nobody waits for it', async () => {
    const queue = new FanOutQueue<number>()
    const parked = await startRemoteConsumer(queue.consumer())
    parked.call('getBlocking').catch(() => {})
    await until(() => queue.stats().lanes[0].parked?.for === 'item')
    await parked.worker.terminate()
    const got = echoed(queue.consumer(), 'for of')
    await queue.putMany(numbers(5))
    queue.shutdown()
    expect(await got).toEqual(numbers(5))
    expect(queue.stats().ledger).toMatchObject({ acknowledged: 5, redelivered: 0 })
  })

  test('during a graceful shutdown: consumers that found nothing stay until every item has ended', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 1 })
    const word = new SharedArrayBuffer(4)
    const doomed = startConsumer(queue.consumer(), 'hold', { count: 1, word })
    queue.putNowait(1)
    await until(() => new Int32Array(word)[0] === 1)
    const other = await startRemoteConsumer(queue.consumer())
    const first = other.call('next', 1)
    queue.shutdown()
    await doomed.terminate()
    expect(await first).toEqual({ value: 1, done: false })
    expect(await other.call('next', 1)).toEqual({ value: undefined, done: true })
    expect(queue.stats().ledger).toMatchObject({ put: 1, acknowledged: 1, redelivered: 1, open: 0 })
  })
})

test('a consumer that closes has acknowledged what it took, and gives the rest to others (T228)', async () => {
  const queue = new FanOutQueue<number>({ prefetch: 4 })
  const leaving = await startRemoteConsumer(queue.consumer())
  await queue.putMany(numbers(6))
  await until(() => queue.stats().lanes[0].unacknowledged === 4)
  expect(await leaving.call('getNowait')).toBe(0)
  await leaving.call('close')
  await until(() => queue.stats().lanes.length === 0)
  const got = echoed(queue.consumer(), 'for of')
  queue.shutdown()
  expect(await got).toEqual([1, 2, 3, 4, 5])
  expect(queue.stats().ledger).toMatchObject({ acknowledged: 6, redelivered: 0 })
})

test('a thread that ends by itself without closing counts as closed: the item it took is done, the rest goes to others (T228)', async () => {
  const queue = new FanOutQueue<number>({ prefetch: 4 })
  await queue.putMany(numbers(6))
  await once(startConsumer(queue.consumer(), 'takeOneAndEnd'), 'exit')
  const got = echoed(queue.consumer(), 'for of')
  queue.shutdown()
  expect(await got).toEqual([1, 2, 3, 4, 5])
  expect(queue.stats().ledger).toMatchObject({ acknowledged: 6, redelivered: 0 })
})

test('what a thread had not taken that is killed when it has closed and not told anybody goes to others', async () => {
  const queue = new FanOutQueue<number>()
  let got: Promise<unknown> | undefined
  await closeUnheard(queue.consumer(), async () => {
    queue.putNowait(1)
    expect(queue.stats()).toMatchObject({ backlogItems: 0 })
    const other = await startRemoteConsumer(queue.consumer())
    got = other.call('get')
    await until(() => queue.stats().lanes[1].parked?.for === 'item')
  })
  expect(await got).toBe(1)
})

describe('an item that takes down its consumers', () => {
  test('is poisoned after maxDeliveries, and the rest goes on', async () => {
    const poisoned: [number, number][] = []
    const queue = new FanOutQueue<number>({
      prefetch: 2,
      maxDeliveries: 2,
      onPoisoned: (item, deliveries) => poisoned.push([item, deliveries]),
    })
    for (const i of numbers(6)) queue.putNowait(i)
    for (let life = 0; life < 2; life++) {
      await postedUntilExit(startConsumer(queue.consumer(), 'dieAt', { at: 3, how: 'exit', done: true }))
      await until(() => queue.stats().lanes.length === 0)
    }
    expect(poisoned).toEqual([[3, 2]])
    const joined = queue.join()
    const got = echoed(queue.consumer(), 'for of', true)
    await joined
    queue.shutdown()
    expect(sorted(await got)).toEqual([4, 5])
    expect(queue.stats().ledger).toEqual({
      put: 6,
      acknowledged: 5,
      dropped: 0,
      poisoned: 1,
      failed: 0,
      open: 0,
      redelivered: 1,
    })
  })

  test('goes to onPoisoned although that has thrown for the one before', async () => {
    const dist = (entry: string) => JSON.stringify(new URL(`../../dist/${entry}.js`, import.meta.url).href)
    const { out, err } = await runProgram(`
      const { FanOutQueue } = await import(${dist('index')})
      process.on('uncaughtException', ({ message }) => console.log(message))
      const onPoisoned = (item) => { throw new Error('poisoned ' + item) }
      const queue = new FanOutQueue({ prefetch: 2, maxDeliveries: 1, onPoisoned })
      queue.putNowait('a')
      queue.putNowait('b')
      new Worker(
        "const { workerData } = require('node:worker_threads'); import(" + ${JSON.stringify(dist('worker'))} + ").then(async (m) => {" +
        "const consumer = m.openConsumer(workerData); await consumer.get(); await consumer.getMany({ timeout: 1 }).catch(() => {}); process.exit(1) })",
        { eval: true, execArgv: [], workerData: queue.consumer() },
      )
      await queue.join()
    `)
    expect({ out: out.split('\n').sort(), err }).toEqual({ out: ['poisoned a', 'poisoned b'], err: '' })
  })

  test('fails the queue when nobody takes poisoned items', async () => {
    const queue = new FanOutQueue<number>({ maxDeliveries: 1, name: 'jobs' })
    queue.putNowait(1)
    const joined = queue.join()
    const worker = startConsumer(queue.consumer({ name: 'left' }), 'dieAt', { at: 1, how: 'exit' })
    const { threadId } = worker
    await expect(joined).rejects.toMatchObject({
      code: 'REMOTE_LOST',
      remoteName: 'left',
      queue: 'jobs',
      threadId,
      exitCode: 7,
      deliveredItems: 0,
      lostItems: 1,
    })
    expect(queue.stats().ledger).toMatchObject({ failed: 1, open: 0 })
  })
})

test("onConsumerLost: 'fail' fails the queue, and other consumers get what was put before", async () => {
  const queue = new FanOutQueue<number>({ onConsumerLost: 'fail', prefetch: 1, maxItems: 3 })
  const doomed = startConsumer(queue.consumer(), 'dieAt', { at: 0, how: 'exit' })
  for (const i of numbers(3)) queue.putNowait(i)
  await once(doomed, 'exit')
  await until(() => queue.isShutdown)
  const got = echoed(queue.consumer(), 'for of')
  await expect(queue.put(9)).rejects.toMatchObject({ code: 'REMOTE_LOST', lostItems: 1 })
  expect(() => queue.putNowait(9)).toThrow(expect.objectContaining({ code: 'REMOTE_LOST' }))
  await expect(queue.join()).rejects.toMatchObject({ code: 'REMOTE_LOST' })
  expect(await got).toEqual([1, 2])
  expect(queue.stats().ledger).toMatchObject({ put: 3, acknowledged: 2, failed: 1, open: 0, redelivered: 0 })
})

test('a long item that its consumer took with it is delivered again, whole', async () => {
  const queue = new FanOutQueue<Uint8Array>({ capacityBytes: 4096 })
  const item = Uint8Array.from({ length: 50_000 }, (_, i) => i % 251)
  const word = new SharedArrayBuffer(4)
  const doomed = startConsumer(queue.consumer(), 'hold', { count: 1, word })
  await queue.put(item)
  await until(() => new Int32Array(word)[0] === 1)
  await doomed.terminate()
  const got = echoed(queue.consumer(), 'get')
  queue.shutdown()
  expect(await got).toEqual([item])
  expect(queue.stats().ledger).toMatchObject({ redelivered: 1, acknowledged: 1 })
})

test('what was before a long item in the lane, and the long item, are delivered again too', async () => {
  const queue = new FanOutQueue<Uint8Array>({ capacityBytes: 4096, prefetch: 4 })
  const items = [3, 50_000, 5, 30_000, 7].map((length) => new Uint8Array(length).fill(length))
  const word = new SharedArrayBuffer(4)
  const doomed = startConsumer(queue.consumer(), 'hold', { count: 4, word })
  for (const item of items) await queue.put(item)
  await until(() => new Int32Array(word)[0] === 4)
  await doomed.terminate()
  const got = echoed(queue.consumer(), 'get')
  queue.shutdown()
  expect(await got).toEqual(items)
  expect(queue.stats().ledger).toMatchObject({ redelivered: 4, acknowledged: 5 })
})

test('a thread that dies in the middle of a long item loses nothing of it', async () => {
  const queue = new FanOutQueue<Uint8Array>({ capacityBytes: 4096 })
  const item = new Uint8Array(50_000).fill(9)
  const stuck = await startRemoteConsumer(queue.consumer())
  await queue.put(item)
  await until(() => queue.stats().lanes[0].depthBytes > 0)
  await stuck.worker.terminate()
  const got = echoed(queue.consumer(), 'for await')
  queue.shutdown()
  expect(await got).toEqual([item])
  expect(queue.stats().ledger).toMatchObject({ redelivered: 0, acknowledged: 1 })
})

test('terminated at random moments, consumers lose nothing and every item ends once', async () => {
  const queue = new FanOutQueue<number>({ prefetch: 3, maxDeliveries: 1000 })
  const seen = new Map<number, number>()
  const lives: Worker[] = []
  const start = (): void => {
    const worker = startConsumer(queue.consumer(), 'dieAt', { at: -1, done: true })
    worker.on('message', (item: number) => seen.set(item, (seen.get(item) ?? 0) + 1))
    lives.push(worker)
  }
  for (let i = 0; i < 3; i++) start()
  const putting = queue.putMany(numbers(3000))
  for (let kill = 0; kill < 12; kill++) {
    const before = seen.size
    await until(() => seen.size > before + 20 || seen.size === 3000)
    await lives[kill].terminate()
    start()
  }
  expect(await putting).toBe(3000)
  await queue.join()
  queue.shutdown()
  await until(() => queue.stats().lanes.every(({ unacknowledged }) => unacknowledged === 0))
  const { ledger } = queue.stats()
  expect(ledger).toMatchObject({ put: 3000, acknowledged: 3000, dropped: 0, poisoned: 0, failed: 0, open: 0 })
  // A terminated thread's last messages may be lost with it; its acknowledgements are not.
  expect(ledger.redelivered).toBeLessThanOrEqual(12 * 3)
})

test('a thread that dies before it has opened its handle takes the handle with it that was shown to go with it', async () => {
  const queue = new FanOutQueue<number>()
  const handle = queue.consumer({ name: 'stillborn' })
  const worker = new Worker('process.exit(3)', { eval: true, execArgv: [] })
  queue.watch(worker, handle)
  expect(queue.stats()).toMatchObject({ endedLanes: 0, lanes: [{ name: 'stillborn' }] })
  await once(worker, 'exit')
  expect(queue.stats()).toMatchObject({ endedLanes: 1, lanes: [] })
  await queue.put(1)
  expect(await echoedOnce(queue)).toEqual([1])
})

test("another queue's handle is refused by watch(), which would otherwise end with nobody", () => {
  const [queue, other] = [new FanOutQueue<number>(), new FanOutQueue<number>()]
  const worker = new Worker('process.exit(3)', { eval: true, execArgv: [] })
  expect(() => queue.watch(worker, other.consumer())).toThrow(expect.objectContaining({ code: 'BAD_HANDLE' }))
})

/** What a further consumer gets, the queue being shut down. */
function echoedOnce(queue: FanOutQueue<number>): Promise<number[]> {
  const items = echoed(queue.consumer(), 'for await')
  queue.shutdown()
  return items
}
