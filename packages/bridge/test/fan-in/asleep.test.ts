import { describe, expect, test } from 'vitest'
import type { HandleData } from '../../src/handle.js'
import { type Codec, FanInQueue, float64 } from '../../src/index.js'
import { HOME_DOORBELL } from '../../src/layout.js'
import { openProducer } from '../../src/worker.js'
import { turn } from '../fixtures/local.js'

/** Reads all numbers but 13. */
const picky: Codec<number> = {
  ...float64(),
  name: 'picky',
  decode(source, start, end) {
    const item = float64().decode(source, start, end)
    if (item === 13) throw new RangeError('unlucky')
    return item
  },
}

function sleeper(codec = picky) {
  const queue = new FanInQueue<number>({ codec })
  const handle = queue.producer()
  const hub = new Int32Array((handle as HandleData).hub)
  const asleep = async () => {
    while (Atomics.load(hub, HOME_DOORBELL) !== 1) await turn()
  }
  return { queue, producer: openProducer(handle, { codec }), asleep }
}

describe('a loop that sleeps', () => {
  test('gives what wakes it to the call that came first, and goes back to sleep for the next', async () => {
    const { queue, producer, asleep } = sleeper()
    const first = queue.get()
    const second = queue.get()
    await asleep()
    producer.putNowait(1)
    expect(await first).toBe(1)
    await asleep()
    producer.putNowait(2)
    expect(await second).toBe(2)
    expect(queue.stats()).toMatchObject({ gets: 2, size: 0, waiting: { gets: 0 } })
    await queue[Symbol.asyncDispose]()
  })

  test('wakes with the very number that was put', async () => {
    const { queue, producer, asleep } = sleeper(float64())
    for (const number of [0.1, -0, Number.NaN, Number.NEGATIVE_INFINITY, Number.MAX_VALUE, 7]) {
      const next = queue.get()
      await asleep()
      producer.putNowait(number)
      expect(await next).toBe(number)
    }
    await queue[Symbol.asyncDispose]()
  })

  test('gives every item that was there by the time it woke', async () => {
    const { queue, producer, asleep } = sleeper()
    const iterator = queue[Symbol.asyncIterator]()
    for (let round = 0; round < 3; round++) {
      const next = iterator.next()
      await asleep()
      for (const item of [1, 2, 3]) producer.putNowait(item)
      expect(await next).toEqual({ value: 1, done: false })
      expect((await iterator.next()).value).toBe(2)
      expect(await queue.get()).toBe(3)
    }
    await queue[Symbol.asyncDispose]()
  })

  test('tells the call that came first when it cannot decode what woke it, and delivers what follows', async () => {
    const { queue, producer, asleep } = sleeper()
    const unlucky = queue.get()
    await asleep()
    producer.putNowait(13)
    producer.putNowait(14)
    await expect(unlucky).rejects.toThrow('unlucky')
    expect(await queue.get()).toBe(14)
    expect(queue.stats()).toMatchObject({ gets: 2, size: 0 })
    await queue[Symbol.asyncDispose]()
  })

  test('gives what was given back in the meantime before what wakes it', async () => {
    const { queue, producer, asleep } = sleeper()
    const giveUp = new AbortController()
    const many = queue.getMany({ min: 3, signal: giveUp.signal })
    const single = queue.get()
    await asleep()
    producer.putNowait(1)
    await turn()
    await asleep()
    giveUp.abort()
    producer.putNowait(2)
    await expect(many).rejects.toBe(giveUp.signal.reason)
    expect(await single).toBe(1)
    expect(await queue.get()).toBe(2)
    await queue[Symbol.asyncDispose]()
  })

  test('gives a batch all that is there', async () => {
    const { queue, producer, asleep } = sleeper()
    const batch = queue.batches()[Symbol.asyncIterator]().next()
    await asleep()
    producer.putNowait(1)
    producer.putNowait(2)
    expect(await batch).toEqual({ value: [1, 2], done: false })
    await queue[Symbol.asyncDispose]()
  })
})
