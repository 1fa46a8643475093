import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { auto, bytes, type Codec, FanInQueue, float64, type Lease, struct, text, u32 } from '../../src/index.js'
import { DOORBELL } from '../../src/layout.js'
import { openProducer } from '../../src/worker.js'
import { localQueue, turn } from '../fixtures/local.js'
import { collect, startProducer, startRemoteProducer, until } from '../fixtures/threads.js'

/** The same bytes in shared memory. */
function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length))
  copy.set(bytes)
  return copy
}

function isHeld(lease: Lease | undefined): boolean {
  try {
    return lease?.bytes !== undefined
  } catch {
    return false
  }
}

test('values of all kinds come as they went (T211)', async () => {
  const queue = new FanInQueue<unknown>()
  const remote = await startRemoteProducer(queue.producer())
  const error = Object.assign(new RangeError('too far', { cause: 'haste' }), { code: 'E_FAR' })
  const items = [
    1.5,
    '',
    'naïve 𝄞',
    undefined,
    null,
    { a: [1, { b: 2 }] },
    [],
    new Uint8Array([1, 2, 3]),
    10n ** 20n,
    new Date(5),
    new Map([[1, new Set(['x'])]]),
  ]
  for (const item of items) {
    await remote.call('put', item)
    expect(await queue.get()).toEqual(item)
  }
  const { queue: local, producer } = localQueue<Error>()
  producer.putNowait(error)
  const got = local.getNowait()
  expect(got).toBeInstanceOf(RangeError)
  expect(got).toMatchObject({ message: 'too far', cause: 'haste', code: 'E_FAR', stack: error.stack })
})

test.each([
  ['putNowait', () => {}],
  ['put', Symbol('s')],
])('%s of what cannot be cloned is refused before anything is reserved (T212)', async (method, item) => {
  const { queue, producer } = localQueue<unknown>({ capacityBytes: 128 })
  const attempt = async () => (producer as never as Record<string, (item: unknown) => unknown>)[method](item)
  await expect(attempt()).rejects.toMatchObject({ name: 'DataCloneError' })
  await expect(attempt()).rejects.toBeInstanceOf(DOMException)
  expect([queue.qsize(), queue.unfinishedTasks, queue.stats().lanes[0].depthBytes]).toEqual([0, 0, 0])
  await producer.put({ fine: true })
  expect(queue.getNowait()).toEqual({ fine: true })
})

