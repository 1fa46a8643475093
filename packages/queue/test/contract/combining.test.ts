import { describe, expect, it, vi } from 'vitest'
import { type ConsumeOptions, consume, merge, PriorityQueue, Queue, QueueShutDown, select } from '../../src/index.js'
import { waiters } from './kinds.js'
import { flush, isPending, outcome } from './settling.js'

describe('select', () => {
  it('T136 takes from whichever queue has an item first, and leaves the others as they were', async () => {
    const [one, other] = [new Queue<number>(), new Queue<string>()]
    const selected = select<Queue<number> | Queue<string>>([one, other])
    expect({ one: one.getting, other: other.getting }).toEqual({ one: 1, other: 1 })
    other.putNowait('b')
    expect(one.getting).toBe(0)
    one.putNowait(1)
    const { index, queue, item } = await selected
    expect({ index, item }).toEqual({ index: 1, item: 'b' })
    expect(queue).toBe(other)
    expect(one.qsize()).toBe(1)
  })

  it('T136 of several that have an item the first in order gives one, and only that one', async () => {
    const queues = [new Queue<number>(), new Queue<number>(), new Queue<number>()]
    queues[1].putNowait(1)
    queues[2].putNowait(2)
    expect(await select(queues)).toMatchObject({ index: 1, item: 1 })
    expect(queues.map((queue) => queue.qsize())).toEqual([0, 0, 1])
  })

  it('T136 items that come to two queues in the same tick: one is taken, the other stays', async () => {
    const [one, other] = [new Queue<number>(), new Queue<number>()]
    const selected = select([one, other])
    other.putNowait(2)
    one.putNowait(1)
    expect(await selected).toMatchObject({ index: 1, item: 2 })
    expect([one.qsize(), other.qsize()]).toEqual([1, 0])
  })

  it('T136 an abort or a timeout leaves no waiter behind', async () => {
    const [one, other] = [new Queue<number>(), new Queue<number>()]
    const controller = new AbortController()
    const aborted = select([one, other], { signal: controller.signal })
    controller.abort('enough')
    expect(await outcome(aborted)).toEqual({ state: 'rejected', reason: 'enough' })
    await expect(select([one, other], { timeout: 1 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(select([one, other], { timeout: 0 })).rejects.toThrow('select() on several queues')
    await expect(select([one, other], { signal: AbortSignal.abort('early') })).rejects.toBe('early')
    expect(waiters(one) + waiters(other)).toBe(0)
    one.putNowait(1)
    expect(one.getNowait()).toBe(1)
  })

  it('T136 many selects under one signal have one listener on it, and the last to settle removes it', async () => {
    const queue = new Queue<number>()
    const { signal } = new AbortController()
    const [added, removed] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    const selects = Array.from({ length: 20 }, () => select([queue], { signal }))
    expect(added).toHaveBeenCalledOnce()
    for (let i = 0; i < 20; i++) queue.putNowait(i)
    await Promise.all(selects)
    expect(removed).toHaveBeenCalledOnce()
  })

  it('T136 a put from a listener that runs before the select’s own does not reach the select', async () => {
    const [one, other] = [new Queue<number>(), new Queue<number>()]
    const controller = new AbortController()
    controller.signal.addEventListener('abort', () => other.putNowait(1))
    const aborted = select([one, other], { signal: controller.signal })
    controller.abort('gone')
    expect(await outcome(aborted)).toEqual({ state: 'rejected', reason: 'gone' })
    expect(other.getNowait()).toBe(1)
    expect(waiters(one) + waiters(other)).toBe(0)
  })

  it('T136 queues that have ended are passed over; the end of all is the end', async () => {
    const [one, other] = [new Queue<number>(), new Queue<number>()]
    one.shutdown()
    const selected = select([one, other])
    other.putNowait(2)
    expect(await selected).toMatchObject({ index: 1, item: 2 })
    const waiting = select([one, other])
    other.shutdown()
    await expect(waiting).rejects.toBeInstanceOf(QueueShutDown)
    await expect(select([one, other])).rejects.toBeInstanceOf(QueueShutDown)
  })

  it('T136 a queue that fails makes the select fail', async () => {
    const [one, other] = [new Queue<number>(), new Queue<number>()]
    const waiting = select([one, other])
    other.fail('broken')
    expect(await outcome(waiting)).toEqual({ state: 'rejected', reason: 'broken' })
    expect(waiters(one)).toBe(0)
  })

  it('T136 a queue that failed with the end of another queue has failed all the same', async () => {
    const [one, other] = [new Queue<number>(), new Queue<number>()]
    const end = new QueueShutDown('the source was shut down')
    const waiting = select([one, other])
    one.fail(end)
    expect(await outcome(waiting)).toEqual({ state: 'rejected', reason: end })
    expect(await outcome(select([one, other]))).toEqual({ state: 'rejected', reason: end })
  })

  it('T136 selects wait their turn among the gets', async () => {
    const queue = new Queue<number>()
    const [got, selected] = [queue.get(), select([queue])]
    queue.putNowait(1)
    queue.putNowait(2)
    expect([await got, (await selected).item]).toEqual([1, 2])
  })

  it('refuses what is no queue', async () => {
    await expect(select([])).rejects.toBeInstanceOf(TypeError)
    const queue = new Queue<number>()
    queue.putNowait(1)
    await expect(select([queue, {} as Queue<number>])).rejects.toThrow('at index 1')
    expect(queue.qsize()).toBe(1)
  })
})

describe('merge', () => {
  it('gives the items of all sources and ends with the last', async () => {
    async function* generator(): AsyncGenerator<number> {
      yield* [5, 6]
    }
    const seen: number[] = []
    for await (const item of merge(Queue.from([1, 2]), Queue.from([3, 4]), generator())) seen.push(item)
    expect([...seen].sort()).toEqual([1, 2, 3, 4, 5, 6])
    for (const pair of [
      [1, 2],
      [3, 4],
      [5, 6],
    ])
      expect(seen.indexOf(pair[0])).toBeLessThan(seen.indexOf(pair[1]))
  })

  it('takes busy sources in turn', async () => {
    const queues = [Queue.from(['a', 'a', 'a']), Queue.from(['b', 'b', 'b'])]
    const seen: string[] = []
    for await (const item of merge(...queues)) seen.push(item)
    expect(seen).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
  })

  it('takes nothing from a queue before it is asked, nor when the loop is left', async () => {
    const queues = [new Queue<number>(), new Queue<number>()]
    for (const queue of queues) for (const item of [1, 2, 3]) queue.putNowait(item)
    for await (const _ of merge(...queues)) break
    expect(queues.map((queue) => queue.qsize())).toEqual([2, 3])
    const merged = merge(...queues)
    expect(queues.map((queue) => queue.qsize())).toEqual([2, 3])
    const steps = [merged.next(), merged.next()]
    await Promise.all(steps)
    expect(queues.map((queue) => queue.qsize())).toEqual([1, 2])
    expect(queues.map(waiters)).toEqual([0, 0])
  })

  it('items that come to two queues in the same tick are both kept', async () => {
    const [one, other] = [new Queue<number>(), new Queue<number>()]
    const merged = merge(one, other)
    const step = merged.next()
    one.putNowait(1)
    other.putNowait(2)
    expect(await step).toEqual({ value: 1, done: false })
    await merged.return?.()
    expect(other.getNowait()).toBe(2)
  })

  it('leaving the loop ends pending steps and closes the sources that have an end', async () => {
    let closed = false
    async function* generator(): AsyncGenerator<number> {
      try {
        yield 1
        yield 2
      } finally {
        closed = true
      }
    }
    const queue = new Queue<number>()
    const merged = merge(generator(), queue)
    expect(await merged.next()).toEqual({ value: 1, done: false })
    const [, pending] = [await merged.next(), merged.next()]
    await merged.return?.()
    expect(await pending).toEqual({ value: undefined, done: true })
    expect(await merged.next()).toEqual({ value: undefined, done: true })
    await flush()
    expect(closed).toBe(true)
    expect(waiters(queue)).toBe(0)
  })

  it('an error of one source ends it with that error and closes the others', async () => {
    let closed = false
    const broken = new Queue<number>()
    const other: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          closed = true
          return { value: undefined, done: true }
        },
      }),
    }
    const merged = merge(broken, other)
    const step = merged.next()
    broken.fail('broken')
    expect(await outcome(step)).toEqual({ state: 'rejected', reason: 'broken' })
    expect(await merged.next()).toEqual({ value: undefined, done: true })
    expect(closed).toBe(true)
  })

  it('a queue that failed with the end of another queue ends it with that error', async () => {
    const failing = new Queue<number>()
    const end = new QueueShutDown('the source was shut down')
    failing.fail(end)
    expect(await outcome(merge(new Queue<number>(), failing).next())).toEqual({ state: 'rejected', reason: end })
  })

  it('an error that comes when nobody waits is kept for the next step', async () => {
    const failing = true
    const merged = merge(
      (async function* () {
        yield 1
      })(),
      (async function* () {
        await flush()
        if (failing) throw new Error('later')
        yield 0
      })(),
    )
    expect(await merged.next()).toEqual({ value: 1, done: false })
    await flush()
    await flush()
    await expect(merged.next()).rejects.toThrow('later')
  })

  it('nothing merged ends at once, and no iterable is refused', async () => {
    expect(await merge().next()).toEqual({ value: undefined, done: true })
    expect(() => merge([1] as unknown as AsyncIterable<number>)).toThrow('at index 0')
  })
})

