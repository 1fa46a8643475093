import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, type Codec, FanInQueue, float64, type Lease, type LeaseBatch } from '../../src/index.js'
import { openProducer } from '../../src/worker.js'
import { localQueue, turn } from '../fixtures/local.js'
import { startProducer, startRemoteProducer, until } from '../fixtures/threads.js'

/** 8 bytes that say which item this is; with their header they take 16 of the ring. */
const item = (n: number) => new Uint8Array(8).fill(n)
const numberIn = (view: Uint8Array) => new DataView(view.buffer, view.byteOffset).getFloat64(0, true)
const firstBytes = (batch: LeaseBatch) => Array.from(batch, (view) => view[0])
const full = expect.objectContaining({ code: 'QUEUE_FULL' })

/** The batch that comes next, which has to be there. */
async function nextOf(batches: AsyncIterator<LeaseBatch, undefined>): Promise<LeaseBatch> {
  const { value } = await batches.next()
  if (value === undefined) throw new Error('the iteration has ended')
  return value
}

/** The first bytes of so many items, taken in batches that are released one after the other. */
async function firstsOf(queue: FanInQueue<never>, count: number): Promise<number[]> {
  const firsts: number[] = []
  for await (const batch of queue.leaseBatches()) {
    firsts.push(...firstBytes(batch))
    batch.release()
    if (firsts.length >= count) break
  }
  return firsts
}

describe('a batch of leases', () => {
  test('shows each item where it lies', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes() })
    const items = [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(4), new Uint8Array(100).fill(5)]
    for (const bytes of items) producer.putNowait(bytes)
    const batch = await nextOf(queue.leaseBatches())
    expect(batch.length).toBe(4)
    expect(Array.from(batch, (view) => [...view])).toEqual(items.map((bytes) => [...bytes]))
    expect([...batch.at(3)]).toEqual([...items[3]])
    expect(batch.at(0).buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  test('refuses to be read after its release, which may come twice', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes() })
    for (let n = 0; n < 3; n++) producer.putNowait(item(n))
    const batch = await nextOf(queue.leaseBatches())
    const reading = batch[Symbol.iterator]()
    reading.next()
    batch.release()
    batch.release()
    expect(() => batch.at(0)).toThrow(/was released/)
    expect(() => reading.next()).toThrow(/was released/)
    expect(() => [...batch]).toThrow(/was released/)
    expect(batch.length).toBe(3)
  })

  test('is released by the end of its scope', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes() })
    producer.putNowait(item(1))
    const batch = await nextOf(queue.leaseBatches())
    batch[Symbol.dispose]()
    expect(() => batch.at(0)).toThrow(/was released/)
  })

  test.each([-1, 2, 0.5, Number.NaN, '0' as never])('refuses %s as the index of one of two items', async (index) => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes() })
    for (let n = 0; n < 2; n++) producer.putNowait(item(n))
    const batch = await nextOf(queue.leaseBatches())
    expect(() => batch.at(index)).toThrow(RangeError)
  })

  test('has no more items than max', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes() })
    for (let n = 0; n < 7; n++) producer.putNowait(item(n))
    const batches = queue.leaseBatches({ max: 3 })
    const lengths: number[] = []
    for (let i = 0; i < 3; i++) lengths.push((await nextOf(batches)).length)
    expect(lengths).toEqual([3, 3, 1])
    expect(() => queue.leaseBatches({ max: 0 })).toThrow(RangeError)
  })

  test('holds no more than a quarter of its ring, or one item', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes(), capacityBytes: 256 })
    for (let n = 0; n < 6; n++) producer.putNowait(item(n))
    producer.putNowait(new Uint8Array(100).fill(6))
    producer.putNowait(item(7))
    const batches = queue.leaseBatches()
    const firsts: number[][] = []
    for (let i = 0; i < 4; i++) {
      const batch = await nextOf(batches)
      firsts.push(firstBytes(batch))
      batch.release()
    }
    expect(firsts).toEqual([[0, 1, 2, 3], [4, 5], [6], [7]])
  })

  test('goes on behind the end of the ring', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes(), capacityBytes: 256 })
    for (let n = 0; n < 13; n++) producer.putNowait(item(n))
    queue.drain()
    producer.putNowait(new Uint8Array(16).fill(1))
    producer.putNowait(new Uint8Array(16).fill(2))
    const batch = await nextOf(queue.leaseBatches())
    expect(Array.from(batch, (view) => [...view])).toEqual([Array(16).fill(1), Array(16).fill(2)])
  })

  test('holds its space, and gives it back in the order of the ring', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes(), capacityBytes: 128 })
    for (let n = 0; n < 8; n++) producer.putNowait(item(n))
    const batches = queue.leaseBatches()
    const held: LeaseBatch[] = []
    for (let i = 0; i < 4; i++) held.push(await nextOf(batches))
    held[1].release()
    await turn()
    expect(() => producer.putNowait(item(8))).toThrow(full)
    held[0].release()
    await turn()
    for (let n = 8; n < 12; n++) producer.putNowait(item(n))
    expect(() => producer.putNowait(item(12))).toThrow(full)
    expect([firstBytes(held[2]), firstBytes(held[3])]).toEqual([
      [4, 5],
      [6, 7],
    ])
  })

  test('keeps its bytes through a shutdown at once, which drops what nobody has taken', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes(), capacityBytes: 256 })
    for (let n = 0; n < 6; n++) producer.putNowait(item(n))
    const batches = queue.leaseBatches()
    const batch = await nextOf(batches)
    queue.shutdown({ immediate: true })
    await turn()
    expect(firstBytes(batch)).toEqual([0, 1, 2, 3])
    expect(queue.stats()).toMatchObject({ size: 0, dropped: 2 })
    batch.release()
    expect(await batches.next()).toEqual({ value: undefined, done: true })
  })

  test('is there for the codec of its queue to show when it is read', async () => {
    const plain = bytes()
    const shy: Codec<Uint8Array> = {
      ...plain,
      name: 'shy',
      view: (source, start, end) => {
        if (source[start] === 2) throw new Error('not this one')
        return source.subarray(start + 1, end)
      },
    }
    const queue = new FanInQueue<Uint8Array>({ codec: shy })
    const producer = openProducer<Uint8Array>(queue.producer(), { codec: shy })
    for (let n = 1; n < 4; n++) producer.putNowait(Uint8Array.of(n, 10 * n))
    producer.reserve(1)?.commit()
    const batch = await nextOf(queue.leaseBatches())
    expect([[...batch.at(0)], [...batch.at(2)], [...batch.at(3)]]).toEqual([[10], [30], [0]])
    expect(() => batch.at(1)).toThrow('not this one')
    await queue[Symbol.asyncDispose]()
  })
})