describe('items longer than half a lane (T213)', () => {
  test('arrive in memory of their own when they are bytes, exactly as large', async () => {
    const queue = new FanInQueue<Uint8Array>({ capacityBytes: 256, codec: bytes() })
    const remote = await startRemoteProducer(queue.producer())
    const long = Uint8Array.from({ length: 10_001 }, (_, i) => i * 7)
    const puts = [remote.call('putBlocking', long), remote.call('putMany', [long])]
    for (let i = 0; i < 2; i++) {
      const item = await queue.get()
      expect(item).toStrictEqual(long)
      expect(item.buffer.byteLength).toBe(10_001)
    }
    await Promise.all(puts)
    await remote.call('close')
  })

  test('are what they were when put() was called, also as bytes (T214)', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ capacityBytes: 256, codec: bytes() })
    const long = new Uint8Array(1000).fill(1)
    const put = producer.put(long)
    long.fill(2)
    expect(await queue.get()).toStrictEqual(new Uint8Array(1000).fill(1))
    await put
  })

  test('go in fragments, in order with all others', async () => {
    const queue = new FanInQueue<unknown>({ capacityBytes: 1024 })
    const remote = await startRemoteProducer(queue.producer())
    const long = 'x'.repeat(100_000)
    const calls = ['a', long, 'b', long, 'c'].map((item) => remote.call('putBlocking', item))
    const got: unknown[] = []
    for (let i = 0; i < 5; i++) got.push(await queue.get())
    await Promise.all(calls)
    expect(got).toEqual(['a', long, 'b', long, 'c'])
    expect(queue.stats().lanes[0].spilled).toBe(2)
    await turn()
    expect(queue.stats().lanes[0].depthBytes).toBe(0)
  })

  test('that are bytes, with any codec for them, arrive whole and in memory exactly as large, from wherever they lie', async () => {
    for (const codec of [auto(), bytes()] as Codec<unknown>[]) {
      for (const capacityBytes of [64, 256, 1024]) {
        const { queue, producer } = localQueue<unknown>({ capacityBytes, codec })
        for (const length of [64, 65, 500, 513, 4000]) {
          const source = new Uint8Array(length + 8).map((_, i) => i * 7)
          const expected = source.slice(3, length + 3)
          for (const item of [source.subarray(3, length + 3), Buffer.from(expected), shared(expected)]) {
            const put = producer.put(item)
            const got = (await queue.get()) as Uint8Array
            await put
            expect(got).toEqual(expected)
            expect(got.constructor).toBe(Uint8Array)
            if (length > capacityBytes) expect(got.buffer.byteLength).toBe(length)
          }
        }
      }
    }
  })

  test('that are bytes show exactly those as leases', async () => {
    const { queue, producer } = localQueue<unknown>({ capacityBytes: 256 })
    const item = new Uint8Array(1000).map((_, i) => i)
    const put = producer.put(item)
    const { value } = await queue.leases().next()
    await put
    expect(value?.bytes).toEqual(item)
    value?.release()
  })

  test('count once, from the moment in which they are whole', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ capacityBytes: 256 })
    const put = producer.put(new Uint8Array(1000))
    expect(queue.qsize()).toBe(0)
    expect((await queue.get()).length).toBe(1000)
    await put
    expect([queue.qsize(), queue.unfinishedTasks]).toEqual([0, 1])
  })

  test('are refused by putNowait() with the limit and what to do instead', () => {
    const { producer } = localQueue<Uint8Array>({ capacityBytes: 256 })
    expect(() => producer.putNowait(new Uint8Array(1000))).toThrow(
      expect.objectContaining({ code: 'ITEM_TOO_LARGE', message: expect.stringMatching(/at most 120.*put\(\)/) }),
    )
  })

  test('that were given up half-way are forgotten, whatever comes next', async () => {
    const { queue, producer } = localQueue<unknown>({ capacityBytes: 256 })
    await expect(producer.put(new Uint8Array(5000), { timeout: 5 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    const next = producer.put('next')
    expect(await queue.get()).toBe('next')
    await next
    expect([queue.qsize(), queue.unfinishedTasks]).toEqual([0, 1])
  })

  test('are dropped unfinished at a shutdown: delivered whole or refused', async () => {
    const queue = new FanInQueue<string>({ capacityBytes: 256 })
    const remote = await startRemoteProducer(queue.producer())
    await remote.call('put', 'first')
    const long = remote.call('put', 'y'.repeat(10_000))
    const refused = expect(long).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
    await turn()
    queue.shutdown()
    await refused
    const rest: string[] = []
    for await (const item of queue) rest.push(item)
    expect(rest).toEqual(['first'])
    expect(queue.unfinishedTasks).toBe(1)
  })
})

test.each([
  [100_000, 200],
  [1_000_000, 24],
])('%i records of up to %i bytes and a head are never torn (T215, T251)', async (records, longest) => {
  const queue = new FanInQueue<Uint8Array>({ capacityBytes: 4096, codec: bytes() })
  startProducer(queue.producer(), 'checksums', { count: records, longest, seed: 42 })
  queue.closeWhenIdle()
  let count = 0
  for await (const batch of queue.batches()) {
    for (const item of batch) {
      const view = new DataView(item.buffer, item.byteOffset, item.byteLength)
      let sum = 0
      for (let i = 8; i < item.length; i++) sum = (sum * 31 + item[i]) | 0
      if (view.getInt32(0, true) !== count || view.getInt32(4, true) !== sum)
        expect.unreachable(`item ${count} is torn`)
      count++
    }
  }
  expect(count).toBe(records)
})

test('any mix of items and ways to put and take them keeps its order (random operations)', async () => {
  const item = fc.oneof(
    fc.double({ noNaN: true }),
    fc.string(),
    fc.uint8Array({ maxLength: 300 }),
    fc.record({ a: fc.integer(), b: fc.string() }),
  )
  const step = fc.oneof(
    fc.record({ do: fc.constant('put' as const), item }),
    fc.record({ do: fc.constant('nowait' as const), item }),
    fc.record({ do: fc.constant('reserve' as const), bytes: fc.uint8Array({ maxLength: 60 }) }),
    fc.constantFrom({ do: 'get' as const }, { do: 'drain' as const }, { do: 'turn' as const }),
    fc.record({ do: fc.constant('many' as const), max: fc.integer({ min: 1, max: 4 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.constantFrom(64, 256), async (steps, capacityBytes) => {
      const queue = new FanInQueue<unknown>({ capacityBytes })
      const producer = openProducer(queue.producer())
      const expected: unknown[] = []
      const got: unknown[] = []
      const puts: Promise<void>[] = []
      for (const s of steps) {
        if (s.do === 'put') {
          puts.push(producer.put(s.item))
          expected.push(s.item)
        } else if (s.do === 'nowait') {
          try {
            producer.putNowait(s.item)
            expected.push(s.item)
          } catch (error) {
            expect(['QUEUE_FULL', 'ITEM_TOO_LARGE']).toContain((error as { code: string }).code)
          }
        } else if (s.do === 'reserve') {
          if (s.bytes.length > capacityBytes / 2 - 8) continue
          const reservation = producer.reserve(s.bytes.length)
          if (reservation === null) continue
          reservation.bytes.set(s.bytes)
          reservation.commit()
          expected.push(s.bytes)
        } else if (s.do === 'drain') got.push(...queue.drain())
        else if (s.do === 'turn') await turn()
        else if (s.do === 'many') got.push(...(await queue.getMany({ max: s.max, timeout: 1 }).catch(() => [])))
        else if (!queue.empty()) got.push(await queue.get({ timeout: 5 }).catch(() => undefined))
      }
      const rest = Promise.all(puts).then(() => producer.close())
      queue.closeWhenIdle()
      for await (const batch of queue.batches()) got.push(...batch)
      await rest
      expect(got.filter((x) => x !== undefined)).toEqual(expected)
      await queue[Symbol.asyncDispose]()
    }),
    { numRuns: 100 },
  )
})

describe('codecs', () => {
  test("a built-in codec travels in the handle, struct's schema too", async () => {
    const queue = new FanInQueue({ codec: struct({ id: u32, name: text }) })
    const remote = await startRemoteProducer(queue.producer())
    await remote.call('put', { id: 7, name: 'seven' })
    expect(await queue.get()).toEqual({ id: 7, name: 'seven' })
  })

  test("one of one's own is given to both ends, and another name is refused", async () => {
    const shout: Codec<string> = {
      name: 'shout',
      encode(item, target, offset, limit) {
        if (offset + item.length > limit) return -1
        for (let i = 0; i < item.length; i++) target[offset + i] = item.charCodeAt(i)
        return offset + item.length
      },
      decode: (source, start, end) => String.fromCharCode(...source.subarray(start, end)).toUpperCase(),
    }
    const queue = new FanInQueue<string>({ codec: shout })
    expect(() => openProducer(queue.producer())).toThrow(expect.objectContaining({ code: 'CODEC_MISMATCH' }))
    const whisper = { ...shout, name: 'whisper' }
    expect(() => openProducer(queue.producer(), { codec: whisper })).toThrow(
      expect.objectContaining({ code: 'CODEC_MISMATCH' }),
    )
    openProducer(queue.producer(), { codec: shout }).putNowait('hey')
    expect(await queue.get()).toBe('HEY')
  })

  test('numbers put from a typed array arrive as those put from an array do, runs and single ones in their order', async () => {
    const queue = new FanInQueue<number>({ codec: float64() })
    const remote = await startRemoteProducer(queue.producer())
    await remote.call('putMany', Float64Array.of(0.5, -0, Number.NaN))
    await remote.call('putMany', Uint8Array.of(1, 2))
    await remote.call('putBlocking', 3)
    await remote.call('putMany', [4, 5.5])
    expect(await queue.get()).toBe(0.5)
    const rest: number[] = []
    for await (const batch of queue.batches({ max: 3 })) {
      expect(batch.length).toBeLessThanOrEqual(3)
      rest.push(...batch)
      if (rest.length === 7) break
    }
    expect(rest).toEqual([-0, Number.NaN, 1, 2, 3, 4, 5.5])
  })

  test('a run with an item that is no number puts none of it', async () => {
    const queue = new FanInQueue<number>({ codec: float64() })
    const remote = await startRemoteProducer(queue.producer())
    await expect(remote.call('putMany', [1, 2, 'three'])).rejects.toMatchObject({ code: 'CODEC_VALUE' })
    await remote.call('putMany', [4, 5])
    expect(queue.drain()).toEqual([4, 5])
  })

  test('an item that cannot be decoded is reported once, and those around it are delivered', async () => {
    const picky: Codec<number> = {
      name: 'picky',
      encode: (item, target, offset, limit) => {
        if (offset + 1 > limit) return -1
        target[offset] = item
        return offset + 1
      },
      decode: (source, start) => {
        if (source[start] === 13) throw new Error('unlucky')
        return source[start]
      },
    }
    const queue = new FanInQueue<number>({ codec: picky })
    const producer = openProducer(queue.producer(), { codec: picky })
    for (const item of [11, 12, 13, 14, 13, 15]) producer.putNowait(item)
    const items = queue[Symbol.asyncIterator]()
    const outcomes = await Promise.allSettled([items.next(), items.next(), items.next(), items.next()])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    await expect(queue.get()).rejects.toThrow('unlucky')
    expect(await queue.get()).toBe(15)
    expect(queue.qsize()).toBe(0)
    for (const item of [12, 13, 14]) producer.putNowait(item)
    const batches = queue.batches()
    expect((await batches.next()).value).toEqual([12])
    await expect(batches.next()).rejects.toThrow('unlucky')
    expect(await queue.get()).toBe(14)
    expect(queue.qsize()).toBe(0)
  })

  test('what a batch has gathered is delivered before an item of another lane that cannot be decoded is reported', async () => {
    const base = auto()
    const picky: Codec<unknown> = {
      ...base,
      name: 'picky',
      decode: (source, start, end) => {
        const item = base.decode(source, start, end)
        if (item === 'thirteen') throw new Error('unlucky')
        return item
      },
    }
    const queue = new FanInQueue<unknown>({ codec: picky })
    const first = openProducer(queue.producer(), { codec: picky })
    const second = openProducer(queue.producer(), { codec: picky })
    for (const item of [1, 2, 3]) first.putNowait(item)
    second.putNowait('thirteen')
    second.putNowait('fourteen')
    const batches = queue.batches()
    const outcomes = await Promise.allSettled([batches.next(), batches.next(), batches.next()])
    expect(outcomes).toMatchObject([
      { value: { value: [1, 2, 3] } },
      { reason: { message: 'unlucky' } },
      { value: { value: ['fourteen'] } },
    ])

    // The same for items that a call has given back.
    first.putNowait('twelve')
    const controller = new AbortController()
    const many = queue.getMany({ min: 2, signal: controller.signal })
    await turn()
    controller.abort('no')
    await expect(many).rejects.toBe('no')
    first.putNowait('thirteen')
    const others = queue.batches()
    expect((await others.next()).value).toEqual(['twelve'])
    await expect(others.next()).rejects.toThrow('unlucky')
  })

  test('an item whose own code puts another one into the same lane is refused, and the lane is as before', () => {
    const { queue, producer } = localQueue<unknown>()
    const nested = {
      get a() {
        producer.putNowait('inner')
        return 1
      },
    }
    expect(() => producer.putNowait(nested)).toThrow(/by the code of an item/)
    producer.putNowait('fine')
    expect(queue.drain()).toEqual(['fine'])
  })
})

describe('reserve()', () => {
  test('writes in place; commit() publishes, fewer bytes if told so', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes() })
    const reservation = producer.reserve(100)
    expect(reservation?.bytes.buffer).toBeInstanceOf(SharedArrayBuffer)
    reservation?.bytes.set([1, 2, 3])
    expect(queue.qsize()).toBe(0)
    reservation?.commit(3)
    expect([...queue.getNowait()]).toEqual([1, 2, 3])
    expect(() => reservation?.bytes).toThrow(/has ended/)
    expect(() => reservation?.commit()).toThrow(/has ended/)
  })

  test('aborted leaves nothing behind', () => {
    const { queue, producer } = localQueue<unknown>({ capacityBytes: 64 })
    for (let i = 0; i < 10; i++) producer.reserve(20)?.abort()
    producer.putNowait(1)
    expect(queue.drain()).toEqual([1])
  })

  test('one at a time: other puts are refused meanwhile, and go on afterwards', async () => {
    const { queue, producer } = localQueue<unknown>()
    const reservation = producer.reserve(8)
    await expect(producer.put(1)).rejects.toMatchObject({ code: 'RESERVATION_OPEN' })
    expect(() => producer.reserve(8)).toThrow(expect.objectContaining({ code: 'RESERVATION_OPEN' }))
    reservation?.commit()
    producer.putNowait(1)
    expect(queue.drain()).toEqual([new Uint8Array(8), 1])
  })

  test('is null without room, an error beyond what can ever lie in one piece', () => {
    const { producer } = localQueue<unknown>({ capacityBytes: 64 })
    expect(() => producer.reserve(25)).toThrow(expect.objectContaining({ code: 'ITEM_TOO_LARGE' }))
    expect(() => producer.reserve(-1)).toThrow(RangeError)
    producer.reserve(24)?.commit()
    producer.reserve(24)?.commit()
    expect(producer.reserve(24)).toBeNull()
  })

  test.each([1, 2])('keeps its place under maxItems %i and gives it back when aborted', async (maxItems) => {
    const { queue, producer, another } = localQueue<unknown>({ maxItems })
    const second = another()
    const reservation = producer.reserve(8)
    for (let i = 1; i < maxItems; i++) second.putNowait(i)
    expect(() => second.putNowait('full')).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    reservation?.abort()
    queue.drain()
    await turn()
    await turn()
    for (let i = 0; i < maxItems; i++) second.putNowait(i)
    expect(queue.drain().length).toBe(maxItems)
  })
})

test.each([{}, { maxItems: 1 }, { order: 'arrival' as const }])(
  'reserveBlocking() stops its thread until there is room, and for a ticket with %o',
  async (options) => {
    const queue = new FanInQueue({ codec: bytes(), capacityBytes: 256, ...options })
    startProducer(queue.producer(), 'inPlace', { count: 1000, size: 56 })
    let next = 0
    for await (const lease of queue.leases()) {
      expect([...new Set(lease.bytes)]).toEqual([next++ & 255])
      lease.release()
      if (next === 1000) break
    }
    await queue[Symbol.asyncDispose]()
  },
)

test.each([
  ['bytes()', bytes()],
  ['bytes({ pooled: false })', bytes({ pooled: false })],
])('items of %s are independent of each other and of the ring, however often that wraps', (_name, codec) => {
  const { queue, producer } = localQueue({ codec, capacityBytes: 4096 })
  const item = (n: number) => new Uint8Array(100 + (n % 200)).fill(n)
  const kept: Uint8Array[] = []
  for (let n = 0; n < 250; n++) {
    producer.putNowait(item(n))
    kept.push(queue.getNowait())
    if (n % 2 === 1) kept[n].fill(0)
  }
  expect(kept).toStrictEqual(kept.map((_, n) => (n % 2 === 1 ? new Uint8Array(100 + (n % 200)) : item(n))))
})

describe('leases()', () => {
  test('show the bytes where they lie until they are released', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes() })
    producer.putNowait(new Uint8Array([1, 2, 3]))
    const { value: lease } = await queue.leases().next()
    expect([...(lease?.bytes ?? [])]).toEqual([1, 2, 3])
    expect(lease?.bytes.buffer).toBeInstanceOf(SharedArrayBuffer)
    lease?.release()
    lease?.release()
    expect(() => lease?.bytes).toThrow(/was released/)
  })

  test('hold their space, and give it back in the order of the ring', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes(), capacityBytes: 64 })
    for (let i = 0; i < 4; i++) producer.putNowait(new Uint8Array(8).fill(i))
    const leases = queue.leases()
    const held = []
    for (let i = 0; i < 4; i++) held.push((await leases.next()).value)
    await turn()
    expect(() => producer.putNowait(new Uint8Array(8))).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    held[1]?.release()
    await turn()
    expect(() => producer.putNowait(new Uint8Array(8))).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    expect(held.map((lease, i) => (i === 1 ? -1 : lease?.bytes[0]))).toEqual([0, -1, 2, 3])
    held[0]?.release()
    await turn()
    producer.putNowait(new Uint8Array(8).fill(9))
    producer.putNowait(new Uint8Array(8).fill(9))
    expect(() => producer.putNowait(new Uint8Array(8))).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    expect(held[3]?.bytes[0]).toBe(3)
  })

  test('released in any order give back what lies before the first that is held', async () => {
    const { queue, producer } = localQueue<Uint8Array>({ codec: bytes(), capacityBytes: 128 })
    const put = (n: number) => producer.putNowait(new Uint8Array(8).fill(n))
    const leases = queue.leases()
    const held: (Lease | undefined)[] = []
    const take = async () => held.push((await leases.next()).value)
    for (let i = 0; i < 8; i++) put(i)
    for (let i = 0; i < 8; i++) await take()
    let next = 8
    for (const released of [2, 1, 0, 4, 7, 6, 5, 3]) {
      held[released]?.release()
      await turn()
      const isFree = held.slice(0, 8).findIndex((lease) => isHeld(lease))
      while (next < 8 + (isFree === -1 ? 8 : isFree)) put(next++)
      expect(() => put(99)).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    }
    for (let i = 8; i < 16; i++) {
      await take()
      expect([...(held[i]?.bytes ?? [])]).toEqual(Array(8).fill(i))
    }
  })

  test('of auto() show exactly the bytes of items that are bytes', async () => {
    const { queue, producer } = localQueue<unknown>({ capacityBytes: 1024 })
    const leases = queue.leases()
    for (const item of [
      new Uint8Array(0),
      new Uint8Array([7]),
      new Uint8Array(100).fill(3),
      new Uint8Array(2000).fill(4),
    ]) {
      const put = producer.put(item)
      const { value: lease } = await leases.next()
      expect([...(lease?.bytes ?? [])]).toEqual([...item])
      lease?.release()
      await put
    }
  })
})

