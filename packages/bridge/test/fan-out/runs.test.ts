import { describe, expect, test } from 'vitest'
import { type Codec, FanOutQueue, float64, struct, u8 } from '../../src/index.js'
import { openConsumer } from '../../src/worker.js'
import { echoed, startRemoteConsumer } from '../fixtures/consumers.js'
import type { RemoteCalls } from '../fixtures/remote-calls.js'
import { until } from '../fixtures/threads.js'

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)

/** A consumer that the items of one `putMany()` lie before, side by side. */
async function withRun(queue: FanOutQueue<number>, items: number[]): Promise<RemoteCalls> {
  const consumer = await startRemoteConsumer(queue.consumer())
  await queue.putMany(items)
  return consumer
}

async function gone(queue: FanOutQueue<number>, consumer: RemoteCalls): Promise<void> {
  const { endedLanes } = queue.stats()
  await consumer.worker.terminate()
  await until(() => queue.stats().endedLanes > endedLanes)
}

describe('a consumer that dies in the middle of a run', () => {
  test('has acknowledged the first, held the next and not taken the rest: others get those two parts in their order', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 10 })
    const doomed = await withRun(queue, numbers(10))
    expect(await doomed.call('getMany', { max: 6 })).toEqual(numbers(6))
    await doomed.call('taskDone', 4)
    await queue.putMany(numbers(3, 10))
    await gone(queue, doomed)
    expect(queue.stats()).toMatchObject({
      size: 9,
      unfinished: 9,
      ledger: { acknowledged: 4, redelivered: 2, open: 9 },
    })
    const got = echoed(queue.consumer(), 'for of')
    queue.shutdown()
    expect(await got).toEqual(numbers(9, 4))
    expect(queue.stats().ledger).toMatchObject({ put: 13, acknowledged: 13, redelivered: 2, open: 0 })
  })

  test('gives back items that it had acknowledged none of, and nothing that others have', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 4 })
    const [one, two] = [await startRemoteConsumer(queue.consumer()), await startRemoteConsumer(queue.consumer())]
    await queue.putMany(numbers(8))
    expect(queue.stats().lanes.map(({ unacknowledged }) => unacknowledged)).toEqual([4, 4])
    expect(await one.call('drain')).toEqual(numbers(4))
    await gone(queue, one)
    expect(await two.call('drain')).toEqual(numbers(4, 4))
    await two.call('taskDone', 4)
    await until(() => queue.stats().backlogItems === 0)
    expect(await two.call('drain')).toEqual(numbers(4))
    expect(queue.stats().ledger).toMatchObject({ acknowledged: 4, redelivered: 4, open: 4 })
  })

  test('counts a delivery for each item that it had, not for those that it had not taken', async () => {
    const poisoned: [number, number][] = []
    const queue = new FanOutQueue<number>({
      prefetch: 6,
      maxDeliveries: 2,
      onPoisoned: (item, deliveries) => poisoned.push([item, deliveries]),
    })
    const first = await withRun(queue, numbers(6))
    expect(await first.call('getMany', { max: 4 })).toEqual(numbers(4))
    await gone(queue, first)
    const second = await startRemoteConsumer(queue.consumer())
    expect(await second.call('getMany', { min: 5, max: 5 })).toEqual(numbers(5))
    await second.call('taskDone', 1)
    await gone(queue, second)
    await until(() => poisoned.length > 0)
    expect(poisoned).toEqual([
      [1, 2],
      [2, 2],
      [3, 2],
    ])
    const got = echoed(queue.consumer(), 'batches')
    queue.shutdown()
    expect(await got).toEqual([4, 5])
    expect(queue.stats().ledger).toEqual({
      put: 6,
      acknowledged: 3,
      dropped: 0,
      poisoned: 3,
      failed: 0,
      open: 0,
      redelivered: 5,
    })
  })

  test("fails the queue with onConsumerLost: 'fail', which says how many items were lost", async () => {
    const queue = new FanOutQueue<number>({ onConsumerLost: 'fail', prefetch: 8 })
    const doomed = await withRun(queue, numbers(8))
    await doomed.call('getMany', { max: 5 })
    await doomed.call('taskDone', 2)
    const joined = queue.join()
    await doomed.worker.terminate()
    await expect(joined).rejects.toMatchObject({ code: 'REMOTE_LOST', deliveredItems: 2, lostItems: 3 })
    expect(await echoed(queue.consumer(), 'for of')).toEqual([5, 6, 7])
    expect(queue.stats().ledger).toMatchObject({ acknowledged: 5, failed: 3, open: 0 })
  })

  test('gives back what was before a long item in the lane', async () => {
    const queue = new FanOutQueue<unknown>({ capacityBytes: 4096, prefetch: 10 })
    const long = new Uint8Array(20_000).fill(7)
    const doomed = await startRemoteConsumer(queue.consumer())
    await queue.putMany(numbers(4))
    expect(await doomed.call('getMany', { max: 3 })).toEqual([0, 1, 2])
    await doomed.call('taskDone', 1)
    await queue.put(long)
    await until(() => queue.stats().backlogItems === 0)
    const { endedLanes } = queue.stats()
    await doomed.worker.terminate()
    await until(() => queue.stats().endedLanes > endedLanes)
    const got = echoed(queue.consumer(), 'for of')
    queue.shutdown()
    expect(await got).toEqual([1, 2, 3, long])
    expect(queue.stats().ledger).toMatchObject({ put: 5, acknowledged: 5, redelivered: 2, open: 0 })
  })
})

