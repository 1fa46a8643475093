import { describe, expect, it, vi } from 'vitest'
import { LifoQueue, PriorityQueue, Queue, type QueueOptions } from '../../src/index.js'
import { kinds, waiters } from './kinds.js'
import { isPending, outcome } from './settling.js'

/** A queue of two that notes what it drops. */
function dropping(
  overflow: QueueOptions<number>['overflow'],
  maxsize = 2,
): { queue: Queue<number>; dropped: number[] } {
  const dropped: number[] = []
  const queue = new Queue<number>({
    maxsize,
    overflow,
    onDropped: (item, reason) => {
      expect(reason).toBe('overflow')
      dropped.push(item)
    },
  })
  return { queue, dropped }
}

describe('overflow', () => {
  it('T120 dropNewest gives up what is being put, and never waits', async () => {
    const { queue, dropped } = dropping('dropNewest')
    for (const item of [1, 2, 3]) queue.putNowait(item)
    await queue.put(4)
    expect(dropped).toEqual([3, 4])
    expect(queue.getNowait()).toBe(1)
    queue.putNowait(5)
    queue.putNowait(6)
    expect(dropped).toEqual([3, 4, 6])
    expect(queue.drain()).toEqual([2, 5])
    expect(queue.stats()).toMatchObject({ puts: 3, gets: 3, drops: 3 })
  })

  it('T121 dropOldest gives up what has been there longest', async () => {
    const { queue, dropped } = dropping('dropOldest')
    for (const item of [1, 2, 3]) queue.putNowait(item)
    await queue.put(4)
    expect(dropped).toEqual([1, 2])
    expect(queue.getNowait()).toBe(3)
    queue.putNowait(5)
    queue.putNowait(6)
    expect(queue.drain()).toEqual([5, 6])
    expect(queue.stats()).toMatchObject({ puts: 6, gets: 3, drops: 3, peak: 2 })
  })

  it('T122 what was dropped need not be counted off', async () => {
    const { queue } = dropping('dropOldest', 1)
    for (const item of [1, 2, 3]) queue.putNowait(item)
    expect(queue.unfinishedTasks).toBe(1)
    queue.taskDone()
    expect(() => queue.taskDone()).toThrow(RangeError)
    await queue.join()
  })

  it.each(['dropOldest', 'dropNewest'] as const)(
    'T123 %s leaves items alone that were handed over',
    async (overflow) => {
      const { queue, dropped } = dropping(overflow, 1)
      const got = queue.get()
      for (const item of [1, 2, 3]) queue.putNowait(item)
      expect(await got).toBe(1)
      expect(queue.drain()).toEqual(overflow === 'dropOldest' ? [3] : [2])
      expect(dropped).toEqual(overflow === 'dropOldest' ? [2] : [3])
    },
  )

  it.each([
    ['LifoQueue', (options: QueueOptions<number>) => new LifoQueue(options), [5, 4, 3]],
    ['PriorityQueue', (options: QueueOptions<number>) => new PriorityQueue(options), [2, 4, 5]],
  ])('T123b dropOldest on a %s gives up what came first, whatever the order', (title, create, left) => {
    const dropped: number[] = []
    const queue = create({ maxsize: 3, overflow: 'dropOldest', onDropped: (item) => dropped.push(item) })
    for (const item of title === 'LifoQueue' ? [1, 2, 3, 4, 5] : [1, 9, 2, 5, 4]) {
      queue.putNowait(item)
      expect(queue.qsize()).toBeLessThanOrEqual(3)
    }
    expect(dropped).toEqual(title === 'LifoQueue' ? [1, 2] : [1, 9])
    expect(queue.drain()).toEqual(left)
  })

  it('T123b what a PriorityQueue evicts stays right when items leave by priority in between', () => {
    const dropped: number[] = []
    const queue = new PriorityQueue<number>({
      maxsize: 4,
      overflow: 'dropOldest',
      onDropped: (item) => dropped.push(item),
    })
    const model: number[] = []
    let seed = 7
    for (let i = 0; i < 2000; i++) {
      seed = (seed * 1103515245 + 12345) % 2 ** 31
      if (seed % 3 === 0 && model.length > 0) {
        const smallest = Math.min(...model)
        expect(queue.getNowait()).toBe(smallest)
        model.splice(model.indexOf(smallest), 1)
      } else {
        queue.putNowait(seed)
        model.push(seed)
        if (model.length > 4) expect(dropped.pop()).toBe(model.shift())
      }
    }
    expect(dropped).toEqual([])
  })

  it('an item that a comparator refuses evicts nothing', () => {
    const dropped: unknown[] = []
    const queue = new PriorityQueue<unknown>({
      maxsize: 1,
      overflow: 'dropOldest',
      onDropped: (item) => dropped.push(item),
    })
    queue.putNowait(1)
    expect(() => queue.putNowait('a')).toThrow(TypeError)
    expect(dropped).toEqual([])
    expect(queue.drain()).toEqual([1])
  })

  it('what onDropped throws comes out of the put, after the item is in', () => {
    const queue = new Queue<number>({
      maxsize: 1,
      overflow: 'dropOldest',
      onDropped: () => {
        throw new Error('callback')
      },
    })
    queue.putNowait(1)
    expect(() => queue.putNowait(2)).toThrow('callback')
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 1, unfinished: 1 })
    expect(queue.getNowait()).toBe(2)
  })
})

