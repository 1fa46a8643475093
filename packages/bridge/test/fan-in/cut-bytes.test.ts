import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes } from '../../src/index.js'
import { localQueue, turn } from '../fixtures/local.js'

/** Around the least and the greatest that are cut from a copy of several records. */
const LENGTHS = [0, 1, 64, 65, 66, 100, 127, 1000, 1024, 4095, 4096, 4097, 6000]

/** Every byte tells of the item that it belongs to, and of its place in it. */
const itemOf = (number: number, length: number) => Uint8Array.from({ length }, (_, i) => number * 7 + i * 3)

/** A queue of 100 items of 200 to 299 bytes, of which the first 20 were taken one after the other. */
async function begun() {
  const { queue, producer } = localQueue<Uint8Array>({ codec: bytes() })
  const items = Array.from({ length: 100 }, (_, n) => itemOf(n, 200 + n))
  for (const item of items) producer.putNowait(item)
  await turn()
  const iterator = queue[Symbol.asyncIterator]()
  for (const item of items.slice(0, 20)) expect((await iterator.next()).value).toEqual(item)
  return { queue, iterator, items }
}

describe('byte arrays that were cut ahead', () => {
  test('count as being in the queue', async () => {
    const { queue } = await begun()
    expect(queue.qsize()).toBe(80)
    expect(queue.stats()).toMatchObject({ size: 80, puts: 100, gets: 20 })
  })

  test('are there for whoever takes next, in whatever way', async () => {
    const { queue, iterator, items } = await begun()
    expect(queue.getNowait()).toEqual(items[20])
    expect((await iterator.next()).value).toEqual(items[21])
    expect((await iterator.next()).value).toEqual(items[22])
    expect(await queue.getMany({ max: 3 })).toEqual(items.slice(23, 26))
    for await (const lease of queue.leases()) {
      expect(lease.bytes.slice()).toEqual(items[26])
      lease.release()
      break
    }
    for await (const batch of queue.batches({ max: 2 })) {
      expect(batch).toEqual(items.slice(27, 29))
      break
    }
    expect((await iterator.next()).value).toEqual(items[29])
    expect(queue.drain()).toEqual(items.slice(30))
  })

  test('stay for others when the iteration is left', async () => {
    const { queue, iterator, items } = await begun()
    await iterator.return?.()
    expect(queue.drain()).toEqual(items.slice(20))
  })
})

test('a batch in order of arrival takes no byte array before an earlier one of another producer', async () => {
  const { queue, producer, another } = localQueue<Uint8Array>({ codec: bytes(), order: 'arrival' })
  const producers = [producer, another()]
  const items = Array.from({ length: 40 }, (_, n) => itemOf(n, 100))
  for (const [n, item] of items.entries()) producers[n & 1].putNowait(item)
  expect(await queue.getMany()).toEqual(items)
})

test('a batch of byte arrays ends at its max, and the next one goes on there', async () => {
  const { queue, producer } = localQueue<Uint8Array>({ codec: bytes() })
  const items = Array.from({ length: 50 }, (_, n) => itemOf(n, 300))
  for (const item of items) producer.putNowait(item)
  expect(await queue.getMany({ max: 7 })).toEqual(items.slice(0, 7))
  expect(await queue.getMany({ max: 1 })).toEqual(items.slice(7, 8))
  expect(await queue.getMany()).toEqual(items.slice(8))
})

test('a batch of byte arrays without a max ends with the one that reaches 1 MiB', async () => {
  const { queue, producer } = localQueue<Uint8Array>({ codec: bytes(), capacityBytes: 2 ** 22 })
  for (let n = 0; n < 3000; n++) producer.putNowait(itemOf(n, 1000))
  for await (const batch of queue.batches()) {
    // Each takes 8 bytes more in the ring.
    expect(batch).toHaveLength(Math.ceil(2 ** 20 / 1008))
    break
  }
})

test('nobody writes the bytes of an item again, however it was taken', async () => {
  const way = fc.constantFrom('put', 'put', 'put', 'next', 'next', 'get', 'getNowait', 'getMany', 'drain', 'turn')
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(512, 4096, 16_384, 65_536),
      fc.boolean(),
      fc.array(fc.tuple(way, fc.constantFrom(...LENGTHS)), { maxLength: 120 }),
      async (capacityBytes, isArrival, steps) => {
        const order = isArrival ? 'arrival' : 'producer'
        const { queue, producer } = localQueue<Uint8Array>({ codec: bytes({ pooled: true }), capacityBytes, order })
        const put: Uint8Array[] = []
        const taken: (Uint8Array | undefined)[] = []
        const iterator = queue[Symbol.asyncIterator]()
        for (const [step, length] of steps) {
          expect(queue.qsize()).toBe(put.length - taken.length)
          if (step === 'put') {
            for (let k = 0; k < 8; k++) {
              const item = itemOf(put.length, (length + k * 8) % 6100)
              try {
                producer.putNowait(item)
                put.push(item)
              } catch (error) {
                expect((error as { code: string }).code).toMatch(/QUEUE_FULL|ITEM_TOO_LARGE/)
              }
            }
          } else if (step === 'turn') await turn()
          else if (step === 'drain') taken.push(...queue.drain())
          else if (taken.length === put.length) continue
          else if (step === 'next') taken.push((await iterator.next()).value)
          else if (step === 'get') taken.push(await queue.get())
          else if (step === 'getNowait') taken.push(queue.getNowait())
          else taken.push(...(await queue.getMany({ max: 1 + (length % 5) })))
        }
        taken.push(...queue.drain())
        expect(taken).toEqual(put)
        await queue[Symbol.asyncDispose]()
      },
    ),
    { numRuns: 150 },
  )
})
