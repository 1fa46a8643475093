import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { FanInQueue } from '../../src/index.js'
import { collect, startProducer, startRemoteProducer, until } from '../fixtures/threads.js'

const [LONG, OTHER] = ['a'.repeat(110), 'b'.repeat(110)]

/** A lane that has room for two of these, and little more. */
const queueOfTwo = () => new FanInQueue<string>({ capacityBytes: 256 })

describe('a put that waits on the loop comes once, and first, when the thread stops', () => {
  test('in putBlocking()', async () => {
    const queue = queueOfTwo()
    const producer = await startRemoteProducer(queue.producer())
    await producer.call('put', LONG)
    await producer.call('put', LONG)
    const calls = [producer.call('put', OTHER), producer.call('putBlocking', '')]
    await until(() => queue.stats().lanes[0].blocked === 2)
    expect([...queue.drain(), ...(await collect(queue, 2))]).toEqual([LONG, LONG, OTHER, ''])
    await Promise.all(calls)
    expect(queue.qsize()).toBe(0)
  })

  test('and fails alone when it cannot be cloned', async () => {
    const queue = queueOfTwo()
    const handle = queue.producer({ transferable: true })
    const options = { transferList: [...handle.transferList] }
    const thread = startProducer(handle, 'behindUncloneable', { items: [LONG, LONG] }, options)
    const answer = once(thread, 'message')
    await until(() => queue.stats().lanes[0].blocked === 2)
    expect(await collect(queue, 3)).toEqual([LONG, LONG, 'behind'])
    expect((await answer)[0]).toEqual(['DataCloneError', 'put'])
  })

  test('in reserveBlocking()', async () => {
    const queue = queueOfTwo()
    const producer = await startRemoteProducer(queue.producer())
    await producer.call('put', LONG)
    await producer.call('put', LONG)
    const put = producer.call('put', OTHER)
    const refused = producer.call('reserveBlocking', 100, { timeout: 20 })
    await expect(refused).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    expect(await collect(queue, 3)).toEqual([LONG, LONG, OTHER])
    await put
    expect(queue.qsize()).toBe(0)
  })

  test('in putMany(), whose iterable has begun it', async () => {
    const queue = queueOfTwo()
    startProducer(queue.producer(), 'betweenItems', { items: [LONG, LONG, ''], put: OTHER })
    await until(() => queue.stats().lanes[0].blocked === 2)
    expect([...queue.drain(), ...(await collect(queue, 2))]).toEqual([LONG, LONG, OTHER, ''])
    expect(queue.qsize()).toBe(0)
  })
})
