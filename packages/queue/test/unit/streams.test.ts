import { describe, expect, it } from 'vitest'
import { LifoQueue, Queue, toReadableStream, toWritableStream } from '../../src/index.js'
import { waiters } from '../contract/kinds.js'
import { flush, isPending } from '../contract/settling.js'

describe('toReadableStream', () => {
  it('gives the items and closes at the end of the queue', async () => {
    const seen: number[] = []
    for await (const item of toReadableStream(Queue.from([1, 2, 3]))) seen.push(item)
    expect(seen).toEqual([1, 2, 3])
  })

  it('takes nothing before somebody reads, and leaves the rest when it is cancelled', async () => {
    const queue = new Queue<number>()
    for (const item of [1, 2, 3]) queue.putNowait(item)
    const reader = toReadableStream(queue).getReader()
    await flush()
    expect(queue.qsize()).toBe(3)
    expect((await reader.read()).value).toBe(1)
    await reader.cancel()
    expect({ size: queue.qsize(), isShutdown: queue.isShutdown }).toEqual({ size: 2, isShutdown: false })
  })

  it('a cancelled stream that waited for an item does not take the next one', async () => {
    const queue = new Queue<number>()
    const reader = toReadableStream(queue).getReader()
    const read = reader.read()
    await flush()
    expect(queue.getting).toBe(1)
    await reader.cancel()
    expect((await read).done).toBe(true)
    queue.putNowait(1)
    expect({ size: queue.qsize(), waiters: waiters(queue) }).toEqual({ size: 1, waiters: 0 })
  })

  it.each(['before the read', 'after it'])(
    'an item that is there %s is not lost when the read is cancelled',
    async (when) => {
      const queue = new Queue<number>()
      const reader = toReadableStream(queue).getReader()
      await flush()
      if (when === 'before the read') queue.putNowait(1)
      const read = reader.read()
      if (when === 'after it') queue.putNowait(1)
      await reader.cancel()
      expect([...queue.drain(), (await read).value]).toContain(1)
    },
  )

  it('an item that is a promise comes out as it is', async () => {
    const item = Promise.resolve('x')
    const reader = toReadableStream(Queue.from([item])).getReader()
    expect((await reader.read()).value).toBe(item)
  })

  it('errors with the error of a queue that failed', async () => {
    const queue = new Queue<number>()
    const reader = toReadableStream(queue).getReader()
    const read = reader.read()
    queue.fail(new Error('broken'))
    await expect(read).rejects.toThrow('broken')
  })
})

describe('toWritableStream', () => {
  it('puts what is written and shuts the queue down when it is closed', async () => {
    const queue = new Queue<number>()
    const writer = toWritableStream(queue).getWriter()
    await writer.write(1)
    await writer.write(2)
    await writer.close()
    expect(queue.isShutdown).toBe(true)
    expect(queue.drain()).toEqual([1, 2])
  })

  it('makes the writer wait while the queue is full', async () => {
    const queue = new Queue<number>(1)
    const writer = toWritableStream(queue).getWriter()
    await writer.write(1)
    const second = writer.write(2)
    expect(await isPending(second)).toBe(true)
    expect(await isPending(writer.ready)).toBe(true)
    expect(await queue.get()).toBe(1)
    await second
    await writer.ready
  })

  it('an aborted stream makes the queue fail with the reason, and withdraws what waits', async () => {
    const queue = new Queue<number>(1)
    const writer = toWritableStream(queue).getWriter()
    await writer.write(1)
    const second = writer.write(2).catch((reason: unknown) => reason)
    await flush()
    await writer.abort('broken')
    expect(await second).toBe('broken')
    expect(await queue.get()).toBe(1)
    await expect(queue.get()).rejects.toBe('broken')
    expect(waiters(queue)).toBe(0)
  })

  it('leaves the queue open if told to', async () => {
    const queue = new Queue<number>()
    const writer = toWritableStream(queue, { preventShutdown: true }).getWriter()
    await writer.write(1)
    await writer.close()
    await toWritableStream(queue, { preventShutdown: true }).abort('broken')
    expect(queue.isShutdown).toBe(false)
  })

  it('writing to a queue that was shut down errors the stream', async () => {
    const queue = new Queue<number>()
    const writer = toWritableStream(queue).getWriter()
    queue.shutdown()
    await expect(writer.write(1)).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })

  it('a queue between two streams passes everything on', async () => {
    const queue = new Queue<number>(2)
    const source = new ReadableStream<number>({
      start(controller) {
        for (let i = 0; i < 10; i++) controller.enqueue(i)
        controller.close()
      },
    })
    const piped = source.pipeTo(toWritableStream(queue))
    const seen: number[] = []
    for await (const item of toReadableStream(queue)) seen.push(item)
    await piped
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('works over any order', async () => {
    const queue = new LifoQueue<number>()
    const writer = toWritableStream(queue).getWriter()
    for (const item of [1, 2, 3]) await writer.write(item)
    await writer.close()
    const seen: number[] = []
    for await (const item of toReadableStream(queue)) seen.push(item)
    expect(seen).toEqual([3, 2, 1])
  })
})
