import { describe, expect, it } from 'vitest'
import { LifoQueue, PriorityQueue, Queue, QueueEmpty, QueueFull } from '../../src/index.js'
import { kinds, waiters } from './kinds.js'
import { flush, isPending, outcome } from './settling.js'

describe.each(kinds)('$title: basics', ({ create, leaving }) => {
  it('T001 a new queue is empty, without limit, and joined', async () => {
    const queue = create<number>()
    expect({
      maxsize: queue.maxsize,
      size: queue.qsize(),
      empty: queue.empty(),
      full: queue.full(),
      unfinished: queue.unfinishedTasks,
      isShutdown: queue.isShutdown,
    }).toEqual({ maxsize: 0, size: 0, empty: true, full: false, unfinished: 0, isShutdown: false })
    await queue.join()
    expect(waiters(queue)).toBe(0)
  })

  it('T002 an item goes in and comes out', async () => {
    const queue = create<number>()
    expect(queue.empty()).toBe(true)
    await queue.put(1)
    expect(queue.empty()).toBe(false)
    expect(await queue.get()).toBe(1)
    expect(queue.empty()).toBe(true)
  })

  it('T003 a queue is full at maxsize and refuses one more', async () => {
    const queue = create<number>(2)
    queue.putNowait(1)
    expect(queue.full()).toBe(false)
    queue.putNowait(2)
    expect(queue.full()).toBe(true)
    expect(() => queue.putNowait(3)).toThrow(QueueFull)
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 2, unfinished: 2 })
    expect([await queue.get(), await queue.get()]).toEqual(leaving([1, 2]))
  })

  it.each([0, -1, -5, Number.POSITIVE_INFINITY])('T004 maxsize %d means no limit, and reads back', (maxsize) => {
    const queue = create<number>(maxsize)
    for (let i = 0; i < 1000; i++) {
      queue.putNowait(i)
      expect(queue.full()).toBe(false)
    }
    expect(queue.maxsize).toBe(maxsize)
  })

  it('T005 a fraction admits while fewer than that are there', async () => {
    const queue = create<number>(1.3)
    queue.putNowait(1)
    expect(queue.full()).toBe(false)
    queue.putNowait(2)
    expect(queue.full()).toBe(true)
    expect(() => queue.putNowait(3)).toThrow(QueueFull)
    const awaited = create<number>(1.3)
    await awaited.put(1)
    await awaited.put(2)
    expect(awaited.full()).toBe(true)
    expect(await isPending(awaited.put(3))).toBe(true)
  })

  it('T006 a maxsize that is no number is refused', () => {
    expect(() => create(Number.NaN)).toThrow(TypeError)
    expect(() => create('5' as unknown as number)).toThrow(TypeError)
    expect(() => create({ maxsize: '5' as unknown as number })).toThrow('expected maxsize to be a number, got "5"')
    expect(() => {
      create().maxsize = Number.NaN
    }).toThrow(TypeError)
  })

  it('T010 getNowait on an empty queue throws and counts nothing; a get with an item there resolves at once', async () => {
    const queue = create<number>()
    expect(() => queue.getNowait()).toThrow(QueueEmpty)
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks, getting: queue.getting }).toEqual({
      size: 0,
      unfinished: 0,
      getting: 0,
    })
    queue.putNowait(7)
    expect(queue.getNowait()).toBe(7)
    queue.putNowait(8)
    let got: number | undefined
    queue.get().then((item) => {
      got = item
    })
    await Promise.resolve()
    expect(got).toBe(8)
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['0', 0],
    ['the empty string', ''],
    ['false', false],
    ['NaN', Number.NaN],
    ['an array', []],
    ['a symbol', Symbol('item')],
    ['a function', () => 1],
  ])('T011 %s is an item like any other', async (_, item) => {
    const queue = create<unknown>()
    queue.putNowait(item)
    expect(Object.is(queue.getNowait(), item)).toBe(true)
    await queue.put(item)
    expect(Object.is(await queue.get(), item)).toBe(true)
    const waiting = queue.get()
    queue.putNowait(item)
    expect(Object.is(await waiting, item)).toBe(true)
    queue.putNowait(item)
    queue.shutdown()
    const seen: unknown[] = []
    for await (const each of queue) seen.push(each)
    expect(seen).toHaveLength(1)
    expect(Object.is(seen[0], item)).toBe(true)
  })

  it('T012 what waits returns a native promise, whether it has to wait or not', async () => {
    const queue = create<number>(1)
    const immediate = [queue.put(1), queue.get(), queue.join({ timeout: 0 }), queue.peek({ timeout: 0 })]
    const waiting = [queue.get(), queue.join()]
    for (const promise of [...immediate, ...waiting]) expect(Object.getPrototypeOf(promise)).toBe(Promise.prototype)
    expect(await immediate[0]).toBeUndefined()
    expect(queue.putNowait(2)).toBeUndefined()
    expect(await waiting[0]).toBe(2)
    queue.putNowait(3)
    const put = queue.put(4)
    expect(Object.getPrototypeOf(put)).toBe(Promise.prototype)
    queue.getNowait()
    expect(await put).toBeUndefined()
    queue.taskDone(4)
    await Promise.allSettled([...immediate, ...waiting])
    expect(waiters(queue)).toBe(0)
  })

  it('T013 the debug text names the class and the limit, and the rest only when there is any', async () => {
    const queue = create<string>(2)
    const idle = queue.toString()
    expect(idle).toMatch(/^<(Lifo|Priority)?Queue maxsize=2 /)
    expect(idle).not.toMatch(/getters|putters|tasks|shutdown/)
    const got = queue.get()
    expect(queue.toString()).toContain('getters[1]')
    queue.putNowait('secret')
    await got
    expect(queue.toString()).toContain('tasks=1')
    queue.putNowait('secret')
    queue.putNowait('secret')
    const put = queue.put('secret')
    expect(queue.toString()).toContain('putters[1]')
    expect(queue.toString()).not.toContain('secret')
    const before = queue.stats()
    queue.toString()
    expect({ ...queue.stats(), oldestAgeMs: 0 }).toEqual({ ...before, oldestAgeMs: 0 })
    queue.shutdown()
    expect(queue.toString()).toMatch(/ shutdown>$/)
    await expect(put).rejects.toThrow()
  })

  it('a reading of bad options says what is known and what was given', () => {
    expect(() => create({ maxSize: 3 } as object)).toThrow('unknown queue option maxSize: known are maxsize, overflow')
    expect(() => create({ overflow: 'drop' as 'block' })).toThrow('expected overflow to be one of block, dropOldest')
    expect(() => create({ onDropped: 5 as unknown as () => void })).toThrow(TypeError)
    expect(() => create({ name: 5 as unknown as string })).toThrow(TypeError)
    expect(() => create(null as unknown as number)).toThrow(TypeError)
  })

  it('settles nothing by merely being looked at', async () => {
    const queue = create<number>()
    const got = queue.get()
    queue.qsize()
    queue.full()
    queue.stats()
    expect((await outcome(got)).state).toBe('pending')
    await flush()
  })
})

