import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HandleData } from '../../src/handle.js'
import { type Codec, CodecError, FanInQueue, float64 } from '../../src/index.js'
import { HUB_HOME_THREAD } from '../../src/layout.js'
import { openProducer } from '../../src/worker.js'
import { localQueue, turn } from '../fixtures/local.js'

/** Enough for the queue to have read several items ahead of those that were taken. */
const TAKEN = 20
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** A queue of the numbers from 0 to 99, of which the first ones were taken one after the other. */
async function begun(putAll: 'one by one' | 'as a run') {
  const { queue } = localQueue<number>({ codec: float64() })
  const handle = queue.producer()
  const producer = openProducer(handle)
  // Nothing waits here: a producer that takes itself for another thread's may put runs.
  new Int32Array((handle as HandleData).hub)[HUB_HOME_THREAD] = -1
  if (putAll === 'as a run') producer.putMany(numbers(0, 100))
  else for (const item of numbers(0, 100)) producer.putNowait(item)
  // A stretch of service of its own.
  await turn()
  const iterator = queue[Symbol.asyncIterator]()
  for (const item of numbers(0, TAKEN)) expect(await iterator.next()).toEqual({ value: item, done: false })
  return { queue, iterator }
}

describe.each(['one by one', 'as a run'] as const)('items put %s that were read ahead', (putAll) => {
  test('count as being in the queue', async () => {
    const { queue } = await begun(putAll)
    expect(queue.qsize()).toBe(100 - TAKEN)
    expect(queue.stats()).toMatchObject({ size: 100 - TAKEN, puts: 100, gets: TAKEN })
    expect(queue.stats().lanes.at(-1)?.depth).toBe(100 - TAKEN)
  })

  test('are there for whoever takes next, in whatever way', async () => {
    const { queue, iterator } = await begun(putAll)
    expect(queue.getNowait()).toBe(20)
    expect((await iterator.next()).value).toBe(21)
    expect((await iterator.next()).value).toBe(22)
    expect(await queue.get()).toBe(23)
    expect(await queue.getMany({ max: 3 })).toEqual([24, 25, 26])
    expect((await iterator.next()).value).toBe(27)
    for await (const lease of queue.leases()) {
      expect(new DataView(lease.bytes.buffer, lease.bytes.byteOffset).getFloat64(0, true)).toBe(28)
      lease.release()
      break
    }
    for (const item of numbers(29, 40)) expect(await queue.get()).toBe(item)
    for await (const batch of queue.batches({ max: 2 })) {
      expect(batch).toEqual([40, 41])
      break
    }
    for (const item of numbers(42, 50)) expect((await iterator.next()).value).toBe(item)
    expect(queue.drain()).toEqual(numbers(50, 100))
  })

  test('are dropped and counted by a shutdown at once', async () => {
    const { queue, iterator } = await begun(putAll)
    queue.shutdown({ immediate: true })
    expect(await iterator.next()).toEqual({ value: undefined, done: true })
    expect(queue.stats()).toMatchObject({ size: 0, gets: TAKEN, dropped: 100 - TAKEN })
  })

  test('stay for others when the iteration is left', async () => {
    const { queue, iterator } = await begun(putAll)
    await iterator.return?.()
    const rest: number[] = []
    queue.shutdown()
    for await (const item of queue) rest.push(item)
    expect(rest).toEqual(numbers(TAKEN, 100))
  })

  test('are delivered in their order after turns of the loop between them', async () => {
    const { iterator } = await begun(putAll)
    for (const item of numbers(TAKEN, 100)) {
      if (item % 3 === 0) await turn()
      expect((await iterator.next()).value).toBe(item)
    }
  })
})

/** Numbers, of which some are refused when they are read. */
function refusing(isRefused: (item: number) => boolean): Codec<number> & { decoded: number } {
  const plain = float64()
  return {
    ...plain,
    name: 'refusing',
    decoded: 0,
    decode(source, start, end) {
      const item = plain.decode(source, start, end)
      if (isRefused(item)) throw new CodecError(`no ${item}`, 'CODEC_CORRUPT')
      this.decoded++
      return item
    },
  }
}

