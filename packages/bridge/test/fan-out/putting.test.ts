import { describe, expect, test } from 'vitest'
import { FanOutCore } from '../../src/fan-out/fan-out-core.js'
import { readFanOutOptions } from '../../src/fan-out/options.js'
import { putMany } from '../../src/fan-out/put-many.js'
import { auto, type Codec, FanOutQueue, struct, u8 } from '../../src/index.js'
import { LAYOUT_VERSION } from '../../src/layout.js'
import { echoed, startConsumer, startRemoteConsumer } from '../fixtures/consumers.js'
import { until } from '../fixtures/threads.js'

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('back-pressure', () => {
  test('with maxItems a put waits until an item was taken, and exactly one goes on (T202)', async () => {
    const queue = new FanOutQueue<number>({ maxItems: 4, prefetch: 1 })
    const order: number[] = []
    await queue.putMany(numbers(4))
    expect(queue.full()).toBe(true)
    const waiting = [4, 5].map((i) => queue.put(i).then(() => order.push(i)))
    const consumer = await startRemoteConsumer(queue.consumer())
    expect(order).toEqual([])
    expect(queue.stats().waiting.puts).toBe(2)
    expect(await consumer.call('get')).toBe(0)
    await waiting[0]
    expect(order).toEqual([4])
    expect(queue.qsize()).toBe(4)
    queue.shutdown({ immediate: true })
    await expect(waiting[1]).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })

  test('in bytes: what waits here stays within capacityBytes, and a larger item goes alone (T213)', async () => {
    const queue = new FanOutQueue<Uint8Array>({ capacityBytes: 1024 })
    queue.putNowait(new Uint8Array(600))
    expect(() => queue.putNowait(new Uint8Array(600))).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    const large = new Uint8Array(100_000).fill(7)
    let isIn = false
    const putting = queue.put(large).then(() => {
      isIn = true
    })
    const after = queue.put(new Uint8Array([1]))
    expect(isIn).toBe(false)
    const got = echoed(queue.consumer(), 'get')
    await putting
    await after
    queue.shutdown()
    expect(await got).toEqual([new Uint8Array(600), large, new Uint8Array([1])])
  })

  test('a slow consumer holds nobody back: items go where most credit is left', async () => {
    const queue = new FanOutQueue<number>({ prefetch: 2 })
    const word = new SharedArrayBuffer(4)
    startConsumer(queue.consumer({ name: 'slow' }), 'hold', { count: 1, word })
    queue.putNowait(-1)
    await until(() => new Int32Array(word)[0] === 1)
    const fast = await startRemoteConsumer(queue.consumer({ name: 'fast' }))
    await queue.putMany(numbers(10))
    const credits = Object.fromEntries(queue.stats().lanes.map(({ name, credit }) => [name, credit]))
    expect(credits).toEqual({ slow: 0, fast: 0 })
    // One of the ten waits behind the slow one's, as its prefetch allows; all others come here.
    const got: unknown[] = []
    for (let i = 0; i < 9; i++) got.push(await fast.call('get'))
    expect(got).toHaveLength(9)
    expect(queue.qsize()).toBe(1)
  })
})