it('T007 a Queue is first in, first out', async () => {
  const queue = new Queue<number>()
  for (const item of [1, 3, 2]) await queue.put(item)
  expect([await queue.get(), await queue.get(), await queue.get()]).toEqual([1, 3, 2])
})

it('T008 a LifoQueue is last in, first out', async () => {
  const queue = new LifoQueue<number>()
  for (const item of [1, 3, 2]) await queue.put(item)
  expect([await queue.get(), await queue.get(), await queue.get()]).toEqual([2, 3, 1])
})

it('T009 a PriorityQueue gives the smallest first', async () => {
  const queue = new PriorityQueue<number>()
  for (const item of [1, 3, 2]) await queue.put(item)
  expect([await queue.get(), await queue.get(), await queue.get()]).toEqual([1, 2, 3])
})

it('T133 the debug text, word for word', () => {
  const queue = new Queue<number>({ maxsize: 1, name: 'jobs' })
  expect(`${queue}`).toBe('<Queue "jobs" maxsize=1 size=0>')
  queue.putNowait(1)
  queue.put(2).catch(() => {})
  queue.put(3).catch(() => {})
  expect(`${queue}`).toBe('<Queue "jobs" maxsize=1 size=1 putters[2] tasks=1>')
  queue.shutdown()
  expect(`${queue}`).toBe('<Queue "jobs" maxsize=1 size=1 tasks=1 shutdown>')
  const waiting = new PriorityQueue<number>()
  waiting.get().catch(() => {})
  expect(`${waiting}`).toBe('<PriorityQueue maxsize=0 size=0 getters[1]>')
})