test('an item that cannot be decoded is reported to the call that would have had it, those before it delivered', async () => {
  const codec = refusing((item) => item % 10 === 9)
  const queue = new FanInQueue<number>({ codec })
  const producer = openProducer<number>(queue.producer(), { codec })
  for (const item of numbers(0, 50)) producer.putNowait(item)
  const iterator = queue[Symbol.asyncIterator]()
  for (const item of numbers(0, 50)) {
    if (item % 10 === 9) await expect(iterator.next()).rejects.toThrow(`no ${item}`)
    else expect(await iterator.next()).toEqual({ value: item, done: false })
  }
  expect(queue.qsize()).toBe(0)
  await queue[Symbol.asyncDispose]()
})

test('items that are not all of one size are decoded when they are taken, once each', async () => {
  const { fixedSize: _, encodeRun: __, decodeRun: ___, ...codec } = refusing(() => false)
  const queue = new FanInQueue<number>({ codec })
  const producer = openProducer<number>(queue.producer(), { codec })
  for (const item of numbers(0, 50)) producer.putNowait(item)
  for (const item of numbers(0, 30)) {
    expect(await queue.get()).toBe(item)
    expect(codec.decoded).toBe(item + 1)
  }
  await queue[Symbol.asyncDispose]()
})

test.each(['get()', 'getNowait()'] as const)('a codec that calls %s while it reads has no item twice', async (way) => {
  const taken: (number | Promise<number>)[] = []
  let calls = 0
  const codec = refusing((item) => {
    if (item === 30 && calls++ < 3) taken.push(way === 'get()' ? queue.get() : queue.getNowait())
    return false
  })
  const queue: FanInQueue<number> = new FanInQueue<number>({ codec })
  const producer = openProducer<number>(queue.producer(), { codec })
  for (const item of numbers(0, 60)) producer.putNowait(item)
  while (queue.qsize() > 0) taken.push(await queue.get())
  expect((await Promise.all(taken)).toSorted((a, b) => a - b)).toEqual(numbers(0, 60))
  await queue[Symbol.asyncDispose]()
})

test('any sequence of ways to take on a small ring gives every item once, in order', async () => {
  const way = fc.constantFrom(
    'put',
    'put',
    'run',
    'next',
    'next',
    'next',
    'get',
    'getNowait',
    'getMany',
    'drain',
    'turn',
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(64, 256, 1024), fc.array(way, { maxLength: 150 }), async (capacityBytes, ways) => {
      const queue = new FanInQueue<number>({ codec: float64(), capacityBytes })
      const producers = [openProducer(queue.producer()), openProducer(queue.producer())]
      const next = [0, 0]
      const left: number[][] = [[], []]
      const take = (item: number | undefined) => expect(left[(item as number) % 2].shift()).toBe(item)
      const iterator = queue[Symbol.asyncIterator]()
      const put = (which: number) => {
        try {
          producers[which].putNowait(next[which] * 2 + which)
          left[which].push(next[which]++ * 2 + which)
        } catch (error) {
          expect(error).toMatchObject({ code: 'QUEUE_FULL' })
        }
      }
      for (const [i, step] of ways.entries()) {
        const isEmpty = left[0].length + left[1].length === 0
        expect(queue.qsize()).toBe(left[0].length + left[1].length)
        if (step === 'put') for (let k = 0; k < 5; k++) put((i + k) & 1)
        else if (step === 'run') for (let k = 0; k < 12; k++) put(i & 1)
        else if (step === 'turn') await turn()
        else if (step === 'drain') for (const item of queue.drain()) take(item)
        else if (isEmpty) continue
        else if (step === 'next') take((await iterator.next()).value)
        else if (step === 'get') take(await queue.get())
        else if (step === 'getNowait') take(queue.getNowait())
        else for (const item of await queue.getMany({ max: 3 })) take(item)
      }
      for (const item of queue.drain()) take(item)
      expect(left).toEqual([[], []])
      await queue[Symbol.asyncDispose]()
    }),
    { numRuns: 100 },
  )
})
