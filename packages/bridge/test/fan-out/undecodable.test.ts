import { describe, expect, test } from 'vitest'
import { FanOutQueue } from '../../src/index.js'
import { type Consumer, openConsumer } from '../../src/worker.js'
import { choosy } from '../fixtures/choosy-codec.js'
import { turn } from '../fixtures/local.js'

describe('an item that cannot be decoded takes none with it that was taken before', () => {
  test.each<[string, (consumer: Consumer<number>) => Promise<number[] | undefined>]>([
    ['drain()', async (consumer) => consumer.drain()],
    ['getMany()', (consumer) => consumer.getMany()],
    ['getMany() without waiting', (consumer) => consumer.getMany({ timeout: 0 })],
    ['getMany() of whatever there is', (consumer) => consumer.getMany({ min: 0 })],
    ['batches()', async (consumer) => (await consumer.batches().next()).value],
  ])('by %s', async (_, take) => {
    const codec = choosy()
    const queue = new FanOutQueue<number>({ codec, prefetch: 16 })
    const consumer = openConsumer(queue.consumer(), { codec })
    await queue.putMany([1, 2, -3, 4])
    await expect(take(consumer)).rejects.toThrow('cannot decode -3')
    expect(await take(consumer)).toEqual([1, 2, 4])
  })
})

describe('what was taken before an item that cannot be decoded, and given to nobody,', () => {
  const open = async () => {
    const codec = choosy()
    const queue = new FanOutQueue<number>({ codec, prefetch: 16 })
    const consumer = openConsumer(queue.consumer(), { codec })
    await queue.putMany([1, 2, -3, 4, 5])
    expect(() => consumer.drain()).toThrow('cannot decode -3')
    return { queue, consumer, another: () => openConsumer(queue.consumer(), { codec }) }
  }

  test('goes to others when its consumer closes', async () => {
    const { consumer, another } = await open()
    consumer.close()
    const other = another()
    expect([await other.get(), await other.get()]).toEqual([1, 2])
  })

  test('is acknowledged one by one as it is given after that', async () => {
    const { queue, consumer, another } = await open()
    const items = consumer[Symbol.asyncIterator]()
    expect((await items.next()).value).toBe(1)
    expect((await items.next()).value).toBe(2)
    expect(queue.stats().ledger.acknowledged).toBe(1)
    consumer.close()
    const other = another()
    expect([await other.get(), await other.get()]).toEqual([4, 5])
  })

  test('also where more was taken and came back meanwhile', async () => {
    const { consumer, another } = await open()
    const controller = new AbortController()
    const many = consumer.getMany({ min: 5, signal: controller.signal })
    await turn()
    controller.abort('enough')
    await expect(many).rejects.toBe('enough')
    expect(await consumer.get()).toBe(1)
    consumer.close()
    const other = another()
    expect(await other.get()).toBe(2)
  })
})