describe('waiting puts', () => {
  test('an aborted or timed out put has put nothing, and those after it go on (T203, T243)', async () => {
    const queue = new FanOutQueue<string>({ maxItems: 1 })
    queue.putNowait('a')
    const controller = new AbortController()
    const aborted = queue.put('b', { signal: controller.signal })
    const late = queue.put('c', { timeout: 20 })
    const patient = queue.put('d')
    controller.abort('changed my mind')
    await expect(aborted).rejects.toBe('changed my mind')
    await expect(late).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(queue.put('e', { timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(queue.put('f', { signal: AbortSignal.abort('no') })).rejects.toBe('no')
    const got = echoed(queue.consumer(), 'for of')
    await patient
    queue.shutdown()
    expect(await got).toEqual(['a', 'd'])
  })

  test('putMany() that is cut short says how many were accepted, and takes no more from its source', async () => {
    const queue = new FanOutQueue<number>({ maxItems: 3 })
    let asked = 0
    async function* source() {
      try {
        for (let i = 0; ; i++) {
          asked++
          yield i
        }
      } finally {
        asked = -asked
      }
    }
    expect(await queue.putMany(source(), { timeout: 30 })).toBe(3)
    await until(() => asked < 0)
    expect(asked).toBe(-4)
    expect(await queue.putMany([], { timeout: 0 })).toBe(0)
    await expect(queue.putMany([1], { timeout: 10 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(queue.putMany(7 as never)).rejects.toThrow(TypeError)
  })

  test('putMany() from a source that has nothing yet ends with the queue', async () => {
    const queue = new FanOutQueue<number>()
    const never: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<number>>(() => {}) }),
    }
    const putting = queue.putMany(never)
    queue.shutdown()
    await expect(putting).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })
})

describe('what is put', () => {
  test('is what it was when put() was called, wherever it waits (T214)', async () => {
    const queue = new FanOutQueue<{ n: number }>({ maxItems: 2 })
    const item = { n: 0 }
    const puts = numbers(4).map((n) => {
      item.n = n
      return queue.put(item)
    })
    item.n = 99
    const got = echoed(queue.consumer(), 'for of')
    await Promise.all(puts)
    queue.shutdown()
    expect(await got).toEqual(numbers(4).map((n) => ({ n })))
  })

  test('and cannot be cloned is refused, and leaves the queue as it was (T212)', async () => {
    const queue = new FanOutQueue<unknown>()
    const consumer = await startRemoteConsumer(queue.consumer())
    await until(() => queue.stats().lanes[0].state === 'open')
    const before = queue.stats()
    await expect(queue.put({ f() {} })).rejects.toMatchObject({ name: 'DataCloneError' })
    expect(() => queue.putNowait(Symbol('s'))).toThrow(DOMException)
    expect(queue.stats()).toEqual(before)
    await queue.put('fine')
    expect(await consumer.call('get')).toBe('fine')
  })

  test('by a getter of an item that is being put comes through too', async () => {
    const queue = new FanOutQueue<unknown>({ prefetch: 8 })
    const consumer = await startRemoteConsumer(queue.consumer())
    await until(() => queue.stats().lanes[0].state === 'open')
    await queue.put({
      before: 'x'.repeat(100),
      get middle() {
        queue.putNowait('inner')
        return 1
      },
      after: 'y'.repeat(100),
    })
    const got = [await consumer.call('get'), await consumer.call('get')]
    expect(got).toEqual([{ before: 'x'.repeat(100), middle: 1, after: 'y'.repeat(100) }, 'inner'])
  })

  test('goes by a codec that travels in the handle (struct), or by one that both ends were given', async () => {
    const points = new FanOutQueue<{ x: number; y: number }>({ codec: struct({ x: u8, y: u8 }) })
    const got = echoed(points.consumer(), 'for of')
    await points.put({ x: 1, y: 2 })
    await expect(points.put({ x: 1, y: 256 })).rejects.toMatchObject({ code: 'CODEC_VALUE', path: 'y', value: 256 })
    points.shutdown()
    expect(await got).toEqual([{ x: 1, y: 2 }])

    const mine: Codec<unknown> = { ...auto(), name: 'mine' }
    const own = new FanOutQueue<unknown>({ codec: mine })
    const [error] = await new Promise<[Error]>((resolve) => {
      startConsumer(own.consumer(), 'remote').on('error', (thrown: Error) => resolve([thrown]))
    })
    expect(error).toMatchObject({ code: 'CODEC_MISMATCH' })
  })
})

test('positions and counts may wrap (T208)', async () => {
  for (const position of [2 ** 31 - 64, -64]) {
    const starts = { position, count: 2 ** 31 - 10 }
    const core = new FanOutCore<string>(readFanOutOptions({ capacityBytes: 256, prefetch: 3 }), starts)
    const handle = {
      millrace: 'consumer',
      version: LAYOUT_VERSION,
      hub: core.hub.buffer,
      lane: core.addLane(undefined).memory,
      codec: { name: 'auto', builtIn: 'auto' },
      transferList: [],
    }
    const got = echoed<string>(handle, 'for of', true)
    const items = numbers(400).map((i) => 'x'.repeat(i % 50))
    expect(await putMany(core, items, undefined)).toBe(400)
    core.shutdown(false)
    expect(await got).toEqual(items)
    expect([core.unfinished, core.qsize()]).toEqual([0, 0])
  }
})

test('options are checked, with value and limit', () => {
  expect(() => new FanOutQueue({ prefetch: 0 })).toThrow(
    'expected prefetch to be a whole number from 1 to 1048576, got 0',
  )
  expect(() => new FanOutQueue({ maxDeliveries: 1.5 })).toThrow(RangeError)
  expect(() => new FanOutQueue({ onConsumerLost: 'ignore' as never })).toThrow(TypeError)
  expect(() => new FanOutQueue({ onPoisoned: 'log' as never })).toThrow(TypeError)
  expect(() => new FanOutQueue({ perfetch: 3 } as never)).toThrow('perfetch')
})

test('putMany() tells why it ended, whatever its source throws as it is left', async () => {
  const queue = new FanOutQueue<number>()
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return() {
        throw new Error('not now')
      },
    }),
  }
  const controller = new AbortController()
  const putting = queue.putMany(source, { signal: controller.signal })
  controller.abort('enough')
  await expect(putting).rejects.toBe('enough')
})
