import { describe, expect, test } from 'vitest'
import { FanInQueue, float64 } from '../../src/index.js'
import { collect, startProducer, startRemoteProducer, until } from '../fixtures/threads.js'

describe('one producer', () => {
  test.each(['putBlocking', 'many', 'countAsync'])(
    'items come in the order in which they were put, by %s (T200)',
    async (how) => {
      const queue = new FanInQueue<number>({ capacityBytes: 4096 })
      startProducer(queue.producer(), how === 'putBlocking' ? 'count' : how, { count: 10_000 })
      queue.closeWhenIdle()
      const items = await collect(queue)
      expect(items).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
    },
  )

  test('batches bring the same items in the same order', async () => {
    const queue = new FanInQueue<number>({ capacityBytes: 4096, codec: float64() })
    startProducer(queue.producer(), 'many', { count: 100_000 })
    queue.closeWhenIdle()
    const items: number[] = []
    for await (const batch of queue.batches()) {
      expect(batch.length).toBeGreaterThan(0)
      items.push(...batch)
    }
    expect(items).toEqual(Array.from({ length: 100_000 }, (_, i) => i))
  })
})

test('several producers: every item once, each producer in its order (T201)', async () => {
  const queue = new FanInQueue<[string, number]>({ capacityBytes: 2048 })
  for (const tag of ['a', 'b', 'c', 'd'])
    startProducer(queue.producer(), tag < 'c' ? 'count' : 'many', { count: 2500, tag })
  queue.closeWhenIdle()
  const seen = new Map<string, number>()
  for await (const [tag, i] of queue) {
    expect(i).toBe(seen.get(tag) ?? 0)
    seen.set(tag, i + 1)
  }
  expect([...seen.values()]).toEqual([2500, 2500, 2500, 2500])
})

test('a full ring parks the thread, and one get lets exactly one more put through (T202)', async () => {
  const queue = new FanInQueue<number>({ capacityBytes: 64 })
  const progress = new Int32Array(new SharedArrayBuffer(4))
  startProducer(queue.producer(), 'flood', { progress: progress.buffer })
  await until(() => queue.qsize() === 4)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(Atomics.load(progress, 0)).toBe(4)
  expect(await queue.get()).toBe(0)
  await until(() => Atomics.load(progress, 0) === 5)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(Atomics.load(progress, 0)).toBe(5)
})

test('an awaited get is woken by each of many puts, none of them lost (T205)', async () => {
  const queue = new FanInQueue<number>()
  const producer = await startRemoteProducer(queue.producer())
  for (let i = 0; i < 10_000; i++) {
    const got = queue.get()
    void producer.call('putNowait', i)
    expect(await got).toBe(i)
  }
})
