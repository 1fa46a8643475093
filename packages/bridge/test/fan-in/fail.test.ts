import { describe, expect, it } from 'vitest'
import { FanInQueue } from '../../src/index.js'
import { openProducer } from '../../src/worker.js'

describe('fail(error)', () => {
  it('T140b delivers what is buffered, then every get and iteration rejects with the error', async () => {
    const queue = new FanInQueue<number>()
    openProducer(queue.producer()).putNowait(1)
    const error = new Error('over')
    queue.fail(error)
    expect(await queue.get()).toBe(1)
    await expect(queue.get()).rejects.toBe(error)
    expect(() => queue.getNowait()).toThrow(error)
    await expect(queue[Symbol.asyncIterator]().next()).rejects.toBe(error)
    await expect(queue.batches().next()).rejects.toBe(error)
    await expect(queue.getMany()).rejects.toBe(error)
  })

  it('T140b reaches a consumer that waits at that moment, and refuses further puts', async () => {
    const queue = new FanInQueue<number>()
    const producer = openProducer(queue.producer())
    const pending = [queue.get(), queue[Symbol.asyncIterator]().next()]
    queue.fail('over')
    for (const each of pending) await expect(each).rejects.toBe('over')
    expect(() => producer.putNowait(1)).toThrow(expect.objectContaining({ code: 'QUEUE_SHUT_DOWN' }))
  })

  it('T140b the first error counts, and an immediate shutdown before it', async () => {
    const queue = new FanInQueue<number>()
    queue.fail('first')
    queue.fail('second')
    await expect(queue.get()).rejects.toBe('first')
    const closed = new FanInQueue<number>()
    closed.shutdown({ immediate: true })
    closed.fail('late')
    await expect(closed.get()).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })
})
