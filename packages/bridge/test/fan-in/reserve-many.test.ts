import { describe, expect, test } from 'vitest'
import { bytes, FanInQueue } from '../../src/index.js'
import type { ReservationBatch } from '../../src/worker.js'
import { localQueue, turn } from '../fixtures/local.js'
import { collect, startProducer } from '../fixtures/threads.js'

const withCode = (code: string) => expect.objectContaining({ code })

/** Writes `first`, `first + 1`, ... into the items of a batch that has to be there. */
function filled(batch: ReservationBatch | null, first: number): ReservationBatch {
  if (batch === null) throw new Error('there was no room')
  let n = first
  for (const bytes of batch) bytes.fill(n++)
  return batch
}

describe('reserveMany()', () => {
  test('writes several items in place, which commit() publishes together', () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes() })
    const batch = filled(producer.reserveMany(3, 5), 1)
    expect(batch.length).toBe(3)
    expect(batch.at(2).buffer).toBeInstanceOf(SharedArrayBuffer)
    expect([queue.qsize(), producer.unfinishedTasks]).toEqual([0, 0])
    batch.commit()
    expect([queue.qsize(), producer.unfinishedTasks]).toEqual([3, 3])
    expect(queue.drain().map((item) => [...item])).toEqual([1, 2, 3].map((n) => Array(5).fill(n)))
  })

  test('publishes fewer if told so, and gives the rest back', () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes(), capacityBytes: 64 })
    filled(producer.reserveMany(2, 8), 1).commit(1)
    filled(producer.reserveMany(2, 8), 2).commit(2)
    filled(producer.reserveMany(1, 8), 4).commit(0)
    filled(producer.reserveMany(1, 8), 5).commit()
    expect(producer.reserveMany(1, 8)).toBeNull()
    expect(queue.drain().map((item) => item[0])).toEqual([1, 2, 3, 5])
  })

  test('aborted leaves nothing behind', () => {
    const { queue, producer } = localQueue<unknown>({ capacityBytes: 64 })
    for (let i = 0; i < 10; i++) {
      producer.reserveMany(2, 8)?.abort()
      const batch = producer.reserveMany(2, 4)
      batch?.[Symbol.dispose]()
      batch?.abort()
    }
    producer.putNowait(1)
    expect(queue.drain()).toEqual([1])
  })

  test('has as many as fit side by side where that is fewer, and is null where not even one does', () => {
    const { queue, producer } = localQueue<unknown>({ codec: bytes() as never, capacityBytes: 128 })
    filled(producer.reserveMany(100, 8), 0).commit()
    expect(queue.qsize()).toBe(4)
    const rest = filled(producer.reserveMany(100, 17), 4)
    expect(rest.length).toBe(2)
    rest.commit()
    expect(producer.reserveMany(100, 1)).toBeNull()
  })

  test('goes on at the start of the ring when there is no room for one before its end', () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes(), capacityBytes: 128 })
    for (let n = 0; n < 7; n++) producer.putNowait(new Uint8Array(8))
    queue.drain()
    filled(producer.reserveMany(2, 24), 1).commit()
    expect(queue.drain().map((item) => [...item])).toEqual([Array(24).fill(1), Array(24).fill(2)])
  })

  test('one at a time: other puts are refused meanwhile, and go on afterwards', async () => {
    const { queue, producer } = localQueue<unknown>()
    const batch = producer.reserveMany(2, 8)
    await expect(producer.put(1)).rejects.toMatchObject({ code: 'RESERVATION_OPEN' })
    expect(() => producer.reserveMany(2, 8)).toThrow(withCode('RESERVATION_OPEN'))
    expect(() => producer.reserve(8)).toThrow(withCode('RESERVATION_OPEN'))
    batch?.abort()
    producer.putNowait(1)
    expect(queue.drain()).toEqual([1])
  })

  test('is over once it has ended', () => {
    const { producer } = localQueue<unknown>()
    for (const end of ['commit', 'abort'] as const) {
      const batch = filled(producer.reserveMany(2, 8), 1)
      batch[end]()
      expect(() => batch.at(0)).toThrow(/have ended/)
      expect(() => [...batch]).toThrow(/have ended/)
      expect(() => batch.commit()).toThrow(/have ended/)
    }
  })

  test('refuses what is no count, no length and no index', () => {
    const { producer } = localQueue<unknown>({ capacityBytes: 64 })
    for (const count of [0, -1, 1.5, Number.NaN, '2' as never]) {
      expect(() => producer.reserveMany(count, 8)).toThrow(RangeError)
    }
    expect(() => producer.reserveMany(2, -1)).toThrow(RangeError)
    expect(() => producer.reserveMany(2, 25)).toThrow(withCode('ITEM_TOO_LARGE'))
    const batch = filled(producer.reserveMany(2, 8), 1)
    for (const index of [-1, 2, 0.5]) expect(() => batch.at(index)).toThrow(RangeError)
    for (const count of [-1, 3, 0.5]) expect(() => batch.commit(count)).toThrow(RangeError)
    batch.commit(2)
  })

  test.each(['commit', 'abort'] as const)(
    'takes no more places than maxItems leaves, and gives those back that it does not use: %s',
    async (end) => {
      const { queue, producer, another } = localQueue<unknown>({ maxItems: 5, codec: bytes() as never })
      const second = another()
      second.putNowait(new Uint8Array(1))
      const batch = filled(producer.reserveMany(100, 8), 0)
      expect(batch.length).toBe(4)
      expect(() => second.putNowait(new Uint8Array(1))).toThrow(withCode('QUEUE_FULL'))
      if (end === 'commit') batch.commit(2)
      else batch.abort()
      expect(queue.drain().length).toBe(end === 'commit' ? 3 : 1)
      await turn()
      await turn()
      for (let i = 0; i < 5; i++) second.putNowait(new Uint8Array(1))
      expect(() => second.putNowait(new Uint8Array(1))).toThrow(withCode('QUEUE_FULL'))
      expect(queue.drain().length).toBe(5)
    },
  )

  test.each([{}, { maxItems: 20 }])('keeps the order of arrival, with %o', async (options) => {
    const { queue, producer, another } = localQueue<Uint8Array>({ codec: bytes(), order: 'arrival', ...options })
    const second = another()
    filled(producer.reserveMany(3, 8), 0).commit()
    filled(second.reserveMany(3, 8), 3).commit(2)
    producer.putNowait(new Uint8Array(8).fill(5))
    filled(second.reserveMany(2, 8), 6).commit()
    filled(producer.reserveMany(2, 8), 6).abort()
    second.putNowait(new Uint8Array(8).fill(8))
    expect(queue.drain().map((item) => item[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('is refused as a whole when the queue is shut down before commit()', () => {
    const { queue, producer } = localQueue<unknown>()
    const batch = filled(producer.reserveMany(3, 8), 1)
    queue.shutdown()
    expect(() => batch.commit()).toThrow(withCode('QUEUE_SHUT_DOWN'))
    expect([queue.qsize(), queue.unfinishedTasks]).toEqual([0, 0])
    expect(() => producer.reserveMany(3, 8)).toThrow(withCode('QUEUE_SHUT_DOWN'))
  })

  test('is given up by close()', () => {
    const { queue, producer } = localQueue<unknown>({ maxItems: 3 })
    const batch = filled(producer.reserveMany(3, 8), 1)
    producer.close()
    expect(() => batch.commit()).toThrow(withCode('HANDLE_CLOSED'))
    expect([queue.qsize(), queue.unfinishedTasks]).toEqual([0, 0])
  })

  test('is null while puts wait', async () => {
    const { queue, producer } = localQueue<number>({ capacityBytes: 64 })
    for (let i = 0; i < 4; i++) producer.putNowait(i)
    const waiting = producer.put(4)
    expect(producer.reserveMany(1, 0)).toBeNull()
    queue.drain()
    await waiting
    expect(producer.reserveMany(2, 8)?.length).toBe(2)
  })
})

describe('reserveManyBlocking()', () => {
  test.each([
    {},
    { maxItems: 1 },
    { maxItems: 7 },
    { order: 'arrival' as const },
    { order: 'arrival' as const, maxItems: 2 },
  ])(
    'stops its thread until there is room for one, and every item arrives whole, in order, with %o',
    async (options) => {
      const queue = new FanInQueue<Uint8Array>({ codec: bytes(), capacityBytes: 512, ...options })
      startProducer(queue.producer(), 'inPlaceMany', { count: 1000, size: 50, atOnce: 6 })
      queue.closeWhenIdle()
      const items = await collect(queue)
      expect(items.map((item) => [item.length, ...new Set(item)])).toEqual(
        Array.from({ length: 1000 }, (_, i) => [50, i & 255]),
      )
    },
  )
})