test('what is left of a run behind padding goes to others as it was, when the place of the padding has been given back', async () => {
  const queue = new FanOutQueue<number>({ capacityBytes: 64, prefetch: 10 })
  const consumer = openConsumer<number>(queue.consumer())
  // Up to 8 bytes before the end of the ring.
  await queue.putMany([0, 1])
  await queue.putMany([2, 3, 4])
  expect(consumer.drain()).toEqual(numbers(5))
  consumer.taskDone(5)
  await queue.putMany([5, 6, 7])
  expect(await consumer.get()).toBe(5)
  consumer.taskDone()
  // The second of these lies over those 8 bytes.
  await queue.put(8)
  await queue.put(9)
  expect(queue.stats().lanes[0].depthBytes).toBe(64)
  consumer.close()
  const other = openConsumer<number>(queue.consumer())
  expect(await other.getMany({ min: 4 })).toEqual(numbers(4, 6))
})

describe('a run is shared out', () => {
  test('so that all consumers have the same credit left', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 100 })
    const consumers = []
    for (let i = 0; i < 3; i++) consumers.push(await startRemoteConsumer(queue.consumer()))
    await until(() => queue.stats().lanes.every(({ credit }) => credit === 100))
    await queue.putMany(numbers(30))
    expect(queue.stats().lanes.map(({ credit }) => credit)).toEqual([90, 90, 90])
    // One with less left gets nothing before the others have come down to it.
    expect(await consumers[1].call('drain')).toEqual(numbers(10, 10))
    await consumers[1].call('taskDone', 10)
    await queue.putMany(numbers(4))
    expect(queue.stats().lanes.map(({ credit }) => credit)).toEqual([90, 96, 90])
    await queue.putMany(numbers(12))
    expect(queue.stats().lanes.map(({ credit }) => credit)).toEqual([88, 88, 88])
  })

  test('as far as there is credit; the rest waits here and counts, item for item', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 3 })
    const consumer = await withRun(queue, numbers(10))
    expect(queue.stats()).toMatchObject({ size: 10, backlogItems: 7, backlogBytes: 56, lanes: [{ unacknowledged: 3 }] })
    for (const from of [0, 3, 6]) {
      expect(await consumer.call('drain')).toEqual(numbers(3, from))
      await consumer.call('taskDone', 3)
      const left = Math.max(0, 4 - from)
      await until(() => queue.stats().backlogItems === left)
    }
    const joined = queue.join()
    expect(await consumer.call('get')).toBe(9)
    await consumer.call('taskDone')
    await joined
    expect(queue.stats()).toMatchObject({ size: 0, unfinished: 0, backlogBytes: 0, ledger: { acknowledged: 10 } })
  })
})

