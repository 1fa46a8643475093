import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { HandleData } from '../../src/handle.js'
import { auto, type BridgeOptions, type Codec, CodecError, FanInQueue, utf8 } from '../../src/index.js'
import { HUB_HOME_THREAD } from '../../src/layout.js'
import { openProducer, type Producer } from '../../src/worker.js'
import { turn } from '../fixtures/local.js'
import { anyText, inUtf8 } from '../fixtures/texts.js'
import { collect, startRemoteProducer } from '../fixtures/threads.js'

/** A queue with a producer of this very thread that may put many, as long as there is room for all. */
function localBundles<T>(options: BridgeOptions<T>): { queue: FanInQueue<T>; producer: Producer<T> } {
  const queue = new FanInQueue<T>(options)
  onTestFinished(() => queue[Symbol.asyncDispose]())
  return { queue, producer: anotherProducer(queue, options) }
}

function anotherProducer<T>(queue: FanInQueue<T>, { codec }: BridgeOptions<T>): Producer<T> {
  const handle = queue.producer()
  const producer = openProducer(handle, { codec })
  new Int32Array((handle as HandleData).hub)[HUB_HOME_THREAD] = -1
  return producer
}

const texts = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `text no. ${from + i}`)

const ways: Record<string, (queue: FanInQueue<string>, max: number) => Promise<string[]>> = {
  'getNowait()': async (queue) => [queue.getNowait()],
  'get()': async (queue) => [await queue.get()],
  'getMany()': (queue, max) => queue.getMany({ max }),
  'drain()': async (queue) => queue.drain(),
  'for await': (queue, max) => collect(queue, Math.min(max, queue.qsize())),
  async 'batches()'(queue, max) {
    for await (const batch of queue.batches({ max })) return batch
    return []
  },
  async 'an aborted getMany()'(queue) {
    const aborting = new AbortController()
    const got = queue.getMany({ min: 1000, signal: aborting.signal })
    aborting.abort()
    await expect(got).rejects.toThrow('abort')
    return []
  },
}

describe.each([
  ['utf8', utf8() as Codec<string>, inUtf8],
  ['auto', auto() as Codec<string>, (text: string) => text],
])('texts of %s put many at a time', (_, codec, carried) => {
  test('come in their order, whatever they are and however they are taken', { timeout: 60_000 }, async () => {
    const step = fc.oneof(
      fc.record({ put: fc.array(anyText, { maxLength: 12 }), single: fc.constant(false) }),
      fc.record({ put: fc.array(anyText, { maxLength: 2 }), single: fc.constant(true) }),
      fc.record({ take: fc.constantFrom(...Object.keys(ways)), max: fc.integer({ min: 1, max: 9 }) }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<BridgeOptions<string>>({}, { maxItems: 40 }, { order: 'arrival' }),
        fc.array(step, { minLength: 10, maxLength: 60 }),
        async (options, steps) => {
          const { queue, producer } = localBundles<string>({ capacityBytes: 16_384, codec, ...options })
          const model: string[] = []
          for (const step of steps) {
            if ('take' in step) {
              if (model.length === 0) continue
              const got = await ways[step.take](queue, step.max)
              expect(got).toEqual(model.splice(0, got.length))
              expect(queue.qsize()).toBe(model.length)
            } else {
              // All of it has room: nothing here may wait.
              if (queue.stats().lanes.some(({ depthBytes }) => depthBytes > 2000) || model.length > 20) {
                expect(queue.drain()).toEqual(model.splice(0))
              }
              if (step.single) for (const item of step.put) producer.putNowait(item)
              else expect(producer.putMany(step.put)).toBe(step.put.length)
              model.push(...step.put.map(carried))
            }
          }
          expect(queue.drain()).toEqual(model)
          expect(queue.stats()).toMatchObject({ size: 0 })
          producer.close()
        },
      ),
      { numRuns: 100 },
    )
  })

  test.each([
    { capacityBytes: 64 },
    { capacityBytes: 256 },
    { capacityBytes: 1024, maxItems: 3 },
    { capacityBytes: 1024, order: 'arrival' as const },
    { capacityBytes: 512, order: 'arrival' as const, maxItems: 5 },
  ])('come through a ring of %o from two threads', async (options) => {
    const queue = new FanInQueue<string>({ codec, ...options })
    const items = fc.sample(anyText, { numRuns: 600, seed: 5 })
    const remotes = [await startRemoteProducer(queue.producer()), await startRemoteProducer(queue.producer())]
    const done = remotes.map(async (remote, i) => {
      const mine = items.map((item) => `${i}${item}`)
      for (let from = 0; from < mine.length; from += 50) await remote.call('putMany', mine.slice(from, from + 50))
    })
    const got: string[] = []
    for await (const batch of queue.batches({ max: 40 })) {
      got.push(...batch)
      if (got.length === 2 * items.length) break
    }
    await Promise.all(done)
    for (const i of ['0', '1']) {
      expect(got.filter((item) => item.startsWith(i))).toEqual(items.map((item) => carried(`${i}${item}`)))
    }
    expect(queue.unfinishedTasks).toBe(2 * items.length)
    await Promise.all(remotes.map((remote) => remote.call('close')))
  })

  test('are many to a record', () => {
    const { queue, producer } = localBundles<string>({ codec })
    producer.putMany(texts(50))
    const bytes = texts(50).join('').length
    expect(queue.stats().lanes.at(-1)?.depthBytes).toBeLessThan(bytes + 50 * 2 + 64)
    expect(queue.drain()).toEqual(texts(50))
  })

  test('show what their codec wrote to leases, one by one and in batches', async () => {
    const { queue, producer } = localBundles<string>({ codec })
    producer.putMany(['first', 'second, somewhat longer', 'ö', ''])
    producer.putNowait('by itself')
    producer.putMany(texts(30))
    const read = (bytes: Uint8Array) => codec.decode(bytes, 0, bytes.length)
    const got: string[] = []
    for await (const lease of queue.leases()) {
      got.push(read(lease.bytes))
      lease.release()
      if (got.length === 2) break
    }
    for await (const batch of queue.leaseBatches({ max: 20 })) {
      for (const bytes of batch) got.push(read(bytes))
      batch.release()
      if (got.length === 35) break
    }
    expect(got).toEqual(['first', 'second, somewhat longer', 'ö', '', 'by itself', ...texts(30)])
  })

  test('are dropped and counted by a shutdown at once, in the middle of a record', async () => {
    const { queue, producer } = localBundles<string>({ codec })
    producer.putMany(texts(50))
    expect(await queue.getMany({ max: 20 })).toEqual(texts(20))
    queue.shutdown({ immediate: true })
    expect(queue.stats()).toMatchObject({ size: 0, gets: 20, dropped: 30 })
  })

  test('are taken in order of arrival between those of others, in the middle of a record too', async () => {
    const { queue, producer } = localBundles<string>({ codec, order: 'arrival' })
    const other = anotherProducer(queue, { codec })
    producer.putMany(texts(10))
    other.putMany(texts(10, 10))
    producer.putMany(texts(10, 20))
    expect(await queue.getMany({ max: 4 })).toEqual(texts(4))
    expect(await queue.getMany({ max: 11 })).toEqual(texts(11, 4))
    expect(await queue.get()).toBe('text no. 15')
    expect(queue.drain()).toEqual(texts(14, 16))
  })
})