describe('consume', () => {
  it('hands each item over, counts it off, and ends with the queue', async () => {
    const queue = Queue.from([1, 2, 3, 4])
    const seen: number[] = []
    expect(await consume(queue, (item) => void seen.push(item))).toEqual({ done: 4, failed: 0 })
    expect(seen).toEqual([1, 2, 3, 4])
    await queue.join()
  })

  it('runs as many handlers at a time as it is told', async () => {
    const queue = Queue.from(Array.from({ length: 20 }, (_, i) => i))
    let active = 0
    let most = 0
    await consume(
      queue,
      async () => {
        most = Math.max(most, ++active)
        await flush()
        active--
      },
      { concurrency: 3 },
    )
    expect(most).toBe(3)
  })

  it('counts an item off whatever its handler did, so that join never hangs', async () => {
    const queue = Queue.from([1, 2, 3])
    const told: unknown[] = []
    const consumed = await consume(
      queue,
      (item) => {
        if (item === 2) throw new Error('two')
      },
      { onError: (error, item) => void told.push([(error as Error).message, item]) },
    )
    expect(consumed).toEqual({ done: 2, failed: 1 })
    expect(told).toEqual([['two', 2]])
    await queue.join()
  })

  it('ends with the first error by default, after the handlers that run, and leaves the rest in the queue', async () => {
    const queue = new Queue<number>()
    for (const item of [1, 2, 3, 4]) queue.putNowait(item)
    let slow = 'running'
    const consumed = consume(
      queue,
      async (item, { signal }) => {
        if (item === 2) throw new Error('two')
        await flush()
        slow = signal.aborted ? 'told and finished' : 'finished'
      },
      { concurrency: 2 },
    )
    await expect(consumed).rejects.toThrow('two')
    expect(slow).toBe('told and finished')
    expect(queue.drain()).toEqual([3, 4])
    expect({ unfinished: queue.unfinishedTasks, getting: queue.getting }).toEqual({ unfinished: 2, getting: 0 })
  })

  it('ends with the reason of its signal, takes nothing more, and leaves no listener', async () => {
    const queue = new Queue<number>()
    const controller = new AbortController()
    const consumed = consume(queue, () => {}, { signal: controller.signal, concurrency: 2 })
    await flush()
    expect(queue.getting).toBe(2)
    controller.abort('enough')
    expect(await outcome(consumed)).toEqual({ state: 'rejected', reason: 'enough' })
    queue.putNowait(1)
    expect({ size: queue.qsize(), waiters: waiters(queue) }).toEqual({ size: 1, waiters: 0 })
    await expect(consume(queue, () => {}, { signal: AbortSignal.abort('early') })).rejects.toBe('early')
    expect(queue.qsize()).toBe(1)
  })

  it('an item handed over in the tick of the abort is handled', async () => {
    const queue = new Queue<number>()
    const controller = new AbortController()
    const handled: number[] = []
    const consumed = consume(queue, (item) => void handled.push(item), { signal: controller.signal })
    await flush()
    queue.putNowait(1)
    controller.abort('enough')
    expect(await outcome(consumed)).toEqual({ state: 'rejected', reason: 'enough' })
    expect(handled).toEqual([1])
    expect(queue.unfinishedTasks).toBe(0)
  })

  it('passes on the error of a queue that fails, and what onError throws', async () => {
    const queue = new Queue<number>()
    const consumed = consume(queue, () => {})
    await flush()
    queue.fail('broken')
    expect(await outcome(consumed)).toEqual({ state: 'rejected', reason: 'broken' })
    const throwing = consume(
      Queue.from([1]),
      () => {
        throw new Error('first')
      },
      {
        onError: () => {
          throw new Error('second')
        },
      },
    )
    await expect(throwing).rejects.toThrow('second')
  })

  it('refuses bad options', async () => {
    const queue = new PriorityQueue<number>()
    await expect(consume(queue, 5 as unknown as () => void)).rejects.toBeInstanceOf(TypeError)
    await expect(consume(queue, () => {}, { concurrency: 0 })).rejects.toBeInstanceOf(RangeError)
    await expect(consume(queue, () => {}, { onError: 'skip' as 'throw' })).rejects.toBeInstanceOf(TypeError)
    expect(await isPending(queue.get())).toBe(true)
  })

  it('refuses an option that is misspelt, and what is no object of options', async () => {
    const refusal = { name: 'TypeError', code: 'INVALID_OPTION' }
    const misspelt = { concurency: 3 } as ConsumeOptions<number>
    await expect(consume(new Queue<number>(), () => {}, misspelt)).rejects.toMatchObject({
      ...refusal,
      message: 'unknown option concurency of consume(): known are concurrency, signal, onError',
    })
    await expect(consume(new Queue<number>(), () => {}, 3 as ConsumeOptions<number>)).rejects.toMatchObject(refusal)
  })

  it('refuses what is no queue before it takes anything of it', async () => {
    const taken: number[] = []
    const numbers = (async function* () {
      yield taken.push(1)
    })()
    for (const source of [numbers, [1, 2], undefined]) {
      const consuming = consume(source as unknown as Queue<number>, () => {})
      await expect(consuming).rejects.toThrow('expected consume() to get a queue, with iteration and taskDone()')
    }
    expect(taken).toEqual([])
  })

  it('refuses a controller for its signal', async () => {
    const signal = new AbortController() as unknown as AbortSignal
    await expect(consume(new Queue<number>(), () => {}, { signal })).rejects.toThrow(
      'expected signal to be an AbortSignal',
    )
  })
})