describe('transfer', () => {
  test('moves a buffer instead of copying it, in order with all others', async () => {
    const queue = new FanInQueue<unknown>()
    const handle = queue.producer({ transferable: true })
    expect(handle.transferList).toHaveLength(1)
    const producer = openProducer(handle)
    const buffer = new ArrayBuffer(100_000)
    new Uint8Array(buffer).fill(5)
    producer.putNowait('before')
    producer.putNowait({ buffer }, { transfer: [buffer] })
    producer.putNowait('after')
    expect(buffer.byteLength).toBe(0)
    expect(await queue.get()).toBe('before')
    const got = (await queue.get()) as { buffer: ArrayBuffer }
    expect(new Uint8Array(got.buffer).every((byte) => byte === 5)).toBe(true)
    expect(await queue.get()).toBe('after')
    expect(queue.stats().lanes[0].spilled).toBe(1)
    await queue[Symbol.asyncDispose]()
  })

  test('counts against the capacity, one larger item going alone', async () => {
    const queue = new FanInQueue<ArrayBuffer>({ capacityBytes: 4096 })
    const producer = openProducer(queue.producer({ transferable: true }))
    const put = () => {
      const item = new ArrayBuffer(10_000)
      producer.putNowait(item, { transfer: [item] })
    }
    put()
    expect(put).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    await queue.get()
    await turn()
    put()
    await queue[Symbol.asyncDispose]()
  })

  test('and what lies in the ring are within the capacity together', async () => {
    const queue = new FanInQueue<unknown>({ capacityBytes: 4096, codec: auto() })
    onTestFinished(() => queue[Symbol.asyncDispose]())
    const producer = openProducer(queue.producer({ transferable: true }))
    const isFull = expect.objectContaining({ code: 'QUEUE_FULL' })
    const move = (bytes: number) => {
      const item = new ArrayBuffer(bytes)
      producer.putNowait(item, { transfer: [item] })
    }
    move(2048)
    move(1024)
    expect(() => producer.putNowait(new Uint8Array(1025))).toThrow(isFull)
    producer.putNowait(new Uint8Array(1000))
    expect(() => move(100)).toThrow(isFull)
    expect(queue.drain()).toHaveLength(3)
    move(4096)
    expect(() => producer.putNowait(1)).toThrow(isFull)
    expect(queue.drain()).toHaveLength(1)
    producer.putNowait(1)
  })

  test('counts what is copied along with it', async () => {
    const queue = new FanInQueue<unknown>({ capacityBytes: 4096 })
    onTestFinished(() => queue[Symbol.asyncDispose]())
    const producer = openProducer(queue.producer({ transferable: true }))
    const isFull = expect.objectContaining({ code: 'QUEUE_FULL' })
    const move = (text: string) => {
      const buffer = new ArrayBuffer(1024)
      producer.putNowait({ buffer, text }, { transfer: [buffer] })
    }
    move('x'.repeat(100_000))
    // What is larger than all there is goes alone.
    expect(() => move('')).toThrow(isFull)
    expect(() => producer.putNowait('')).toThrow(isFull)
    expect(queue.drain()).toHaveLength(1)
    move('x'.repeat(400))
    move('x'.repeat(400))
    expect(() => move('')).toThrow(isFull)
    expect(queue.drain()).toHaveLength(2)
  })

  test('a thread that waits for its credit sleeps until it comes', async () => {
    const queue = new FanInQueue<ArrayBuffer>({ capacityBytes: 4096 })
    const handle = queue.producer({ transferable: true })
    startProducer(handle, 'transfer', { sizes: [3000, 3000] }, { transferList: handle.transferList })
    queue.closeWhenIdle()
    // Raised again after every look: a thread that only goes round would raise it again and again.
    const doorbell = new Int32Array((handle as unknown as { lane: SharedArrayBuffer }).lane)
    await until(() => queue.stats().lanes[0].parked?.for === 'room' && Atomics.load(doorbell, DOORBELL) === 1)
    for (let look = 0; look < 1000; look++) {
      await turn()
      expect(Atomics.load(doorbell, DOORBELL)).toBe(1)
    }
    expect((await collect(queue)).map((item) => item.byteLength)).toEqual([3000, 3000])
  })

  test('what cannot be cloned is refused, and the lane goes on', async () => {
    const queue = new FanInQueue<unknown>({ maxItems: 1 })
    const producer = openProducer(queue.producer({ transferable: true }))
    const buffer = new ArrayBuffer(8)
    expect(() => producer.putNowait(() => {}, { transfer: [buffer] })).toThrow(
      expect.objectContaining({ name: 'DataCloneError' }),
    )
    expect(queue.drain()).toEqual([])
    await turn()
    await producer.put(buffer, { transfer: [buffer] })
    expect(await queue.get()).toEqual(new ArrayBuffer(8))
    await queue[Symbol.asyncDispose]()
  })

  test('needs a handle that was made for it', () => {
    const { producer } = localQueue<unknown>()
    const buffer = new ArrayBuffer(8)
    expect(() => producer.putNowait(buffer, { transfer: [buffer] })).toThrow(/transferable: true/)
    expect(buffer.byteLength).toBe(8)
  })
})

test('float64 refuses what is no number before anything is put', () => {
  const { queue, producer } = localQueue<number>({ codec: float64() })
  expect(() => producer.putNowait('x' as never)).toThrow(expect.objectContaining({ code: 'CODEC_VALUE' }))
  expect(queue.qsize()).toBe(0)
})
