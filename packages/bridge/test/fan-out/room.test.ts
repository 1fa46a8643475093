import { QueueEmpty } from '@millrace/queue'
import { describe, expect, test } from 'vitest'
import { type Codec, FanOutQueue } from '../../src/index.js'
import { openConsumer } from '../../src/worker.js'
import { echoed, startConsumer } from '../fixtures/consumers.js'
import { turn } from '../fixtures/local.js'
import { until } from '../fixtures/threads.js'

/** Four of these fill a ring of 4096 bytes. */
const itemOf = (n: number) => new Uint8Array(1000).fill(n)
const items = (count: number) => Array.from({ length: count }, (_, n) => itemOf(n))

/** Items of 64 MiB of which nobody touches more than one byte. */
const wide: Codec<number> = {
  name: 'wide',
  encode(item, target, offset, limit) {
    if (offset + 2 ** 26 > limit) return -1
    target[offset] = item
    return offset + 2 ** 26
  },
  decode: (source, start) => source[start],
}

/** A consumer on this loop that may hold twice as many items as its ring has room for. */
async function local(count: number) {
  const queue = new FanOutQueue<Uint8Array>({ capacityBytes: 4096, prefetch: 8 })
  const consumer = openConsumer<Uint8Array>(queue.consumer())
  const putting = queue.putMany(items(count))
  await turn()
  return { queue, consumer, putting }
}

describe('a consumer that holds more items than its ring has room for', () => {
  test('gets as many as it may hold, and acknowledges none for that', async () => {
    const { queue, consumer } = await local(8)
    for (const item of items(8)) expect(await consumer.get()).toEqual(item)
    expect(queue.stats().ledger.acknowledged).toBe(0)
  })

  test('gets them by getNowait(), which waits for nothing', async () => {
    const { consumer } = await local(8)
    const got: Uint8Array[] = []
    for (let looks = 0; got.length < 8 && looks < 100; looks++) {
      got.push(...consumer.drain())
      await turn()
    }
    expect(got).toEqual(items(8))
  })

  test('gets all that getMany() waits for', async () => {
    const { consumer } = await local(8)
    expect(await consumer.getMany({ min: 8 })).toEqual(items(8))
  })

  test('goes on beyond that, with what is acknowledged in between', async () => {
    const { queue, consumer, putting } = await local(100)
    for (const [n, item] of items(100).entries()) {
      expect(await consumer.get()).toEqual(item)
      if (n % 7 === 0) consumer.taskDone()
    }
    expect(await putting).toBe(100)
    consumer.close()
    expect(queue.stats().ledger).toMatchObject({ put: 100, acknowledged: 100, redelivered: 0, open: 0 })
  })

  test('gets a long item behind them', async () => {
    const queue = new FanOutQueue<Uint8Array>({ capacityBytes: 4096, prefetch: 8 })
    const consumer = openConsumer<Uint8Array>(queue.consumer())
    const long = new Uint8Array(50_000).fill(9)
    const putting = queue.putMany([...items(4), long, itemOf(5)])
    const got: Uint8Array[] = []
    for (let n = 0; n < 6; n++) got.push(await consumer.get())
    expect(got).toEqual([...items(4), long, itemOf(5)])
    expect(await putting).toBe(6)
  })

  test('gets them by getBlocking(), and if its thread dies others get all of them, each once more', async () => {
    const queue = new FanOutQueue<Uint8Array>({ capacityBytes: 4096, prefetch: 8 })
    const word = new SharedArrayBuffer(4)
    const doomed = startConsumer(queue.consumer(), 'hold', { count: 8, word })
    for (const item of items(10)) await queue.put(item)
    await until(() => new Int32Array(word)[0] === 8)
    await doomed.terminate()
    const got = echoed(queue.consumer(), 'get')
    queue.shutdown()
    expect(await got).toEqual(items(10))
    expect(queue.stats().ledger).toMatchObject({ put: 10, acknowledged: 10, redelivered: 8, open: 0 })
  })

  test('gets numbers that share a record, some of them acknowledged in between', async () => {
    const queue = new FanOutQueue<number>({ capacityBytes: 64, prefetch: 20 })
    const consumer = openConsumer<number>(queue.consumer())
    const putting = queue.putMany(Array.from({ length: 12 }, (_, n) => n))
    const got: number[] = []
    while (got.length < 12) {
      got.push(await consumer.get())
      if (got.length === 5) consumer.taskDone(3)
    }
    expect(got).toEqual(Array.from({ length: 12 }, (_, n) => n))
    expect(await putting).toBe(12)
    expect(queue.stats().ledger).toMatchObject({ acknowledged: 3, open: 9 })
  })
})

test('what a consumer holds keeps its place in the ring, however much has gone through that before', async () => {
  const queue = new FanOutQueue<number>({ capacityBytes: 2 ** 28, codec: wide })
  const consumer = openConsumer<number>(queue.consumer(), { codec: wide })
  // More than 4 GiB: all positions that there are.
  for (let n = 0; n < 70; n++) {
    queue.putNowait(n)
    expect(consumer.drain()).toEqual([n])
    expect(() => consumer.getNowait()).toThrow(QueueEmpty)
    expect(queue.stats().lanes[0].depthBytes).toBeGreaterThan(2 ** 26)
    consumer.taskDone()
  }
})
