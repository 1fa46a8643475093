import { describe, expect, it } from 'vitest'
import { HandleClosed, PriorityQueue, Queue, QueueShutDown } from '../../src/index.js'
import { kinds, waiters } from './kinds.js'
import { flush, isPending, outcome } from './settling.js'

describe.each(kinds)('$title: permits', ({ create }) => {
  it('T137 a permit holds room until it is sent', async () => {
    const queue = create<number>(1)
    const permit = await queue.reserve()
    expect({ full: queue.full(), size: queue.qsize() }).toEqual({ full: true, size: 0 })
    expect(() => queue.putNowait(1)).toThrow('full')
    permit.send(2)
    expect({ full: queue.full(), size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({
      full: true,
      size: 1,
      unfinished: 1,
    })
    expect(() => permit.send(3)).toThrow('the permit was used already')
    expect(() => permit.release()).toThrow(TypeError)
    expect(queue.getNowait()).toBe(2)
  })

  it('T137 a permit that is released lets the next put in', async () => {
    const queue = create<number>(1)
    const permit = await queue.reserve()
    const put = queue.put(1)
    expect(await isPending(put)).toBe(true)
    permit.release()
    await put
    expect(queue.qsize()).toBe(1)
  })

  it('T137 a permit is handed to a waiting get at once', async () => {
    const queue = create<number>(1)
    const permit = await queue.reserve()
    const got = queue.get()
    permit.send(1)
    expect(await got).toBe(1)
    queue.putNowait(2)
    expect(queue.qsize()).toBe(1)
  })

  it('T137 waiting for a permit keeps a place among the puts, and can be given up', async () => {
    const queue = create<number>(1)
    queue.putNowait(1)
    const reserved = queue.reserve()
    const put = queue.put(2)
    queue.getNowait()
    const permit = await reserved
    expect(await isPending(put)).toBe(true)
    const controller = new AbortController()
    const aborted = queue.reserve({ signal: controller.signal })
    controller.abort('no')
    expect(await outcome(aborted)).toEqual({ state: 'rejected', reason: 'no' })
    await expect(queue.reserve({ timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    permit.release()
    await put
    expect(waiters(queue)).toBe(0)
  })

  it('T137 a permit taken before a graceful shutdown still sends, and gets wait for it', async () => {
    const queue = create<number>(1)
    const permit = await queue.reserve()
    const got = queue.get()
    queue.shutdown()
    expect(await isPending(got)).toBe(true)
    const late = queue.get()
    permit.send(1)
    expect(await got).toBe(1)
    await expect(late).rejects.toBeInstanceOf(QueueShutDown)
  })

  it('T137 gets end when the last permit of a shut down queue is given back', async () => {
    const queue = create<number>(2)
    const permits = [await queue.reserve(), await queue.reserve()]
    const got = queue.get()
    queue.shutdown()
    permits[0].release()
    expect(await isPending(got)).toBe(true)
    permits[1].release()
    await expect(got).rejects.toBeInstanceOf(QueueShutDown)
  })

  it('T137 a permit does not send after an immediate shutdown', async () => {
    const queue = create<number>(1)
    const permit = await queue.reserve()
    const got = queue.get()
    queue.shutdown({ immediate: true })
    await expect(got).rejects.toBeInstanceOf(QueueShutDown)
    expect(() => permit.send(1)).toThrow(QueueShutDown)
    permit.release()
    expect({ size: queue.qsize(), full: queue.full() }).toEqual({ size: 0, full: false })
  })

  it('T137 a permit that was not used is given back when its scope ends', async () => {
    const queue = create<number>(1)
    const permit = await queue.reserve()
    permit[Symbol.dispose]()
    expect(queue.full()).toBe(false)
    permit[Symbol.dispose]()
    queue.putNowait(1)
    expect(queue.qsize()).toBe(1)
  })

  it('T137 a permit that is being sent cannot be given back by a callback', async () => {
    const queue = create<number>({ maxsize: 2, highWater: 1 })
    const permit = await queue.reserve()
    const refused: unknown[] = []
    queue.onPaused = () => {
      try {
        permit.release()
      } catch (error) {
        refused.push(error)
      }
    }
    permit.send(1)
    expect(refused).toMatchObject([{ message: expect.stringContaining('the permit was used already') }])
    queue.putNowait(2)
    expect(queue.full()).toBe(true)
  })

  it('T137 a permit that its storage refuses can still be used', async () => {
    const queue = create<number | string>(2)
    const permit = await queue.reserve()
    const refuses = queue instanceof PriorityQueue
    if (refuses) {
      queue.putNowait(1)
      expect(() => permit.send('a')).toThrow(TypeError)
    }
    permit.send(2)
    expect(queue.drain()).toContain(2)
  })

  it('T137 a permit for nothing holds the end of the queue back like any other', async () => {
    const queue = create<number>({ maxsize: 2, weigh: (item) => item })
    const permit = await queue.reserve({ weight: 0 })
    const got = queue.get()
    queue.shutdown()
    expect(await isPending(got)).toBe(true)
    permit.send(0)
    expect(await got).toBe(0)
  })

  it('T137 permits for fractions give back all that they held', async () => {
    const queue = create<number>({ maxsize: 1, weigh: (item) => item })
    const reserve = async (): Promise<void> => {
      const permits = [await queue.reserve({ weight: 0.1 }), await queue.reserve({ weight: 0.2 })]
      for (const permit of permits) permit.release()
    }
    await reserve()
    queue.putNowait(1)
    expect(queue.getNowait()).toBe(1)
    await reserve()
    queue.shutdown()
    await expect(queue.get({ timeout: 0 })).rejects.toBeInstanceOf(QueueShutDown)
  })

  it('T137 a permit for a weight admits an item of that weight at most', async () => {
    const queue = create<number>({ maxsize: 10, weigh: (item) => item })
    const permit = await queue.reserve({ weight: 4 })
    expect(() => queue.putNowait(7)).toThrow('full')
    expect(() => permit.send(5)).toThrow(RangeError)
    permit.send(3)
    queue.putNowait(7)
    expect(queue.qsize()).toBe(2)
    await expect(queue.reserve({ weight: 11 })).rejects.toBeInstanceOf(RangeError)
    await expect(create<number>(3).reserve({ weight: 2 })).rejects.toBeInstanceOf(RangeError)
    await expect(queue.reserve({ weight: '1' as unknown as number })).rejects.toBeInstanceOf(TypeError)
  })
})

describe.each(kinds)('$title: producer handles', ({ create }) => {
  it('T139 the queue ends when the last handle is closed and what was put is taken', async () => {
    const queue = create<number>()
    const one = queue.producer()
    const other = one.clone()
    one.putNowait(1)
    one.close()
    one.close()
    expect(queue.isShutdown).toBe(false)
    await other.put(2)
    expect(await other.putMany([3])).toBe(1)
    other.close()
    const seen: number[] = []
    for await (const item of queue) seen.push(item)
    expect(seen.sort()).toEqual([1, 2, 3])
  })

  it('T139 a handle that was closed says so, and not that the queue was shut down', async () => {
    const queue = create<number>()
    const [closed, open] = [queue.producer(), queue.producer()]
    closed[Symbol.dispose]()
    expect(closed.isClosed).toBe(true)
    await expect(closed.put(1)).rejects.toMatchObject({ name: 'HandleClosed', code: 'HANDLE_CLOSED' })
    await expect(closed.putMany([1])).rejects.toBeInstanceOf(HandleClosed)
    expect(() => closed.putNowait(1)).toThrow(HandleClosed)
    expect(() => closed.clone()).toThrow(HandleClosed)
    open.putNowait(1)
    expect([open.qsize(), open.full(), open.maxsize, open.isShutdown, open.isClosed]).toEqual([
      1,
      false,
      0,
      false,
      false,
    ])
    queue.shutdown()
    await expect(open.put(2)).rejects.toBeInstanceOf(QueueShutDown)
  })
})

describe.each(kinds)('$title: fail', ({ create, leaving }) => {
  const failure = new Error('source broke')

  it('T140b what is there is delivered, then gets, puts and loops reject with the error itself', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    queue.putNowait(2)
    const joined = queue.join()
    queue.fail(failure)
    expect(queue.isShutdown).toBe(true)
    await expect(queue.put(3)).rejects.toBe(failure)
    expect(() => queue.putNowait(3)).toThrow(failure)
    const seen: number[] = []
    const loop = (async () => {
      for await (const item of queue) seen.push(item)
    })()
    await expect(loop).rejects.toBe(failure)
    expect(seen).toEqual(leaving([1, 2]))
    await expect(queue.get()).rejects.toBe(failure)
    await expect(queue.getMany()).rejects.toBe(failure)
    await expect(queue.peek()).rejects.toBe(failure)
    expect(() => queue.getNowait()).toThrow(failure)
    expect(await isPending(joined)).toBe(true)
    queue.taskDone(2)
    await joined
  })

  it('T140b calls that wait at that moment reject with the error', async () => {
    const queue = create<number>(1)
    const iterator = queue[Symbol.asyncIterator]()
    const waiting = [queue.get(), iterator.next(), queue.getMany(), queue.peek(), queue.batches().next()]
    queue.fail(failure)
    for (const each of await Promise.allSettled(waiting)) expect(each).toEqual({ status: 'rejected', reason: failure })
    expect(await iterator.next()).toEqual({ value: undefined, done: true })
    const full = create<number>(1)
    full.putNowait(1)
    const put = full.put(2)
    full.fail(failure)
    await expect(put).rejects.toBe(failure)
  })

  it('T140b the first end counts, and any value may be the error', async () => {
    const queue = create<number>()
    queue.fail(undefined)
    queue.fail(failure)
    expect(await outcome(queue.get())).toEqual({ state: 'rejected', reason: undefined })
    const ended = create<number>()
    ended.shutdown()
    ended.fail(failure)
    await expect(ended.get()).rejects.toBeInstanceOf(QueueShutDown)
  })

  it('T140b an immediate shutdown after a failure drops the rest and keeps the error', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    queue.fail(failure)
    queue.shutdown({ immediate: true })
    await expect(queue.get()).rejects.toBe(failure)
  })
})

describe('Queue.from', () => {
  it('gives what the iterable gives, and ends', async () => {
    for (const source of [
      [1, 2, 3],
      (async function* () {
        yield* [1, 2, 3]
      })(),
    ]) {
      const seen: number[] = []
      for await (const item of Queue.from(source)) seen.push(item)
      expect(seen).toEqual([1, 2, 3])
    }
  })

  it('asks the iterable for no more than there is room for', async () => {
    let given = 0
    async function* source(): AsyncGenerator<number> {
      while (given < 10) yield given++
    }
    const queue = Queue.from(source(), 2)
    await flush()
    expect(given).toBe(3)
    expect(await queue.get()).toBe(0)
    await flush()
    expect(given).toBe(4)
    await queue[Symbol.asyncDispose]()
  })

  it('fails with the error of the iterable, after the items before it', async () => {
    async function* source(): AsyncGenerator<number> {
      yield 1
      throw new Error('source')
    }
    const queue = Queue.from(source())
    expect(await queue.get()).toBe(1)
    await expect(queue.get()).rejects.toThrow('source')
  })

  it('closes the iterable when the queue is shut down first', async () => {
    let closed = false
    async function* source(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) yield i
      } finally {
        closed = true
      }
    }
    const queue = Queue.from(source(), 2)
    expect(await queue.get()).toBe(0)
    await queue[Symbol.asyncDispose]()
    expect(closed).toBe(true)
  })
})

describe.each(kinds)('$title: dispose', ({ create }) => {
  it('T152 disposing shuts down at once, and again does nothing', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    queue[Symbol.dispose]()
    expect({ size: queue.qsize(), isShutdown: queue.isShutdown }).toEqual({ size: 0, isShutdown: true })
    queue[Symbol.dispose]()
    const other = create<number>()
    other.putNowait(1)
    const joined = other.join()
    await other[Symbol.asyncDispose]()
    await other[Symbol.asyncDispose]()
    await joined
    expect(waiters(other)).toBe(0)
  })

  it('T152 asyncDispose waits for what still fills the queue, and does not hang on a source that never answers', async () => {
    const silent: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }
    const queue = Queue.from(silent)
    await queue[Symbol.asyncDispose]()
    expect(queue.isShutdown).toBe(true)
  })
})

describe('stats', () => {
  it('is plain JSON that tells what the queue did', async () => {
    const queue = new Queue<number>({ name: 'jobs', maxsize: 2, onDropped: () => {} })
    for (const item of [1, 2]) queue.putNowait(item)
    const put = queue.put(3)
    queue.getNowait()
    await put
    queue.clear()
    const got = queue.get()
    const stats = queue.stats()
    expect(JSON.parse(JSON.stringify(queue))).toEqual(stats)
    expect(stats).toEqual({
      name: 'jobs',
      size: 0,
      maxsize: 2,
      peak: 2,
      unfinished: 1,
      waiters: { get: 1, put: 0, join: 0, peek: 0 },
      puts: 3,
      gets: 1,
      drops: 2,
      oldestAgeMs: null,
      paused: false,
      isShutdown: false,
    })
    queue.shutdown()
    await expect(got).rejects.toThrow()
    expect(new Queue(Number.POSITIVE_INFINITY).stats()).toMatchObject({ name: null, maxsize: 0 })
  })
})
