import { describe, expect, test } from 'vitest'
import { FanOutQueue } from '../../src/index.js'
import { type Consumer, openConsumer } from '../../src/worker.js'
import { choosy } from '../fixtures/choosy-codec.js'

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