describe.each(kinds)('$title: clear, drops, size', ({ create, leaving }) => {
  it('T129 clear() lets waiting puts in', async () => {
    const queue = create<number>(3)
    const puts = [0, 1, 2, 3, 4].map((item) => queue.put(item))
    const joined = queue.join()
    expect(queue.clear()).toBe(3)
    await Promise.all(puts)
    expect(queue.unfinishedTasks).toBe(2)
    expect(await isPending(joined)).toBe(true)
    expect(queue.drain()).toEqual(leaving([3, 4]))
  })

  it('T130 clear() releases join', async () => {
    const queue = create<number>()
    for (const item of [1, 2, 3]) queue.putNowait(item)
    const joined = queue.join()
    expect(queue.clear()).toBe(3)
    await joined
    expect(() => queue.taskDone()).toThrow(RangeError)
    expect(queue.clear()).toBe(0)
  })

  it('T131 a new maxsize lets puts in, or makes them wait longer, and drops nothing', async () => {
    const queue = create<number>(1)
    const puts = [0, 1, 2, 3].map((item) => queue.put(item))
    queue.maxsize = 2
    expect({ size: queue.qsize(), putting: queue.putting }).toEqual({ size: 2, putting: 2 })
    queue.maxsize = 1
    expect(queue.qsize()).toBe(2)
    queue.getNowait()
    expect({ size: queue.qsize(), putting: queue.putting }).toEqual({ size: 1, putting: 2 })
    queue.maxsize = 0
    await Promise.all(puts)
    expect({ size: queue.qsize(), putting: queue.putting, maxsize: queue.maxsize }).toEqual({
      size: 3,
      putting: 0,
      maxsize: 0,
    })
  })

  it('T132 an immediate shutdown tells of each item once, in order, whatever the callback throws', async () => {
    const told: [number, string][] = []
    const queue = create<number>({
      onDropped: (item, reason) => {
        told.push([item, reason])
        throw new Error(`about ${item}`)
      },
    })
    for (const item of [1, 2, 3]) queue.putNowait(item)
    const joined = queue.join()
    expect(() => queue.shutdown({ immediate: true })).toThrow(`about ${leaving([1, 2, 3])[0]}`)
    expect(told).toEqual(leaving([1, 2, 3]).map((item) => [item, 'shutdown']))
    await joined
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 0, unfinished: 0 })
    queue.shutdown({ immediate: true })
    expect(told).toHaveLength(3)
  })
})

