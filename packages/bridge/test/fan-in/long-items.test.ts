import { describe, expect, test } from 'vitest'
import type { FanInQueue } from '../../src/index.js'
import type { Producer, Reservation } from '../../src/worker.js'
import { localQueue, turn } from '../fixtures/local.js'

interface Held {
  queue: FanInQueue<string | Uint8Array>
  producer: Producer<string | Uint8Array>
  /** What comes before the long item. */
  before: Reservation
  first: Promise<string | Uint8Array>
}

/** A long item that has come whole, and has to wait for one of another producer. */
async function held(length: number): Promise<Held> {
  const { queue, producer, another } = localQueue<string | Uint8Array>({
    capacityBytes: 4096,
    maxItems: 1000,
    order: 'arrival',
  })
  const before = another().reserve(1)
  if (before === null) throw new Error('no room in an empty lane')
  const first = queue.get()
  await producer.put('x'.repeat(length))
  await turn()
  await turn()
  return { queue, producer, before, first }
}

const isFull = expect.objectContaining({ code: 'QUEUE_FULL' })

describe('a long item that waits for its turn counts against the capacity of its lane', () => {
  test('with nothing beside it when it is larger', async () => {
    const { queue, producer, before, first } = await held(10_000)
    expect(() => producer.putNowait('')).toThrow(isFull)
    before.commit()
    await first
    expect(await queue.get()).toHaveLength(10_000)
    await turn()
    producer.putNowait('after')
    expect(await queue.get()).toBe('after')
  })

  test('to the byte when it is not', async () => {
    const { queue, producer, before, first } = await held(3000)
    expect(() => producer.putNowait(new Uint8Array(1100))).toThrow(isFull)
    producer.putNowait(new Uint8Array(950))
    expect(() => producer.putNowait(new Uint8Array(200))).toThrow(isFull)
    before.commit()
    await first
    expect(queue.drain().map(({ length }) => length)).toEqual([3000, 950])
  })

  test('and a put that waits for it goes on', async () => {
    const { queue, producer, before, first } = await held(10_000)
    const puts = [producer.put('y'.repeat(10_000)), producer.put('z')]
    before.commit()
    await first
    expect(await queue.get()).toHaveLength(10_000)
    expect(await queue.get()).toHaveLength(10_000)
    expect(await queue.get()).toBe('z')
    await Promise.all(puts)
  })
})

test('a long item that was taken counts as such in the other threads, too', async () => {
  const { queue, producer, before, first } = await held(10_000)
  before.commit()
  await first
  await queue.get()
  await turn()
  expect([producer.qsize(), queue.qsize()]).toEqual([0, 0])
})

test('long items follow each other at once where they are taken', async () => {
  const { queue, producer } = localQueue<string>({ capacityBytes: 4096 })
  const puts = Array.from({ length: 20 }, (_, i) => producer.put(String(i).repeat(2500 + 400 * i)))
  for (let i = 0; i < 20; i++) expect((await queue.get()).slice(0, 2)).toBe(String(i).repeat(2).slice(0, 2))
  await Promise.all(puts)
})

test.each(['producer', 'arrival'] as const)(
  'a long item comes to one that only drains, in order of %s',
  async (order) => {
    const { queue, producer, another } = localQueue<string>({ capacityBytes: 4096, order })
    const puts = [producer, another()].map((each, i) => each.put(String(i).repeat(10_000)))
    const taken: string[] = []
    for (let looks = 0; looks < 100; looks++) {
      taken.push(...queue.drain())
      await turn()
    }
    expect(taken.sort()).toEqual(['0'.repeat(10_000), '1'.repeat(10_000)])
    await Promise.all(puts)
  },
)

describe('a long item that is given up while its lane is full', () => {
  test.each<[string, (controller: AbortController) => object, (controller: AbortController) => void]>([
    ['by its signal', ({ signal }) => ({ signal }), (controller) => controller.abort('enough')],
    ['by its timeout', () => ({ timeout: 1 }), () => {}],
  ])('%s, does not hold back what others put after it', async (_, terms, giveUp) => {
    for (const before of [0, 1, 2, 3]) {
      const { queue, producer, another } = localQueue<string | number>({ capacityBytes: 64, order: 'arrival' })
      const other = another()
      for (let i = 0; i < before; i++) producer.putNowait(i)
      const controller = new AbortController()
      const long = producer.put('x'.repeat(1000), terms(controller))
      other.putNowait('after')
      giveUp(controller)
      await expect(long).rejects.toBeDefined()
      for (let i = 0; i < before; i++) expect(await queue.get()).toBe(i)
      expect(await queue.get()).toBe('after')
    }
  })
})
