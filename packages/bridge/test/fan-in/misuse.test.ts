import { once } from 'node:events'
import { expect, test } from 'vitest'
import { FanInQueue } from '../../src/index.js'
import { openProducer } from '../../src/worker.js'
import { localQueue, turn } from '../fixtures/local.js'
import { startProducer } from '../fixtures/threads.js'

test('a reservation that is given back after its producer was closed is harmless', () => {
  const { queue, producer } = localQueue<Uint8Array>()
  const reservation = producer.reserve(8)
  producer.close()
  reservation?.abort()
  expect(queue.qsize()).toBe(0)
})

test('a reservation committed after its producer was closed is refused', () => {
  const { queue, producer } = localQueue<Uint8Array>()
  const reservation = producer.reserve(8)
  producer.close()
  expect(() => reservation?.commit()).toThrow(expect.objectContaining({ code: 'HANDLE_CLOSED' }))
  expect(queue.qsize()).toBe(0)
})

test('the code of an item that is being put may not reserve where that is being written', () => {
  const { queue, producer } = localQueue<unknown>()
  const item = {
    first: 1,
    get second() {
      producer.reserve(8)
      return 2
    },
  }
  expect(() => producer.putNowait(item)).toThrow(TypeError)
  producer.putNowait('next')
  expect(queue.drain()).toEqual(['next'])
})

test('the code of an item that is being transferred may not put', () => {
  const queue = new FanInQueue<unknown>({ capacityBytes: 64 })
  const producer = openProducer(queue.producer({ transferable: true }))
  const buffer = new ArrayBuffer(8)
  const item = {
    buffer,
    get inner() {
      producer.putNowait('inner')
      return 2
    },
  }
  expect(() => producer.putNowait(item, { transfer: [buffer] })).toThrow(TypeError)
  expect(queue.drain()).toEqual([])
})

test('the code of an item that is being put may flush', async () => {
  const { queue, producer } = localQueue<unknown>({ capacityBytes: 256 })
  const item = (length: number) => ({
    get text() {
      producer.flush()
      return 'x'.repeat(length)
    },
  })
  const there: unknown[] = []
  for (let i = 0; i < 500; i++) {
    const length = (i * 37) % 90
    try {
      producer.putNowait(item(length))
      there.push({ text: 'x'.repeat(length) })
    } catch (error) {
      expect(error).toMatchObject({ code: 'QUEUE_FULL' })
      expect(queue.getNowait()).toEqual(there.shift())
      await turn()
    }
  }
  expect(queue.drain()).toEqual(there)
})

test('the code of an item that is being put may not close its producer', () => {
  const { queue, producer } = localQueue<unknown>()
  const item = {
    get text() {
      producer.close()
      return 'x'
    },
  }
  expect(() => producer.putNowait(item)).toThrow(TypeError)
  producer.putNowait('next')
  expect(queue.drain()).toEqual(['next'])
})

test('an iterable that reserves between two of its items is refused the second', async () => {
  const queue = new FanInQueue<string>()
  const thread = startProducer(queue.producer(), 'betweenItems', { items: ['a', 'b'] })
  const [code] = await once(thread, 'message')
  expect(code).toBe('RESERVATION_OPEN')
  expect(queue.drain()).toEqual(['a'])
})