describe('watermarks', () => {
  it('a queue is paused from the high level until it has fallen to the low one', async () => {
    const queue = new Queue<number>({ highWater: 4 })
    const log: string[] = []
    queue.onPaused = () => log.push('paused')
    queue.onResumed = () => log.push('resumed')
    for (let i = 0; i < 4; i++) queue.putNowait(i)
    expect(queue.paused).toBe(true)
    const resumed = queue.resumed()
    queue.getNowait()
    expect({ paused: queue.paused, pending: await isPending(resumed) }).toEqual({ paused: true, pending: true })
    queue.getNowait()
    expect(queue.paused).toBe(false)
    await resumed
    await queue.resumed()
    expect(log).toEqual(['paused', 'resumed'])
  })

  it('the levels follow maxsize when none are given', () => {
    const queue = new Queue<number>(4)
    for (let i = 0; i < 3; i++) queue.putNowait(i)
    expect(queue.paused).toBe(false)
    queue.maxsize = 2
    expect(queue.paused).toBe(true)
    queue.maxsize = 8
    expect(queue.paused).toBe(false)
  })

  it('waiting puts that take the freed room keep the queue paused', async () => {
    const queue = new Queue<number>(1)
    const onResumed = vi.fn()
    queue.onResumed = onResumed
    queue.putNowait(1)
    const put = queue.put(2)
    queue.getNowait()
    await put
    expect(queue.paused).toBe(true)
    queue.getNowait()
    expect(onResumed).toHaveBeenCalledOnce()
  })

  it('draining, clearing and dropping resume it', () => {
    for (const empty of ['drain', 'clear'] as const) {
      const queue = new Queue<number>(2)
      queue.putNowait(1)
      queue.putNowait(2)
      queue[empty]()
      expect(queue.paused).toBe(false)
    }
  })

  it('a wait for the queue to resume can be given up, and ends with the queue', async () => {
    const queue = new Queue<number>(1)
    queue.putNowait(1)
    await expect(queue.resumed({ timeout: 1 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(queue.resumed({ timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    const waiting = queue.resumed()
    queue.shutdown()
    await expect(waiting).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
    await expect(queue.resumed()).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })

  it('what a callback throws costs no item: it is reported as uncaught', async () => {
    const uncaught = vi.fn()
    // The runner's own listeners would take the error for a failure of the test.
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', uncaught)
    const queue = new Queue<number>(1)
    queue.onResumed = () => {
      throw new Error('callback')
    }
    queue.putNowait(1)
    expect(queue.getNowait()).toBe(1)
    await new Promise((resolve) => setImmediate(resolve))
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
    expect(uncaught.mock.calls[0][0]).toMatchObject({ message: 'callback' })
  })

  it('a callback may use the queue', async () => {
    const queue = new Queue<number>(2)
    const taken: number[] = []
    queue.onPaused = () => taken.push(...queue.drain())
    for (let i = 0; i < 6; i++) await queue.put(i)
    expect(taken).toEqual([0, 1, 2, 3, 4, 5])
    expect(waiters(queue)).toBe(0)
  })

  it('a high level that the limit would never let the load reach is refused', () => {
    const above = 'expected highWater to be at most maxsize 2, got 3'
    expect(() => new Queue({ maxsize: 2, highWater: 3 })).toThrow(RangeError)
    expect(() => new Queue({ maxsize: 2, highWater: 3 })).toThrow(above)
    const queue = new Queue({ maxsize: 4, highWater: 3 })
    expect(() => {
      queue.maxsize = 2
    }).toThrow(RangeError)
    expect(queue.maxsize).toBe(4)
  })

  it('an infinite high level is never reached', () => {
    const queue = new Queue({ maxsize: 2, highWater: Number.POSITIVE_INFINITY })
    queue.putNowait(1)
    queue.putNowait(2)
    expect(queue.paused).toBe(false)
  })

  it('a refused option has a stable code and its own class', () => {
    const refusals: [() => unknown, typeof Error][] = [
      [() => new Queue({ maxsize: 2, highWater: 3 }), RangeError],
      [() => new Queue({ maxsize: 2, lowWater: 3 }), RangeError],
      [() => new Queue({ maxsize: Number.NaN }), TypeError],
      [() => new Queue({ unknown: 1 } as object), TypeError],
      [() => new PriorityQueue({ compare: 1 as never }), TypeError],
    ]
    for (const [make, Class] of refusals) {
      expect(make).toThrow(Class)
      expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    }
  })

  it('levels out of order are refused', () => {
    expect(() => new Queue({ highWater: 2, lowWater: 2 })).toThrow(RangeError)
    expect(() => new Queue({ highWater: 0 })).toThrow(RangeError)
    expect(() => new Queue({ lowWater: -1 })).toThrow(RangeError)
    expect(() => new Queue({ maxsize: 2, lowWater: 3 })).toThrow(RangeError)
    const queue = new Queue({ maxsize: 4, lowWater: 2 })
    expect(() => {
      queue.maxsize = 2
    }).toThrow(RangeError)
    expect(queue.maxsize).toBe(4)
  })
})

describe('rendezvous', () => {
  it('T135 nothing is stored: each put waits for its get', async () => {
    const queue = new Queue<number>({ rendezvous: true })
    expect({ full: queue.full(), empty: queue.empty() }).toEqual({ full: true, empty: true })
    expect(() => queue.putNowait(1)).toThrow('the queue is full (no get waits)')
    const put = queue.put(1)
    expect({ pending: await isPending(put), size: queue.qsize() }).toEqual({ pending: true, size: 0 })
    expect(queue.peekNowait()).toBe(1)
    expect(queue.getNowait()).toBe(1)
    await put
    const got = queue.get()
    queue.putNowait(2)
    expect(await got).toBe(2)
    expect(() => queue.getNowait()).toThrow('empty')
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 0, unfinished: 2 })
  })

  it('T135 gets and puts of all kinds meet', async () => {
    const queue = new Queue<number>({ rendezvous: true })
    const batch = queue.putMany([1, 2, 3])
    expect(await queue.get()).toBe(1)
    expect(await queue.getMany({ min: 2 })).toEqual([2, 3])
    expect(await batch).toBe(3)
    const seen: number[] = []
    const loop = (async () => {
      for await (const item of queue) seen.push(item)
    })()
    await queue.put(4)
    await queue.put(5)
    const peeked = queue.peek()
    queue.shutdown()
    await expect(peeked).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
    await loop
    expect(seen).toEqual([4, 5])
    expect(waiters(queue)).toBe(0)
  })

  it('T135 an aborted get is no partner', async () => {
    const queue = new Queue<number>({ rendezvous: true })
    const controller = new AbortController()
    controller.signal.addEventListener('abort', () => expect(() => queue.putNowait(1)).toThrow('full'))
    const got = queue.get({ signal: controller.signal })
    controller.abort('gone')
    expect(await outcome(got)).toEqual({ state: 'rejected', reason: 'gone' })
  })

  it('T135 a peek sees what a put offers, and the put goes on waiting', async () => {
    const queue = new Queue<number>({ rendezvous: true })
    const peeked = queue.peek()
    const put = queue.put(1)
    expect(await peeked).toBe(1)
    expect(await isPending(put)).toBe(true)
    expect(await queue.get()).toBe(1)
  })

  it('T135 it takes no limit, no policy, no order and no permits', async () => {
    expect(() => new Queue({ rendezvous: true, maxsize: 1 })).toThrow(TypeError)
    expect(() => new Queue({ rendezvous: true, overflow: 'dropOldest' })).toThrow(TypeError)
    expect(() => new LifoQueue({ rendezvous: true })).toThrow(TypeError)
    const queue = new Queue({ rendezvous: true })
    await expect(queue.reserve()).rejects.toBeInstanceOf(TypeError)
    expect(() => {
      queue.maxsize = 5
    }).toThrow(TypeError)
  })
})

describe('weights', () => {
  const weighed = (maxsize = 10): Queue<{ size: number }> => new Queue({ maxsize, weigh: ({ size }) => size })

  it('T138 puts wait when the weight would not fit', async () => {
    const queue = weighed()
    for (let i = 0; i < 3; i++) queue.putNowait({ size: 3 })
    const put = queue.put({ size: 3 })
    expect(await isPending(put)).toBe(true)
    expect(() => queue.putNowait({ size: 3 })).toThrow('full (9 of maxsize 10)')
    queue.getNowait()
    await put
    expect(queue.qsize()).toBe(3)
  })

  it('T138 an item that could never fit is refused at once', async () => {
    const queue = weighed()
    await expect(queue.put({ size: 11 })).rejects.toThrow('an item of weight 11 can never fit into maxsize 10')
    expect(() => queue.putNowait({ size: 11 })).toThrow(RangeError)
    await expect(queue.put({ size: -1 })).rejects.toBeInstanceOf(RangeError)
    await expect(queue.put({ size: Number.NaN })).rejects.toBeInstanceOf(TypeError)
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 0, unfinished: 0 })
  })

  it('T138 an infinite weight is refused where there is no limit: nothing would fit beside it, nor after it', async () => {
    const queue = new Queue<number>({ weigh: (item) => item, name: 'jobs' })
    expect(() => queue.putNowait(Number.POSITIVE_INFINITY)).toThrow(RangeError)
    await expect(queue.put(Number.POSITIVE_INFINITY)).rejects.toThrow('weigh of Queue "jobs"')
    await expect(queue.reserve({ weight: Number.POSITIVE_INFINITY })).rejects.toBeInstanceOf(RangeError)
    for (const item of [1, 2]) queue.putNowait(item)
    expect(queue.drain()).toEqual([1, 2])
  })

  it('T138 the refusal of an item names its weight, the limit and the queue', async () => {
    const queue = new Queue<number>({ weigh: (item) => item, maxsize: 10, name: 'jobs' })
    await expect(queue.put(11)).rejects.toThrow('weight 11 can never fit into maxsize 10 of Queue "jobs"')
    queue.putNowait(10)
    const waiting = queue.put(9)
    queue.maxsize = 8
    await expect(waiting).rejects.toThrow('weight 9 can never fit into maxsize 8 of Queue "jobs"')
  })

  it('T138 a light item does not overtake a heavy one that waits', async () => {
    const queue = weighed()
    queue.putNowait({ size: 6 })
    const heavy = queue.put({ size: 8 })
    expect(() => queue.putNowait({ size: 1 })).toThrow('full')
    const light = queue.put({ size: 1 })
    queue.getNowait()
    await Promise.all([heavy, light])
    expect(queue.drain().map(({ size }) => size)).toEqual([8, 1])
  })

  it('T138 a heavy put that is given up lets the light one behind it in', async () => {
    const queue = weighed()
    queue.putNowait({ size: 6 })
    const controller = new AbortController()
    const heavy = queue.put({ size: 8 }, { signal: controller.signal })
    const light = queue.put({ size: 1 })
    controller.abort('too heavy')
    await expect(heavy).rejects.toBe('too heavy')
    await light
    expect(queue.qsize()).toBe(2)
  })

  it('T138 an item whose weight changes while it waits does not make the sum drift', () => {
    const queue = weighed()
    const item = { size: 3 }
    queue.putNowait(item)
    item.size = 9
    expect(queue.getNowait()).toBe(item)
    for (let i = 0; i < 10; i++) queue.putNowait({ size: 1 })
    expect(queue.full()).toBe(true)
  })

  it('T138 dropOldest gives up as many as it takes', () => {
    const dropped: number[] = []
    const queue = new Queue<number>({
      maxsize: 10,
      weigh: (item) => item,
      overflow: 'dropOldest',
      onDropped: (item) => dropped.push(item),
    })
    for (const item of [3, 4, 2, 8]) queue.putNowait(item)
    expect(dropped).toEqual([3, 4])
    expect(queue.drain()).toEqual([2, 8])
  })

  it.each([
    ['dropNewest', [2, 3], [10]],
    ['dropOldest', [10, 2], [3]],
  ] as const)('T138 %s never waits, though a permit is waited for', async (overflow, dropped, left) => {
    const told: number[] = []
    const queue = new Queue<number>({
      maxsize: 10,
      weigh: (item) => item,
      overflow,
      onDropped: (item) => told.push(item),
    })
    queue.putNowait(10)
    const reserved = queue.reserve({ weight: 6 })
    queue.putNowait(2)
    await queue.put(3)
    expect(told).toEqual(dropped)
    expect(queue.drain()).toEqual(left)
    ;(await reserved).release()
  })

  it('T138 a permit gets the room that dropOldest leaves', async () => {
    const queue = new Queue<number>({ maxsize: 10, weigh: (item) => item, overflow: 'dropOldest' })
    queue.putNowait(9)
    const reserved = queue.reserve({ weight: 5 })
    queue.putNowait(2)
    ;(await reserved).send(5)
    expect(queue.drain()).toEqual([2, 5])
  })

  it('T138 an item that could never fit is refused at once, also behind puts that wait', async () => {
    const queue = weighed()
    queue.putNowait({ size: 10 })
    const waiting = queue.put({ size: 1 })
    expect(() => queue.putNowait({ size: 11 })).toThrow(RangeError)
    await expect(queue.put({ size: 11 }, { timeout: 0 })).rejects.toBeInstanceOf(RangeError)
    queue.getNowait()
    await waiting
  })

  it('T138 a smaller maxsize refuses a waiting put that could never fit any more', async () => {
    const queue = weighed()
    queue.putNowait({ size: 5 })
    const put = queue.put({ size: 8 })
    queue.maxsize = 7
    await expect(put).rejects.toBeInstanceOf(RangeError)
  })
})
