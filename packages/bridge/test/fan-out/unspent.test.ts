import { describe, expect, test } from 'vitest'
import { FanOutQueue } from '../../src/index.js'
import { openConsumer } from '../../src/worker.js'
import { turn } from '../fixtures/local.js'

describe('what a consumer had taken and given to nobody when it was closed', () => {
  async function closedWithItems(options: object) {
    const queue = new FanOutQueue<number>({ prefetch: 8, ...options })
    const consumer = openConsumer<number>(queue.consumer())
    await queue.putMany([1, 2, 3])
    const controller = new AbortController()
    const many = consumer.getMany({ min: 5, signal: controller.signal })
    await turn()
    controller.abort('no longer')
    await expect(many).rejects.toBe('no longer')
    consumer.close()
    return queue
  }

  test.each([
    ['a lost consumer fails the queue', { onConsumerLost: 'fail' }],
    ['an item is poisoned after one delivery', { maxDeliveries: 1 }],
    ['items are delivered again', {}],
  ])('goes to another as if it had never been delivered, where %s', async (_, options) => {
    const queue = await closedWithItems(options)
    const other = openConsumer<number>(queue.consumer())
    const items = [await other.get(), await other.get(), await other.get()]
    expect(items).toEqual([1, 2, 3])
    expect(queue.stats().ledger).toMatchObject({ redelivered: 0, failed: 0, poisoned: 0 })
    expect(queue.isShutdown).toBe(false)
  })
})