describe('leaseBatches()', () => {
  test('of auto() show exactly the bytes of items that are bytes, however they were put', async () => {
    const { queue, producer } = localQueue<unknown>({ capacityBytes: 4096 })
    producer.putNowait(Uint8Array.of(1, 1))
    producer.reserve(3)?.commit()
    producer.putNowait(2.5)
    producer.putNowait(new Uint8Array(100).fill(3))
    const batch = await nextOf(queue.leaseBatches())
    expect([...batch.at(0)]).toEqual([1, 1])
    expect([...batch.at(1)]).toEqual([0, 0, 0])
    expect(numberIn(batch.at(2))).toBe(2.5)
    expect([...batch.at(3)]).toEqual(Array(100).fill(3))
  })

  test('bring the items of runs and those put one by one in their order, parts of a run too', async () => {
    const queue = new FanInQueue<number>({ codec: float64() })
    const remote = await startRemoteProducer(queue.producer())
    await remote.call('putMany', [0, 1, 2, 3, 4])
    await remote.call('put', 5)
    await remote.call('putMany', [6, 7])
    expect(await queue.get()).toBe(0)
    const got: number[][] = []
    for await (const batch of queue.leaseBatches({ max: 3 })) {
      got.push(Array.from(batch, numberIn))
      batch.release()
      if (got.length === 2) break
    }
    expect(got).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(await queue.get()).toBe(7)
    await queue[Symbol.asyncDispose]()
  })

  test('leave a run to the next batch that would make this one hold more than a quarter of the ring', async () => {
    const queue = new FanInQueue<number>({ codec: float64(), capacityBytes: 256 })
    const remote = await startRemoteProducer(queue.producer())
    await remote.call('put', 0)
    await remote.call('putMany', [1, 2, 3, 4, 5, 6, 7])
    const batches = queue.leaseBatches()
    expect(Array.from(await nextOf(batches), numberIn)).toEqual([0])
    expect(Array.from(await nextOf(batches), numberIn)).toEqual([1, 2, 3, 4, 5, 6, 7])
    await queue[Symbol.asyncDispose]()
  })

  test('bring an item that is longer than half a lane, among others, in memory of its own', async () => {
    const queue = new FanInQueue<Uint8Array>({ codec: bytes(), capacityBytes: 256 })
    const remote = await startRemoteProducer(queue.producer())
    const long = Uint8Array.from({ length: 10_001 }, (_, i) => i * 7)
    const puts = [
      remote.call('putBlocking', item(1)),
      remote.call('putBlocking', long),
      remote.call('putBlocking', item(2)),
    ]
    const got: number[][] = []
    for await (const batch of queue.leaseBatches()) {
      for (const view of batch) got.push([...view])
      batch.release()
      if (got.length === 3) break
    }
    await Promise.all(puts)
    expect(got).toEqual([[...item(1)], [...long], [...item(2)]])
    await queue[Symbol.asyncDispose]()
  })

  test('bring transferred buffers among others', async () => {
    const queue = new FanInQueue<unknown>({ codec: bytes() as Codec<unknown> })
    const producer = openProducer(queue.producer({ transferable: true }))
    producer.putNowait(item(1))
    const buffer = new Uint8Array(1000).fill(2).buffer
    producer.putNowait(buffer, { transfer: [buffer] })
    producer.putNowait(item(3))
    const batch = await nextOf(queue.leaseBatches())
    expect(Array.from(batch, (view) => [view.length, view[0]])).toEqual([
      [8, 1],
      [1000, 2],
      [8, 3],
    ])
    batch.release()
    await queue[Symbol.asyncDispose]()
  })

  test('deliver what came before a transferred item that is no bytes, then report that, then go on', async () => {
    const queue = new FanInQueue<unknown>()
    const producer = openProducer(queue.producer({ transferable: true }))
    const buffer = new ArrayBuffer(8)
    producer.putNowait(item(1))
    producer.putNowait({ buffer }, { transfer: [buffer] })
    producer.putNowait(item(2))
    const batches = queue.leaseBatches()
    expect(firstBytes(await nextOf(batches))).toEqual([1])
    await expect(batches.next()).rejects.toThrow(/neither a buffer nor a view/)
    expect(firstBytes(await nextOf(queue.leaseBatches()))).toEqual([2])
    expect(queue.qsize()).toBe(0)
    await queue[Symbol.asyncDispose]()
  })

  test.each(['leases()', 'leaseBatches()'] as const)(
    '%s show an item that was given back as it lay there',
    async (way) => {
      const { queue, producer } = localQueue<unknown>()
      const controller = new AbortController()
      const many = queue.getMany({ min: 3, signal: controller.signal })
      for (const n of [1, 2]) producer.putNowait(new Uint8Array(100).fill(n))
      await turn()
      controller.abort('no')
      await expect(many).rejects.toBe('no')
      producer.putNowait(new Uint8Array(100).fill(3))
      const got: number[][] = []
      if (way === 'leases()') {
        for await (const lease of queue.leases()) if (got.push([...lease.bytes]) === 3) break
      } else {
        for await (const batch of queue.leaseBatches()) {
          for (const view of batch) got.push([...view])
          if (got.length === 3) break
        }
      }
      expect(got).toEqual([1, 2, 3].map((n) => Array(100).fill(n)))
    },
  )

  test('give each producer its turn', async () => {
    const { queue, producer, another } = localQueue<Uint8Array>({ codec: bytes(), capacityBytes: 256 })
    const second = another()
    for (let n = 0; n < 8; n++) producer.putNowait(item(n))
    for (let n = 100; n < 102; n++) second.putNowait(item(n))
    const batches = queue.leaseBatches()
    const firsts: number[][] = []
    for (let i = 0; i < 3; i++) firsts.push(firstBytes(await nextOf(batches)))
    expect(firsts.toSorted((a, b) => a[0] - b[0])).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [100, 101],
    ])
    expect(firsts[2][0]).not.toBe(100)
  })

  test.each(['putNowait', 'reserve'])('keep the order of arrival over all producers, items put by %s', async (way) => {
    const { queue, producer, another } = localQueue<never>({ codec: bytes() as Codec<never>, order: 'arrival' })
    const producers = [producer, another(), another()]
    const order = [0, 0, 1, 2, 2, 2, 0, 1, 1, 0, 2]
    for (const [n, which] of order.entries()) {
      if (way === 'putNowait') producers[which].putNowait(item(n) as never)
      else {
        const reservation = producers[which].reserve(8)
        reservation?.bytes.fill(n)
        reservation?.commit()
      }
    }
    expect(await firstsOf(queue, order.length)).toEqual(order.map((_, n) => n))
  })

  test.each([{}, { maxItems: 1 }, { maxItems: 5 }, { order: 'arrival' as const }])(
    'bring what a thread writes in place, with %o',
    async (options) => {
      const queue = new FanInQueue<never>({ codec: bytes() as Codec<never>, capacityBytes: 256, ...options })
      startProducer(queue.producer(), 'inPlace', { count: 1000, size: 56 })
      let next = 0
      for await (const batch of queue.leaseBatches()) {
        for (const view of batch) expect([...new Set(view)]).toEqual([next++ & 255])
        batch.release()
        if (next === 1000) break
      }
      await queue[Symbol.asyncDispose]()
    },
  )

  test('count every item as taken', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes(), maxItems: 4 })
    for (let n = 0; n < 4; n++) producer.putNowait(item(n))
    expect(() => producer.putNowait(item(4))).toThrow(full)
    const batch = await nextOf(queue.leaseBatches())
    expect(queue.stats()).toMatchObject({ size: 0, gets: 4, unfinished: 4 })
    for (let n = 4; n < 8; n++) producer.putNowait(item(n))
    expect(firstBytes(batch)).toEqual([0, 1, 2, 3])
    queue.taskDone(8 - 4)
    expect(queue.unfinishedTasks).toBe(4)
  })

  test('leave what comes next to whoever takes it, in whatever way', async () => {
    const { queue, producer } = localQueue<number>({ codec: float64() })
    for (let n = 0; n < 40; n++) producer.putNowait(n)
    await turn()
    const iterator = queue[Symbol.asyncIterator]()
    for (let n = 0; n < 20; n++) expect((await iterator.next()).value).toBe(n)
    const batch = await nextOf(queue.leaseBatches({ max: 3 }))
    expect((await iterator.next()).value).toBe(23)
    const leases = queue.leases()
    expect(numberIn((await leases.next()).value?.bytes as Uint8Array)).toBe(24)
    expect(await queue.get()).toBe(25)
    expect(Array.from(batch, numberIn)).toEqual([20, 21, 22])
    expect(queue.drain()).toEqual(Array.from({ length: 14 }, (_, i) => 26 + i))
  })

  test('wait for what comes, and end with the queue when that is empty', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes() })
    const batches = queue.leaseBatches()
    const waiting = batches.next()
    await turn()
    producer.putNowait(item(1))
    expect(firstBytes((await waiting).value as LeaseBatch)).toEqual([1])
    const last = batches.next()
    const behind = batches.next()
    producer.putNowait(item(2))
    queue.shutdown()
    expect(firstBytes((await last).value as LeaseBatch)).toEqual([2])
    expect(await behind).toEqual({ value: undefined, done: true })
    expect(await batches.next()).toEqual({ value: undefined, done: true })
  })

  test('end by their signal and by return(), and then have taken nothing', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes() })
    const controller = new AbortController()
    const aborted = queue.leaseBatches({ signal: controller.signal }).next()
    const left = queue.leaseBatches()
    const pending = left.next()
    controller.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    await left.return?.()
    expect(await pending).toEqual({ value: undefined, done: true })
    producer.putNowait(item(1))
    await turn()
    expect(queue.qsize()).toBe(1)
    expect(firstBytes(await nextOf(queue.leaseBatches()))).toEqual([1])
  })

  test('deliver what a thread put before it died, then its loss', async () => {
    const queue = new FanInQueue<number>({ codec: float64() })
    startProducer(queue.producer({ name: 'left' }), 'end', { count: 100, how: 'exit' })
    const got: number[] = []
    const reading = (async () => {
      for await (const batch of queue.leaseBatches()) {
        got.push(...Array.from(batch, numberIn))
        batch.release()
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'REMOTE_LOST', deliveredItems: 100, lostItems: 0 })
    expect(got).toEqual(Array.from({ length: 100 }, (_, n) => n))
    await queue[Symbol.asyncDispose]()
  })

  test("keep to the loop's budget: timers go on while a thread floods them", async () => {
    const queue = new FanInQueue<number>({ codec: float64() })
    startProducer(queue.producer(), 'flood', { progress: new SharedArrayBuffer(4) })
    await until(() => queue.qsize() > 1000)
    let isTimerDone = false
    setTimeout(() => {
      isTimerDone = true
    }, 0)
    let got = 0
    for await (const batch of queue.leaseBatches()) {
      got += batch.length
      batch.release()
      if (isTimerDone || got > 3_000_000) break
    }
    expect(isTimerDone).toBe(true)
    queue.shutdown({ immediate: true })
  })
})

