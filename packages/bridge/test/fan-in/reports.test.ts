import { describe, expect, test } from 'vitest'
import { FanInQueue } from '../../src/index.js'
import { openProducer } from '../../src/worker.js'
import { choosy } from '../fixtures/choosy-codec.js'
import { startProducer, until } from '../fixtures/threads.js'

function queueOf(items: number[]): FanInQueue<number> {
  const codec = choosy()
  const queue = new FanInQueue<number>({ codec })
  const producer = openProducer(queue.producer(), { codec })
  for (const item of items) producer.putNowait(item)
  return queue
}

describe('what consumers have to be told comes before the items behind it', () => {
  type Take = (queue: FanInQueue<number>) => unknown
  const ways: [string, Take][] = [
    ['get()', (queue) => queue.get()],
    ['get() without waiting', (queue) => queue.get({ timeout: 0 })],
    ['getNowait()', (queue) => queue.getNowait()],
    ['getMany()', (queue) => queue.getMany()],
    ['getMany() without waiting', (queue) => queue.getMany({ timeout: 0 })],
    ['getMany() of whatever there is', (queue) => queue.getMany({ min: 0 })],
    ['next()', (queue) => queue[Symbol.asyncIterator]().next()],
    ['next() of batches', (queue) => queue.batches().next()],
    ['next() of leases', (queue) => queue.leases().next()],
    ['next() of leases in batches', (queue) => queue.leaseBatches().next()],
  ]

  test.each(ways)('an item that could not be decoded, to %s', async (_, take) => {
    const queue = queueOf([1, -2, 3])
    expect(await queue.getMany()).toEqual([1])
    await expect((async () => take(queue))()).rejects.toThrow('cannot decode -2')
    expect(queue.getNowait()).toBe(3)
  })

  test.each(ways)('a thread that has died, to %s', async (_, take) => {
    const queue = new FanInQueue<number>()
    const producer = openProducer(queue.producer())
    startProducer(queue.producer(), 'end', { count: 1, how: 'exit' })
    await until(() => queue.qsize() === 1)
    expect(queue.getNowait()).toBe(0)
    await until(() => queue.stats().endedLanes === 1)
    producer.putNowait(5)
    await expect((async () => take(queue))()).rejects.toMatchObject({ code: 'REMOTE_LOST' })
    expect(queue.getNowait()).toBe(5)
  })
})

describe('items that cannot be decoded', () => {
  test('keep drain() from none that can', async () => {
    const queue = queueOf([1, 2, -3, -4, 5])
    expect(queue.drain()).toEqual([1, 2, 5])
    expect(() => queue.getNowait()).toThrow('cannot decode -3')
    expect(() => queue.getNowait()).toThrow('cannot decode -4')
    expect(() => queue.getNowait()).toThrow(expect.objectContaining({ code: 'QUEUE_EMPTY' }))
  })

  test('are told by drain() when nothing comes before them', () => {
    const queue = queueOf([-1, 2])
    expect(() => queue.drain()).toThrow('cannot decode -1')
    expect(queue.drain()).toEqual([2])
  })
})

test('a pending get() hears of it before a call that does not wait', async () => {
  const queue = queueOf([1, -2, 3])
  expect(await queue.getMany()).toEqual([1])
  const pending = queue.get()
  expect(queue.getNowait()).toBe(3)
  await expect(pending).rejects.toThrow('cannot decode -2')
})
