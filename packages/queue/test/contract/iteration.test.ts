import { describe, expect, it } from 'vitest'
import { Queue } from '../../src/index.js'
import { kinds, waiters } from './kinds.js'
import { flush, isPending, outcome } from './settling.js'

describe.each(kinds)('$title: iteration', ({ create, leaving }) => {
  it('T100 iteration gives what is there and ends at the shutdown', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    queue.putNowait(2)
    queue.shutdown()
    const seen: number[] = []
    for await (const item of queue) seen.push(item)
    expect(seen).toEqual(leaving([1, 2]))
  })

  it('T101 iteration takes what arrives and ends when the queue is shut down while it waits', async () => {
    const queue = create<number>()
    const seen: number[] = []
    const loop = (async () => {
      for await (const item of queue) seen.push(item)
    })()
    queue.putNowait(1)
    await flush()
    queue.putNowait(2)
    await flush()
    queue.shutdown()
    await loop
    expect(seen).toEqual([1, 2])
    expect(waiters(queue)).toBe(0)
  })

  it.each(['break', 'throw', 'return'])('T102 leaving the loop by %s leaves the rest in a live queue', async (way) => {
    const queue = create<number>()
    for (const item of [1, 2, 3, 4, 5]) queue.putNowait(item)
    const loop = async (): Promise<void> => {
      let seen = 0
      for await (const _ of queue) {
        if (++seen < 2) continue
        if (way === 'break') break
        if (way === 'throw') throw new Error('enough')
        return
      }
    }
    await loop().catch((error: Error) => expect(error.message).toBe('enough'))
    expect({ size: queue.qsize(), isShutdown: queue.isShutdown }).toEqual({ size: 3, isShutdown: false })
    expect(queue.drain()).toEqual(leaving([1, 2, 3, 4, 5]).slice(2))
  })

  it('T103 return() ends a pending next() without an item, and the iteration for good', async () => {
    const queue = create<number>()
    const iterator = queue[Symbol.asyncIterator]()
    const next = iterator.next()
    expect(queue.getting).toBe(1)
    await iterator.return?.()
    expect(await next).toEqual({ value: undefined, done: true })
    expect(queue.getting).toBe(0)
    queue.putNowait(1)
    expect(await iterator.next()).toEqual({ value: undefined, done: true })
    expect(queue.qsize()).toBe(1)
  })

  it('T103 return() of one iterator leaves the waits of others alone', async () => {
    const queue = create<number>()
    const [one, other] = [queue[Symbol.asyncIterator](), queue[Symbol.asyncIterator]()]
    const [next, otherNext, got] = [one.next(), other.next(), queue.get()]
    await one.return?.()
    queue.putNowait(1)
    queue.putNowait(2)
    expect((await next).done).toBe(true)
    expect(await otherNext).toEqual({ value: 1, done: false })
    expect(await got).toBe(2)
  })

  it('T104 several next() calls are served in the order of the calls', async () => {
    const queue = create<number>()
    const iterator = queue[Symbol.asyncIterator]()
    const steps = [iterator.next(), iterator.next(), iterator.next()]
    for (const item of [1, 2, 3]) queue.putNowait(item)
    expect((await Promise.all(steps)).map(({ value }) => value)).toEqual([1, 2, 3])
  })

  it('T105 two loops share the items between them and both end', async () => {
    const queue = create<number>()
    const seen: number[][] = [[], []]
    const loops = seen.map(async (mine) => {
      for await (const item of queue) mine.push(item)
    })
    for (let i = 0; i < 10; i++) {
      queue.putNowait(i)
      if (i % 3 === 0) await flush()
    }
    queue.shutdown()
    await Promise.all(loops)
    expect([...seen[0], ...seen[1]].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('T106 iteration does not count items off', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    queue.shutdown()
    for await (const _ of queue);
    expect(queue.unfinishedTasks).toBe(1)
  })

  it('T107 an iteration that has ended stays ended, and a shut down queue gives none', async () => {
    const queue = create<number>()
    queue.shutdown()
    const iterator = queue[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ value: undefined, done: true })
    expect(await iterator.next()).toEqual({ value: undefined, done: true })
    for await (const _ of queue) expect.unreachable()
  })

  it('T108 undefined is delivered as an item', async () => {
    const queue = create<undefined>()
    const iterator = queue[Symbol.asyncIterator]()
    const next = iterator.next()
    queue.putNowait(undefined)
    expect(await next).toEqual({ value: undefined, done: false })
    queue.putNowait(undefined)
    expect(await iterator.next()).toEqual({ value: undefined, done: false })
  })

  it('T109 the iterator iterates itself, returns what it is given, and has no throw()', async () => {
    const iterator = create<number>()[Symbol.asyncIterator]()
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator)
    const end = 'the end' as unknown as PromiseLike<undefined>
    expect(await iterator.return?.(end)).toEqual({ value: 'the end', done: true })
    expect(iterator.throw).toBeUndefined()
  })

  it('T109 iterating under a signal rejects with its reason and counts nothing off', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const seen: number[] = []
    const loop = (async () => {
      for await (const item of queue.iterate({ signal: controller.signal })) seen.push(item)
    })()
    queue.putNowait(1)
    await flush()
    controller.abort('enough')
    expect(await outcome(loop)).toEqual({ state: 'rejected', reason: 'enough' })
    expect(seen).toEqual([1])
    expect({ unfinished: queue.unfinishedTasks, getting: queue.getting }).toEqual({ unfinished: 1, getting: 0 })
  })

  it('batches() gives what is there at each step, and never an empty array', async () => {
    const queue = create<number>()
    for (const item of [1, 2, 3, 4, 5]) queue.putNowait(item)
    const batches = queue.batches({ max: 3 })
    expect((await batches.next()).value).toEqual(leaving([1, 2, 3, 4, 5]).slice(0, 3))
    expect((await batches.next()).value).toHaveLength(2)
    const next = batches.next()
    expect(await isPending(next)).toBe(true)
    queue.putNowait(6)
    queue.putNowait(7)
    expect((await next).value).toEqual([6])
    expect((await batches.next()).value).toEqual([7])
    queue.shutdown()
    expect(await batches.next()).toEqual({ value: undefined, done: true })
    expect(() => queue.batches({ max: 0 })).toThrow(RangeError)
  })

  it('batches() ends with the reason of its signal', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const next = queue.batches({ signal: controller.signal }).next()
    controller.abort('enough')
    expect(await outcome(next)).toEqual({ state: 'rejected', reason: 'enough' })
    expect(waiters(queue)).toBe(0)
  })
})

it('T147 the iterator is no async generator: return() does not wait behind a next() that may never settle', async () => {
  const queue = new Queue<number>()
  const iterator = queue[Symbol.asyncIterator]()
  iterator.next()
  const generators = Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})()))
  expect(Object.prototype.isPrototypeOf.call(generators, iterator)).toBe(false)
  expect((await outcome(iterator.return?.() as Promise<unknown>)).state).toBe('fulfilled')
})
