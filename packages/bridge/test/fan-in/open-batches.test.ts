import { describe, expect, test } from 'vitest'
import { FanInQueue, FanOutQueue } from '../../src/index.js'
import { startProducer, until } from '../fixtures/threads.js'

describe('what putMany() has put is there to be taken when its iterable stops the thread', () => {
  test('by a put of its own into a full lane', async () => {
    const queue = new FanInQueue<string>({ capacityBytes: 256 })
    startProducer(queue.producer(), 'manyAndOne', { items: ['a'.repeat(70), 'b'.repeat(70)], nested: 'c'.repeat(100) })
    await until(() => queue.stats().lanes[0].parked?.for === 'room')
    expect(queue.drain()).toEqual(['a'.repeat(70), 'b'.repeat(70)])
    expect(await queue.get()).toBe('c'.repeat(100))
  })

  test('by a get from a queue that has nothing', async () => {
    const results = new FanInQueue<number>()
    const tasks = new FanOutQueue<number>()
    startProducer(results.producer(), 'pass', { from: tasks.consumer() })
    await tasks.put(1)
    // Opened, item taken, and stopped for the next one.
    await until(() => tasks.qsize() === 0 && tasks.stats().lanes[0].parked?.for === 'item')
    expect(results.getNowait()).toBe(1)
    tasks.shutdown()
    await expect(results.get()).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })
})
