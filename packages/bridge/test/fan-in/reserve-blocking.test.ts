import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { bytes, FanInQueue } from '../../src/index.js'
import type { Producer } from '../../src/worker.js'
import { localQueue } from '../fixtures/local.js'
import { collect, startProducer, until } from '../fixtures/threads.js'

describe('reserveBlocking()', () => {
  test.each([
    ['the ring is full', {}],
    ['maxItems are there', { maxItems: 1 }],
  ])('stops its thread while %s, and every item arrives whole, in order', async (_, options) => {
    const queue = new FanInQueue<Uint8Array>({ codec: bytes(), capacityBytes: 256, ...options })
    startProducer(queue.producer(), 'inPlace', { count: 200, size: 100 })
    queue.closeWhenIdle()
    const items = await collect(queue)
    expect(items.map((item) => [item.length, item[0], item[99]])).toEqual(
      Array.from({ length: 200 }, (_, i) => [100, i, i]),
    )
  })
})

const ways: { name: string; put: string; reserve: (producer: Producer<unknown>) => unknown }[] = [
  { name: 'reserveBlocking()', put: 'inPlace', reserve: (producer) => producer.reserveBlocking(8) },
  { name: 'reserveManyBlocking()', put: 'inPlaceMany', reserve: (producer) => producer.reserveManyBlocking(2, 8) },
]

describe.each(ways)('$name', ({ put, reserve }) => {
  test('is refused with QueueShutDown when the queue is shut down meanwhile', async () => {
    const queue = new FanInQueue<Uint8Array>({ codec: bytes(), capacityBytes: 256 })
    const worker = startProducer(queue.producer(), put, { count: 10, size: 100, atOnce: 2 })
    const refused = once(worker, 'message')
    await until(() => queue.stats().lanes[0].parked?.for === 'room')
    queue.shutdown()
    expect(await refused).toEqual(['QUEUE_SHUT_DOWN'])
    expect(queue.drain().length).toBe(2)
  })

  test('gives up after its timeout, having reserved nothing', async () => {
    const queue = new FanInQueue<Uint8Array>({ codec: bytes(), capacityBytes: 256 })
    const worker = startProducer(queue.producer(), put, { count: 10, size: 100, atOnce: 2, timeout: 5 })
    expect(await once(worker, 'message')).toEqual(['QUEUE_TIMEOUT'])
    queue.closeWhenIdle()
    expect((await collect(queue)).length).toBe(2)
  })

  test('is refused on the thread of the home end, where nobody would make room (T241)', () => {
    const { producer } = localQueue<unknown>()
    expect(() => reserve(producer)).toThrow(expect.objectContaining({ code: 'WRONG_THREAD' }))
  })

  test('of more than can lie in one piece is refused as without waiting', async () => {
    const queue = new FanInQueue<Uint8Array>({ codec: bytes(), capacityBytes: 256 })
    const worker = startProducer(queue.producer(), put, { count: 1, size: 200, atOnce: 2 })
    expect(await once(worker, 'message')).toEqual(['ITEM_TOO_LARGE'])
  })
})
