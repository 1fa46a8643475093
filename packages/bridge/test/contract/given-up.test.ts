import { describe, expect, test } from 'vitest'
import { FanOutQueue } from '../../src/index.js'
import { localQueue } from '../fixtures/local.js'

describe('a put that waited behind one that was given up is put as soon as it fits', () => {
  test('into a fan-in', async () => {
    const { queue, producer } = localQueue<string>({ capacityBytes: 256 })
    await producer.put('a'.repeat(110))
    await producer.put('b'.repeat(80))
    const controller = new AbortController()
    const large = producer.put('c'.repeat(100), { signal: controller.signal })
    const small = producer.put('d')
    controller.abort('no longer')
    await expect(large).rejects.toBe('no longer')
    await small
    expect(queue.drain().map(([first]) => first)).toEqual(['a', 'b', 'd'])
  })

  test('into a fan-out', async () => {
    const queue = new FanOutQueue<string>({ capacityBytes: 256 })
    await queue.put('a'.repeat(200))
    const controller = new AbortController()
    const large = queue.put('b'.repeat(100), { signal: controller.signal })
    const small = queue.put('c')
    controller.abort('no longer')
    await expect(large).rejects.toBe('no longer')
    await small
    expect(queue.qsize()).toBe(2)
  })
})