describe('putMany() of items that lie side by side', () => {
  test('keeps the order of those that do and those that do not', async () => {
    const queue = new FanOutQueue<unknown>({ prefetch: 50 })
    const items = [1, 2, 'three', 4, 5, 6, { seven: 7 }, 8, -0, Number.NaN]
    await queue.putMany(items)
    const got = echoed(queue.consumer(), 'batches')
    await until(() => queue.stats().lanes[0]?.unacknowledged === 0)
    await queue.putMany(items)
    queue.shutdown()
    expect(await got).toEqual([...items, ...items])
  })

  test('goes round the end of a small ring, and waits for room here', async () => {
    const queue = new FanOutQueue<number>({ capacityBytes: 256, prefetch: 1000, codec: float64() })
    const got = echoed(queue.consumer(), 'for await', true)
    expect(await queue.putMany(Float64Array.from(numbers(2000)))).toBe(2000)
    await queue.join()
    queue.shutdown()
    expect(await got).toEqual(numbers(2000))
  })

  test('holds maxItems to the item', async () => {
    const queue = new FanOutQueue<number>({ maxItems: 5, prefetch: 3 })
    const consumer = await withRun(queue, [])
    expect(await queue.putMany(numbers(9), { timeout: 0 })).toBe(5)
    expect(queue.qsize()).toBe(5)
    expect(await consumer.call('drain')).toEqual([0, 1, 2])
    expect(await queue.putMany(numbers(9), { timeout: 0 })).toBe(3)
    expect(queue.stats().ledger.put).toBe(8)
  })

  test.each(['waiting here', 'with a consumer'])(
    'accepts all before the one that the codec refuses (%s)',
    async (where) => {
      const queue = new FanOutQueue<{ a: number }>({ codec: struct({ a: u8, b: u8, c: u8 }) as never, prefetch: 9 })
      const item = (a: number) => ({ a, b: 0, c: 0 })
      const consumer = where === 'waiting here' ? undefined : await startRemoteConsumer(queue.consumer())
      await expect(queue.putMany([item(1), item(2), item(256), item(4)])).rejects.toMatchObject({ code: 'CODEC_VALUE' })
      expect(queue.stats().ledger.put).toBe(2)
      const reader = consumer ?? (await startRemoteConsumer(queue.consumer()))
      expect(await reader.call('getMany', { min: 2 })).toEqual([item(1), item(2)])
    },
  )

  test('waits behind a put that waits', async () => {
    const queue = new FanOutQueue<number>({ maxItems: 1 })
    queue.putNowait(0)
    const waiting = [queue.put(1), queue.putMany([2, 3])]
    const got = echoed(queue.consumer(), 'for of')
    await Promise.all(waiting)
    queue.shutdown()
    expect(await got).toEqual([0, 1, 2, 3])
  })

  test('survives an item whose code puts another', async () => {
    const queue = new FanOutQueue<{ a: number }>({ codec: struct({ a: u8 }) as never, prefetch: 9 })
    const consumer = await startRemoteConsumer(queue.consumer())
    let isFirst = true
    const nested = {
      get a() {
        if (isFirst) queue.putNowait({ a: 9 })
        isFirst = false
        return 2
      },
    }
    expect(await queue.putMany([{ a: 1 }, nested, { a: 3 }])).toBe(3)
    const got = (await consumer.call('getMany', { min: 4 })) as { a: number }[]
    expect(got.map(({ a }) => a).sort()).toEqual([1, 2, 3, 9])
    expect(queue.stats().ledger.put).toBe(4)
  })
})

describe('a batch of a run', () => {
  test('that was settled while an older one was not is acknowledged with that one', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 8 })
    const consumer = await withRun(queue, numbers(8))
    // Two iterators at once: the second goes on, the first has one item for longer.
    expect(await consumer.call('next', 'slow')).toEqual({ value: 0, done: false })
    expect(await consumer.call('next', 'fast')).toEqual({ value: 1, done: false })
    expect(await consumer.call('next', 'fast')).toEqual({ value: 2, done: false })
    expect(await consumer.call('next', 'fast')).toEqual({ value: 3, done: false })
    expect(queue.stats().ledger.acknowledged).toBe(0)
    expect(await consumer.call('next', 'slow')).toEqual({ value: 4, done: false })
    expect(queue.stats().ledger.acknowledged).toBe(3)
    expect(await consumer.call('next', 'fast')).toEqual({ value: 5, done: false })
    expect(queue.stats().ledger.acknowledged).toBe(4)
  })

  test('with an item that cannot be decoded leaves those behind it with the consumer', async () => {
    const codec: Codec<number> = {
      name: 'picky',
      fixedSize: 8,
      encode(item, target, offset, limit) {
        if (offset + 8 > limit) return -1
        target[offset] = item
        return offset + 8
      },
      decode(source, start) {
        if (source[start] === 1) throw new TypeError('not this one')
        return source[start]
      },
    }
    const queue = new FanOutQueue<number>({ prefetch: 8, codec })
    const consumer = openConsumer(queue.consumer(), { codec })
    await queue.putMany(numbers(4))
    await expect(consumer.getMany()).rejects.toThrow('not this one')
    expect(consumer.drain()).toEqual([0, 2, 3])
    consumer.taskDone(4)
    expect(queue.stats()).toMatchObject({ unfinished: 0, ledger: { acknowledged: 4 } })
    consumer.close()
  })
})
