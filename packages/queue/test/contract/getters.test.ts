import { describe, expect, it } from 'vitest'
import { LifoQueue, PriorityQueue, Queue, QueueEmpty, QueueFull, QueueShutDown } from '../../src/index.js'
import { kinds, waiters } from './kinds.js'
import { flush, isPending, outcome } from './settling.js'

describe.each(kinds)('$title: waiting gets', ({ create, leaving }) => {
  it('T020 a get waits until an item comes', async () => {
    const queue = create<number>()
    const got = queue.get()
    expect(await isPending(got)).toBe(true)
    expect(queue.getting).toBe(1)
    queue.putNowait(1)
    expect(queue.getting).toBe(0)
    expect(await got).toBe(1)
  })

  it('T021 a put from a timer resolves a waiting get', async () => {
    const queue = create<number>()
    setTimeout(() => queue.putNowait(1), 10)
    expect(await queue.get()).toBe(1)
  })

  it('T022 waiting gets are served, and go on, in the order of their calls', async () => {
    const queue = create<string>()
    const order: string[] = []
    const gets = [0, 1, 2, 3].map(async (i) => order.push(`${i}${await queue.get()}`))
    for (const item of ['a', 'b', 'c', 'd']) queue.putNowait(item)
    await Promise.all(gets)
    expect(order).toEqual(['0a', '1b', '2c', '3d'])
  })

  it('T023 an item handed to a waiting get is no longer there for anybody else', async () => {
    const queue = create<number>()
    const got = queue.get()
    queue.putNowait(1)
    expect({ size: queue.qsize(), empty: queue.empty() }).toEqual({ size: 0, empty: true })
    expect(() => queue.getNowait()).toThrow(QueueEmpty)
    expect(await got).toBe(1)
  })

  it('T024 an item handed to a waiting get takes no room', async () => {
    const queue = create<number>(1)
    const got = queue.get()
    queue.putNowait(1)
    queue.putNowait(2)
    expect(() => queue.putNowait(3)).toThrow(QueueFull)
    expect(await got).toBe(1)
    expect(await queue.get()).toBe(2)
  })

  it('T026 of two gets the first takes what is there, the second what comes', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    const gets = [queue.get(), queue.get()]
    queue.putNowait(2)
    expect(await Promise.all(gets)).toEqual([1, 2])
  })

  it('T027 producer and consumer both finish over a queue of one', async () => {
    const queue = create<number>(1)
    const seen: number[] = []
    const producer = (async () => {
      for (let i = 0; i < 5; i++) await queue.put(i)
    })()
    const consumer = (async () => {
      for (let i = 0; i < 5; i++) seen.push(await queue.get())
    })()
    await Promise.all([producer, consumer])
    expect(seen).toEqual([0, 1, 2, 3, 4])
    expect(waiters(queue)).toBe(0)
  })

  it('T028 of a hundred gets one item serves the first, and a shutdown ends the others', async () => {
    const queue = create<number>()
    const gets = Array.from({ length: 100 }, () => queue.get())
    queue.putNowait(1)
    expect(queue.getting).toBe(99)
    queue.shutdown()
    const settled = await Promise.allSettled(gets)
    expect(settled[0]).toEqual({ status: 'fulfilled', value: 1 })
    for (const each of settled.slice(1)) expect((each as PromiseRejectedResult).reason).toBeInstanceOf(QueueShutDown)
    expect(waiters(queue)).toBe(0)
  })

  it('T029 items that nobody waited for leave in the order of the queue', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    queue.putNowait(2)
    expect(await Promise.all([queue.get(), queue.get()])).toEqual(leaving([1, 2]))
  })

  it('T142 what follows a get never runs inside the put that serves it', async () => {
    const queue = create<number>()
    let ran = false
    const got = queue.get().then(() => {
      ran = true
    })
    queue.putNowait(1)
    expect(ran).toBe(false)
    await got
    expect(ran).toBe(true)
  })

  it('T143 what follows a get may put again', async () => {
    const queue = create<number>()
    const got = queue.get().then((item) => queue.putNowait(item + 1))
    queue.putNowait(1)
    await got
    expect(await queue.get()).toBe(2)
    expect(queue.unfinishedTasks).toBe(2)
  })
})

it.each([
  ['LifoQueue', () => new LifoQueue<number>()],
  ['PriorityQueue', () => new PriorityQueue<number>()],
])('T025 a get that waits on a %s is given the first item put, not the best of several', async (_, create) => {
  const queue = create()
  const got = queue.get()
  queue.putNowait(5)
  queue.putNowait(1)
  expect(await got).toBe(5)
  expect(await queue.get()).toBe(1)
})

it('T144 a waiting get goes on two microtasks after the put at most: the await itself, with nothing chained behind', async () => {
  const ticksUntil = async (begin: (done: () => void) => void): Promise<number> => {
    let reached = false
    begin(() => {
      reached = true
    })
    let ticks = 0
    while (!reached) {
      await undefined
      ticks++
    }
    return ticks
  }
  const queue = new Queue<number>()
  const bare = await ticksUntil((done) => {
    let resolve: (value: number) => void = () => {}
    const promise = new Promise<number>((r) => {
      resolve = r
    })
    ;(async () => {
      await promise
      done()
    })()
    resolve(1)
  })
  const handedOver = await ticksUntil((done) => {
    ;(async () => {
      await queue.get()
      done()
    })()
    queue.putNowait(1)
  })
  const immediate = await ticksUntil((done) => {
    queue.putNowait(1)
    ;(async () => {
      await queue.get()
      done()
    })()
  })
  expect({ handedOver, immediate }).toEqual({ handedOver: bare, immediate: bare })
})

it('gives the second of two waiting gets nothing while one item comes', async () => {
  const queue = new Queue<number>()
  const gets = [queue.get(), queue.get()]
  queue.putNowait(1)
  await flush()
  expect(await outcome(gets[0])).toEqual({ state: 'fulfilled', value: 1 })
  expect((await outcome(gets[1])).state).toBe('pending')
})