test('an item that is no text stays where it is among texts', async () => {
  const { queue, producer } = localBundles<unknown>({})
  const items = ['a', 'b', 1, 2, 3, 'c', { d: 4 }, 'e', 'f', new Uint8Array([7]), 'g'.repeat(500), 'h', 5, 'i', 'j']
  producer.putMany(items)
  expect(await queue.getMany()).toEqual(items)
})

test('what utf8() does not carry ends putMany(), those before it being put', () => {
  const { queue, producer } = localBundles<string>({ codec: utf8() })
  expect(() => producer.putMany(['a', 'b', 7 as never, 'c'])).toThrow(expect.objectContaining({ code: 'CODEC_VALUE' }))
  expect(queue.drain()).toEqual(['a', 'b'])
})

test('an item that cannot be decoded is reported to the call that would have had it, those before it delivered', async () => {
  const plain = utf8()
  const refused = (item: string) => item.endsWith('9')
  const codec: Codec<string> = {
    ...plain,
    name: 'refusing',
    decode(source, start, end) {
      const item = plain.decode(source, start, end)
      if (refused(item)) throw new CodecError(`no ${item}`, 'CODEC_CORRUPT')
      return item
    },
    decodeBundle(source, start, end, max, into) {
      const items: string[] = []
      plain.decodeBundle?.(source, start, end, max, items)
      const bad = items.findIndex(refused)
      const count = bad < 0 ? items.length : bad
      into.push(...items.slice(0, count))
      return count
    },
  }
  const { queue, producer } = localBundles<string>({ codec })
  producer.putMany(texts(50))
  const iterator = queue[Symbol.asyncIterator]()
  for (const item of texts(25)) {
    if (refused(item)) await expect(iterator.next()).rejects.toThrow(`no ${item}`)
    else expect(await iterator.next()).toEqual({ value: item, done: false })
  }
  expect(await queue.getMany()).toEqual(texts(4, 25))
  await expect(queue.getMany()).rejects.toThrow('no text no. 29')
  expect(await queue.getMany({ max: 9 })).toEqual(texts(9, 30))
  await expect(queue.get()).rejects.toThrow('no text no. 39')
  expect(queue.qsize()).toBe(10)
})

test('a text that is put by what reads the array is refused while texts are being put together', () => {
  const { queue, producer } = localBundles<string>({ codec: utf8() })
  const items = new Proxy(['a', 'b', 'c'], {
    get(target, key) {
      if (key === '1') producer.putNowait('from inside')
      return Reflect.get(target, key) as unknown
    },
  })
  expect(() => producer.putMany(items)).toThrow('by the code of an item')
  expect(queue.drain()).toEqual([])
})

test('texts are put together again after many that could not be', () => {
  const { queue, producer } = localBundles<string>({ codec: utf8() })
  producer.putMany(Array.from({ length: 3000 }, (_, i) => `текст ${i}`))
  expect(queue.drain().length).toBe(3000)
  producer.putMany(texts(3000))
  expect(queue.drain()).toEqual(texts(3000))
  producer.putMany(texts(50))
  const bytes = texts(50).join('').length
  expect(queue.stats().lanes.at(-1)?.depthBytes).toBeLessThan(bytes + 50 + 64)
})

test('texts that were read ahead are in the queue still', async () => {
  const { queue, producer } = localBundles<string>({ codec: utf8() })
  producer.putMany(texts(50))
  await turn()
  const iterator = queue[Symbol.asyncIterator]()
  onTestFinished(async () => void (await iterator.return?.()))
  for (const item of texts(10)) expect((await iterator.next()).value).toBe(item)
  expect(queue.qsize()).toBe(40)
  expect(queue.getNowait()).toBe('text no. 10')
  expect((await iterator.next()).value).toBe('text no. 11')
  expect(await queue.getMany({ max: 3 })).toEqual(texts(3, 12))
  expect(queue.drain()).toEqual(texts(35, 15))
})
