import { describe, expect, test, vi } from 'vitest'
import { bytes, FanInQueue } from '../../src/index.js'
import { localQueue, turn } from '../fixtures/local.js'
import { startProducer, startRemoteProducer, until } from '../fixtures/threads.js'

describe('a full lane', () => {
  test('times a blocking put out after its time and puts nothing; the next put after a get works (T203)', async () => {
    const queue = new FanInQueue<number>({ capacityBytes: 64 })
    const remote = await startRemoteProducer(queue.producer())
    for (let i = 0; i < 4; i++) await remote.call('putBlocking', i)
    const started = performance.now()
    await expect(remote.call('putBlocking', 4, { timeout: 50 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    expect(performance.now() - started).toBeGreaterThanOrEqual(49)
    expect([queue.qsize(), queue.unfinishedTasks]).toEqual([4, 4])
    expect(await queue.get()).toBe(0)
    await remote.call('putBlocking', 5)
    expect(queue.drain()).toEqual([1, 2, 3, 5])
  })

  test('refuses putNowait() at once and changes nothing (T204)', () => {
    const { queue, producer } = localQueue<number>({ capacityBytes: 64 })
    for (let i = 0; i < 4; i++) producer.putNowait(i)
    expect(() => producer.putNowait(4)).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    expect(queue.qsize()).toBe(4)
    expect(queue.drain()).toEqual([0, 1, 2, 3])
    expect(() => queue.getNowait()).toThrow(expect.objectContaining({ code: 'QUEUE_EMPTY' }))
  })

  for (const [way, empty] of [
    ['drain()', (queue: FanInQueue<Uint8Array>) => queue.drain()],
    ['getNowait()', (queue: FanInQueue<Uint8Array>) => [queue.getNowait(), queue.getNowait()]],
  ] as const) {
    test(`has all its room again at once when ${way} has emptied it`, () => {
      const { queue, producer } = localQueue<Uint8Array>({ capacityBytes: 128, codec: bytes() })
      producer.putNowait(new Uint8Array(33))
      producer.putNowait(new Uint8Array(9))
      expect(empty(queue)).toHaveLength(2)
      producer.putNowait(new Uint8Array(49))
      expect(queue.qsize()).toBe(1)
    })
  }

  test('lets waiting puts in in their order, and nobody past them', async () => {
    const { queue, producer } = localQueue<number>({ capacityBytes: 64 })
    const settled: number[] = []
    const puts = Array.from({ length: 8 }, (_, i) => producer.put(i).then(() => settled.push(i)))
    await turn()
    expect(settled).toEqual([0, 1, 2, 3])
    expect(() => producer.putNowait(9)).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    const items: number[] = []
    while (items.length < 8) items.push(await queue.get())
    await Promise.all(puts)
    expect(items).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('gives up a waiting put by its signal, with its reason, and puts nothing of it', async () => {
    const { queue, producer } = localQueue<number>({ capacityBytes: 64 })
    for (let i = 0; i < 4; i++) producer.putNowait(i)
    const controller = new AbortController()
    const waiting = producer.put(4, { signal: controller.signal })
    const reason = new Error('changed my mind')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(producer.put(5, { timeout: 0 })).rejects.toMatchObject({ name: 'TimeoutError', code: 'QUEUE_TIMEOUT' })
    await expect(producer.put(5, { timeout: 5 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(producer.put(5, { timeout: -1 })).rejects.toThrow(RangeError)
    expect(queue.drain()).toEqual([0, 1, 2, 3])
  })

  test('takes the item as it was when put() was called, however long it waits (T214)', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ capacityBytes: 128 })
    const item = new Uint8Array(48).fill(1)
    await producer.put(item)
    const waiting = [producer.put(item), producer.put(item)]
    item.fill(2)
    const got = [await queue.get(), await queue.get(), await queue.get()]
    await Promise.all(waiting)
    for (const bytes of got) expect([...bytes]).toEqual(Array(48).fill(1))
    got[0].fill(9)
    expect(got[1][0]).toBe(1)
  })
})

describe('capacityBytes (T209)', () => {
  test('is rounded up to a power of two, and the real one can be read', () => {
    const { queue } = localQueue({ capacityBytes: 1000 })
    expect(queue.stats().lanes[0].capacityBytes).toBe(1024)
  })

  test.each([63, 0, -1, 1.5, 2 ** 30 + 1])('%d is refused with the limits', (capacityBytes) => {
    expect(() => new FanInQueue({ capacityBytes })).toThrow(/64 to 1073741824, got/)
    expect(() => new FanInQueue({ capacityBytes })).toThrow(RangeError)
  })

  test('the smallest lane works, an item at a time', async () => {
    const { queue, producer } = localQueue<string>({ capacityBytes: 64 })
    for (let i = 0; i < 100; i++) {
      await producer.put(`item ${i}`)
      expect(await queue.get()).toBe(`item ${i}`)
    }
  })
})

test.each([
  [{ maxItems: 0 }, RangeError],
  [{ maxItems: Number.NaN }, TypeError],
  [{ yieldAfter: -1 }, RangeError],
  [{ order: 'random' }, TypeError],
  [{ onRemoteLost: 'panic' }, TypeError],
  [{ codec: {} }, TypeError],
  [{ name: 5 }, TypeError],
  [{ capacity: 5 }, TypeError],
])('options %o are refused', (options, error) => {
  const make = () => new FanInQueue(options as object)
  expect(make).toThrow(error)
  expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})

describe('maxItems', () => {
  test('bounds what is in flight over all lanes', async () => {
    const { queue, producer, another } = localQueue<number>({ maxItems: 3 })
    const second = another()
    producer.putNowait(1)
    second.putNowait(2)
    producer.putNowait(3)
    expect(() => second.putNowait(4)).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    expect(await queue.get()).toBe(1)
    await turn()
    second.putNowait(4)
    expect(() => producer.putNowait(5)).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    expect(queue.drain().sort()).toEqual([2, 3, 4])
  })

  test('1 makes every put wait for the item before it, whichever thread put that', async () => {
    const queue = new FanInQueue<[string, number]>({ maxItems: 1 })
    for (const tag of ['a', 'b', 'c']) startProducer(queue.producer(), 'count', { count: 300, tag })
    queue.closeWhenIdle()
    const seen = new Map<string, number>()
    for await (const [tag, i] of queue) {
      expect(queue.qsize()).toBeLessThanOrEqual(1)
      expect(i).toBe(seen.get(tag) ?? 0)
      seen.set(tag, i + 1)
    }
    expect([...seen.values()]).toEqual([300, 300, 300])
  })

  test('runs of numbers are cut to what it allows', async () => {
    const queue = new FanInQueue<number>({ maxItems: 10 })
    startProducer(queue.producer(), 'many', { count: 5000 })
    queue.closeWhenIdle()
    let next = 0
    for await (const batch of queue.batches()) {
      expect(batch.length).toBeLessThanOrEqual(10)
      for (const item of batch) expect(item).toBe(next++)
    }
    expect(next).toBe(5000)
  })

  test('a thread that dies between its ticket and its item does not take a place for ever (T231)', async () => {
    const { queue, producer, another } = localQueue<number>({ maxItems: 2 })
    const dying = another()
    // What a kill between the two leaves behind: a ticket was given out, and nothing carries it.
    claimAndDie(dying)
    producer.putNowait(1)
    expect(() => producer.putNowait(2)).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    expect(await queue.get()).toBe(1)
    dying.close()
    await until(() => queue.stats().endedLanes === 1)
    await turn()
    producer.putNowait(2)
    producer.putNowait(3)
    expect(queue.drain()).toEqual([2, 3])
  })
})

/** Stops a put right before its publication, for ever. */
function claimAndDie(producer: object): void {
  const { writer } = producer as { writer: { lane: { publish: () => boolean }; put: (item: number) => number } }
  const publish = vi.spyOn(writer.lane, 'publish').mockImplementation(() => {
    throw new Error('killed')
  })
  expect(() => writer.put(0)).toThrow('killed')
  publish.mockRestore()
  const { lane } = writer as unknown as { lane: { discard(): void } }
  lane.discard()
}

describe("order 'arrival'", () => {
  test('is one first-in-first-out over all producers', () => {
    const { queue, producer, another } = localQueue<number>({ order: 'arrival' })
    const second = another()
    for (let i = 0; i < 100; i += 2) {
      producer.putNowait(i)
      second.putNowait(i + 1)
    }
    expect(queue.drain()).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  test('keeps each producer in its order under load, and loses nothing', async () => {
    const queue = new FanInQueue<[string, number]>({ order: 'arrival', capacityBytes: 1024 })
    for (const tag of ['a', 'b']) startProducer(queue.producer(), 'count', { count: 3000, tag })
    startProducer(queue.producer(), 'many', { count: 3000, tag: 'c' })
    queue.closeWhenIdle()
    const seen = new Map<string, number>()
    for await (const [tag, i] of queue) {
      expect(i).toBe(seen.get(tag) ?? 0)
      seen.set(tag, i + 1)
    }
    expect([...seen.values()]).toEqual([3000, 3000, 3000])
  })

  test('a ticket that died with its thread is skipped, one that is only slow is waited for (T231)', async () => {
    const { queue, producer, another } = localQueue<number>({ order: 'arrival' })
    const dying = another()
    producer.putNowait(1)
    claimAndDie(dying)
    producer.putNowait(2)
    expect(await queue.get()).toBe(1)
    const waiting = queue.get()
    await turn()
    expect(queue.qsize()).toBe(1)
    dying.close()
    expect(await waiting).toBe(2)
  })

  test.each([2 ** 31 - 3, 0])('goes on across the wrap of the tickets, from %i (T208)', async (ticket) => {
    const { queue, producer, another } = localQueue<number>({ order: 'arrival', maxItems: 4 }, { ticket })
    const second = another()
    for (let i = 0; i < 40; i += 2) {
      await producer.put(i)
      await second.put(i + 1)
      expect([await queue.get(), await queue.get()]).toEqual([i, i + 1])
    }
  })

  test('a long item that is given up does not hold the others up', async () => {
    const { queue, producer, another } = localQueue<unknown>({ order: 'arrival', capacityBytes: 256 })
    const second = another()
    const controller = new AbortController()
    const long = producer.put(new Uint8Array(5000), { signal: controller.signal })
    const refused = expect(long).rejects.toThrow('too long')
    second.putNowait('short')
    const got = queue.get()
    await turn()
    controller.abort(new Error('too long'))
    await refused
    expect(await got).toBe('short')
    await producer.put('after')
    expect(await queue.get()).toBe('after')
  })
})

describe.each([
  ['2^31', 2 ** 31 - 64],
  ['2^32', -64],
])('positions and counts that start near %s (T208)', (_, start) => {
  test('cross it with size, full and empty right', async () => {
    const { queue, producer } = localQueue<number>({ capacityBytes: 64 }, { position: start, count: start })
    for (let round = 0; round < 40; round++) {
      expect(queue.empty()).toBe(true)
      for (let i = 0; i < 4; i++) producer.putNowait(i)
      expect([queue.qsize(), producer.qsize(), queue.unfinishedTasks, producer.unfinishedTasks]).toEqual([4, 4, 4, 4])
      expect(() => producer.putNowait(4)).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
      expect(queue.drain()).toEqual([0, 1, 2, 3])
      queue.taskDone(4)
      await turn()
    }
  })

  test('100,000 items of a thread cross it in order', async () => {
    const { queue } = localQueue<number>({ capacityBytes: 4096 }, { position: start, count: start })
    startProducer(queue.producer(), 'many', { count: 100_000 })
    let next = 0
    for await (const batch of queue.batches()) {
      for (const item of batch) expect(item).toBe(next++)
      if (next === 100_000) break
    }
    expect(queue.stats().puts).toBe(100_000)
  })
})

test('qsize() lies between 0 and maxItems at all times, from any thread (T210)', async () => {
  const queue = new FanInQueue<number>({ maxItems: 5 })
  const progress = new SharedArrayBuffer(4)
  startProducer(queue.producer(), 'flood', { progress })
  const watcher = await startRemoteProducer(queue.producer())
  let got = 0
  for await (const batch of queue.batches()) {
    got += batch.length
    expect(queue.qsize()).toBeGreaterThanOrEqual(0)
    expect(queue.qsize()).toBeLessThanOrEqual(5)
    if (got % 50 < 5) {
      const seen = (await watcher.call('qsize')) as number
      expect(seen).toBeGreaterThanOrEqual(0)
      expect(seen).toBeLessThanOrEqual(5)
    }
    if (got > 1000) break
  }
  queue.shutdown({ immediate: true })
})