test('leases and batches of them, taken from a small ring and released in any order, show what was put', async () => {
  const steps = fc.array(
    fc.record({
      way: fc.constantFrom('put', 'put', 'put', 'reserve', 'lease', 'batch', 'batch', 'release', 'release', 'turn'),
      which: fc.nat(7),
      length: fc.nat(40),
    }),
    { maxLength: 150 },
  )
  const rings = fc.constantFrom(64, 128, 256, 1024)
  const order = fc.constantFrom('producer' as const, 'arrival' as const)
  await fc.assert(
    fc.asyncProperty(rings, order, steps, async (capacityBytes, order, steps) => {
      const queue = new FanInQueue<Uint8Array>({ codec: bytes(), capacityBytes, order })
      const producers = [openProducer(queue.producer()), openProducer(queue.producer())]
      const due: number[][][] = [[], []]
      const held: { lease: Lease | LeaseBatch; items: number[][] }[] = []
      let next = 0
      const take = (views: readonly Uint8Array[]) =>
        views.map((view) => {
          const items = [...view]
          const owner = due.findIndex(([first]) => first?.[0] === items[0])
          expect(due[owner]?.shift()).toEqual(items)
          return items
        })
      const check = ({ lease, items }: (typeof held)[number]) => {
        const views = 'bytes' in lease ? [lease.bytes] : [...lease]
        expect(views.map((view) => [...view])).toEqual(items)
      }
      const leases = queue.leases()
      const batches = queue.leaseBatches()
      for (const { way, which, length } of steps) {
        const owner = which & 1
        const size = Math.min(length + 1, capacityBytes / 2 - 8)
        const isEmpty = queue.qsize() === 0
        if (way === 'put' || way === 'reserve') {
          const payload = new Uint8Array(size).fill(next & 255)
          try {
            if (way === 'put') producers[owner].putNowait(payload)
            else {
              const reservation = producers[owner].reserve(size)
              if (reservation === null) continue
              reservation.bytes.set(payload)
              reservation.commit()
            }
            next++
            due[owner].push([...payload])
          } catch (error) {
            expect(error).toMatchObject({ code: 'QUEUE_FULL' })
          }
        } else if (way === 'lease' && !isEmpty) {
          const lease = (await leases.next()).value as Lease
          held.push({ lease, items: take([lease.bytes]) })
        } else if (way === 'batch' && !isEmpty) {
          const lease = (await batches.next()).value as LeaseBatch
          held.push({ lease, items: take([...lease]) })
        } else if (way === 'release' && held.length > 0) {
          const [ended] = held.splice(which % held.length, 1)
          check(ended)
          ended.lease.release()
        } else if (way === 'turn') await turn()
        for (const one of held) check(one)
      }
      for (const one of held) one.lease.release()
      while (queue.qsize() > 0) {
        const batch = await nextOf(batches)
        take([...batch])
        batch.release()
      }
      expect(due).toEqual([[], []])
      await queue[Symbol.asyncDispose]()
    }),
    { numRuns: 200 },
  )
})
