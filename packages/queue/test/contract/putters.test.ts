import { describe, expect, it } from 'vitest'
import { QueueEmpty, QueueFull } from '../../src/index.js'
import { kinds, waiters } from './kinds.js'
import { flush, isPending, outcome } from './settling.js'

describe.each(kinds)('$title: waiting puts', ({ create, title }) => {
  it('T030 a get gives its room to the longest waiting put, there and then', async () => {
    const queue = create<number>(1)
    queue.putNowait(1)
    const put = queue.put(2)
    expect(await isPending(put)).toBe(true)
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks, putting: queue.putting }).toEqual({
      size: 1,
      unfinished: 1,
      putting: 1,
    })
    expect(queue.getNowait()).toBe(1)
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 1, unfinished: 2 })
    expect(await put).toBeUndefined()
    expect(await queue.get()).toBe(2)
  })

  it('T031 waiting puts are admitted, and go on, in the order of their calls', async () => {
    const queue = create<number>(1)
    queue.putNowait(-1)
    const order: number[] = []
    const puts = [0, 1, 2, 3].map((item) => queue.put(item).then(() => order.push(item)))
    const seen: number[] = []
    for (let i = 0; i < 5; i++) seen.push(await queue.get())
    await Promise.all(puts)
    expect(seen).toEqual([-1, 0, 1, 2, 3])
    expect(order).toEqual([0, 1, 2, 3])
  })

  it('T032 nobody who comes later gets the room that a waiting put waits for', async () => {
    const queue = create<string>(1)
    queue.putNowait('x')
    const old = queue.put('old')
    queue.getNowait()
    expect(() => queue.putNowait('new')).toThrow(QueueFull)
    const late = queue.put('new')
    expect([await queue.get(), await queue.get()]).toEqual(['old', 'new'])
    await Promise.all([old, late])
  })

  it('T033 taking all there is at once lets all waiting puts in that then fit', async () => {
    const queue = create<number>(2)
    const puts = [0, 1, 2, 3].map((item) => queue.put(item))
    const taken: number[] = []
    for (let left = queue.qsize(); left > 0; left--) taken.push(queue.getNowait())
    await Promise.all(puts)
    expect(queue.qsize()).toBe(2)
    const rest = [queue.getNowait(), queue.getNowait()]
    expect([...taken, ...rest].sort()).toEqual([0, 1, 2, 3])
    // The put that comes in goes out next on a LifoQueue, so there the first two leave last.
    expect(rest).toEqual(title === 'LifoQueue' ? [3, 0] : [2, 3])
  })

  it('T034 two puts and two gets over a queue of one', async () => {
    const queue = create<string>(1)
    const puts = [queue.put('a'), queue.put('b')]
    expect([await queue.get(), await queue.get()]).toEqual(['a', 'b'])
    await Promise.all(puts)
  })

  it('T035 a get from a timer lets a waiting put in', async () => {
    const queue = create<number>(1)
    await queue.put(1)
    setTimeout(() => queue.getNowait(), 10)
    await queue.put(2)
    expect(queue.qsize()).toBe(1)
  })

  it('T036 taking without waiting sees what waiting puts bring', async () => {
    const queue = create<number>(1)
    queue.putNowait(1)
    const puts = [queue.put(2), queue.put(3)]
    expect([queue.getNowait(), queue.getNowait(), queue.getNowait()]).toEqual([1, 2, 3])
    expect(() => queue.getNowait()).toThrow(QueueEmpty)
    await Promise.all(puts)
  })

  it('T037 a producer stops at maxsize and goes on with each get', async () => {
    const queue = create<number>(2)
    const log: number[] = []
    const producer = (async () => {
      for (let i = 0; i < 3; i++) {
        await queue.put(i)
        log.push(i)
      }
      return 'finished'
    })()
    await flush()
    expect(log).toEqual([0, 1])
    queue.getNowait()
    await flush()
    expect(log).toEqual([0, 1, 2])
    expect(await producer).toBe('finished')
  })

  it('T038 a put that need not wait leaves nothing behind and counts once', async () => {
    const queue = create<number>(1)
    await queue.put(1)
    expect({ putting: queue.putting, unfinished: queue.unfinishedTasks }).toEqual({ putting: 0, unfinished: 1 })
    expect(waiters(queue)).toBe(0)
  })

  it('T077 an item of a waiting put counts from its admission on', async () => {
    const queue = create<number>(1)
    queue.putNowait(1)
    const put = queue.put(2)
    const joined = queue.join()
    queue.getNowait()
    queue.taskDone()
    expect(await isPending(joined)).toBe(true)
    await put
    queue.getNowait()
    queue.taskDone()
    expect((await outcome(joined)).state).toBe('fulfilled')
  })
})
