import { describe, expect, it } from 'vitest'
import { HeapStorage, LifoQueue, naturalOrder, PriorityQueue, Queue, type Storage } from '../../src/index.js'
import { outcome } from './settling.js'

/** A storage that can be told to fail. */
class FragileStorage implements Storage<string> {
  readonly items: string[] = []
  failPut: string | undefined
  failGet = false

  get size(): number {
    return this.items.length
  }

  push(item: string): void {
    if (item === this.failPut) throw new Error(`no ${item}`)
    this.items.push(item)
  }

  shift(): string {
    if (this.failGet) throw new Error('not now')
    return this.items.shift() as string
  }

  peek(): string {
    return this.items[0]
  }

  clear(): string[] {
    return this.items.splice(0)
  }
}

/** A storage that keeps one of each. */
class UniqueStorage implements Storage<number> {
  readonly #items = new Set<number>()

  get size(): number {
    return this.#items.size
  }

  push(item: number): void {
    this.#items.add(item)
  }

  shift(): number {
    const item = this.peek()
    this.#items.delete(item)
    return item
  }

  peek(): number {
    return this.#items.values().next().value as number
  }

  clear(): number[] {
    const items = [...this.#items]
    this.#items.clear()
    return items
  }
}

describe('PriorityQueue', () => {
  it('T110 equal items leave in the order in which they came', () => {
    const queue = new PriorityQueue<{ priority: number; id: number }>({ compare: (a, b) => a.priority - b.priority })
    for (let id = 0; id < 50; id++) queue.putNowait({ priority: id % 3, id })
    const left = queue.drain()
    expect(left.map(({ priority }) => priority)).toEqual([...left.map(({ priority }) => priority)].sort())
    for (let i = 1; i < left.length; i++) {
      if (left[i].priority === left[i - 1].priority) expect(left[i].id).toBeGreaterThan(left[i - 1].id)
    }
  })

  it('T111 a comparator that throws puts nothing and harms nothing', async () => {
    const queue = new PriorityQueue<number | string>()
    queue.putNowait(5)
    expect(() => queue.putNowait('a')).toThrow(TypeError)
    await expect(queue.put('b')).rejects.toBeInstanceOf(TypeError)
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks, puts: queue.stats().puts }).toEqual({
      size: 1,
      unfinished: 1,
      puts: 1,
    })
    queue.putNowait(3)
    expect([queue.getNowait(), queue.getNowait()]).toEqual([3, 5])
  })

  it('T111 a comparator that throws during a get takes nothing', () => {
    let broken = false
    const queue = new PriorityQueue<number>({
      compare: (a, b) => {
        if (broken) throw new Error('broken')
        return a - b
      },
    })
    for (const item of [4, 2, 3, 1, 5]) queue.putNowait(item)
    broken = true
    expect(() => queue.getNowait()).toThrow('broken')
    expect(queue.qsize()).toBe(5)
    broken = false
    expect(queue.drain()).toEqual([1, 2, 3, 4, 5])
  })

  it('T111 a comparator that throws while everything is dropped keeps none of it from being told', () => {
    const dropped: number[] = []
    let broken = false
    const queue = new PriorityQueue<number>({
      compare: (a, b) => {
        if (broken) throw new Error('broken')
        return a - b
      },
      onDropped: (item) => dropped.push(item),
    })
    for (const item of [4, 2, 3]) queue.putNowait(item)
    broken = true
    queue.shutdown({ immediate: true })
    expect(dropped.sort()).toEqual([2, 3, 4])
    expect(queue.unfinishedTasks).toBe(0)
  })

  it('T111 what an aborted getMany cannot give back, for its comparator throws, is its result', async () => {
    const queue = new PriorityQueue<number | string>()
    const controller = new AbortController()
    const { signal } = controller
    const [many, got] = [queue.getMany({ min: 3, signal }), queue.get({ signal })]
    // Handed over, both of them, and never compared.
    queue.putNowait(5)
    queue.putNowait('a')
    controller.abort('no')
    expect(await Promise.all([outcome<unknown>(many), outcome<unknown>(got)])).toEqual([
      { state: 'fulfilled', value: [5] },
      { state: 'rejected', reason: 'no' },
    ])
    expect(queue.drain()).toEqual(['a'])
    expect(queue.stats()).toMatchObject({ puts: 2, gets: 2, unfinished: 2 })
  })

  it('T111 a comparator that throws in the middle of a getMany loses none of what was taken before', async () => {
    let comparisons = Number.POSITIVE_INFINITY
    const queue = new PriorityQueue<number>({
      compare: (a, b) => {
        if (comparisons-- <= 0) throw new Error('broken')
        return a - b
      },
    })
    for (const item of [4, 2, 3, 1, 5, 8, 9]) queue.putNowait(item)
    comparisons = 4
    const taken = await queue.getMany({ min: 5, max: 5 })
    comparisons = Number.POSITIVE_INFINITY
    expect([...taken, ...queue.drain()]).toEqual([1, 2, 3, 4, 5, 8, 9])
    expect(queue.stats()).toMatchObject({ puts: 7, gets: 7, unfinished: 7 })
  })

  it('T111 items that the order refuses to compare do not keep dropOldest from making room', () => {
    const dropped: unknown[] = []
    const queue = new PriorityQueue<[number, string | number]>({
      maxsize: 2,
      overflow: 'dropOldest',
      onDropped: (item) => dropped.push(item),
    })
    queue.putNowait([0, 'first'])
    queue.putNowait([1, 'a'])
    queue.putNowait([1, 2])
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks, dropped }).toEqual({
      size: 2,
      unfinished: 2,
      dropped: [[0, 'first']],
    })
    queue.putNowait([1, 3])
    expect({ items: queue.drain().length, dropped }).toEqual({
      items: 2,
      dropped: [
        [0, 'first'],
        [1, 'a'],
      ],
    })
  })

  it('a comparator that changes the queue is refused', () => {
    const queue: PriorityQueue<number> = new PriorityQueue<number>({
      compare: (a, b) => {
        queue.getNowait()
        return a - b
      },
    })
    queue.putNowait(1)
    queue.putNowait(2)
    queue.putNowait(3)
    expect(queue.qsize()).toBeGreaterThan(0)
  })

  it.each([
    ['NaN', () => Number.NaN],
    ['always less', () => -1],
    ['always greater', () => 1],
  ])('T115 a comparator that answers %s loses nothing', (_, compare) => {
    const queue = new PriorityQueue<number>({ compare })
    for (let i = 0; i < 20; i++) queue.putNowait(i)
    expect(queue.drain().sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('T115 NaN as an answer counts as equal: first in, first out', () => {
    const queue = new PriorityQueue<number>({ compare: () => Number.NaN })
    for (const item of [3, 1, 2]) queue.putNowait(item)
    expect(queue.drain()).toEqual([3, 1, 2])
  })

  it.each([
    ['numbers', [3, Number.NaN, 1, -2.5], [-2.5, 1, 3, Number.NaN]],
    ['bigints', [3n, 1n], [1n, 3n]],
    ['strings', ['b', 'B', 'a'], ['B', 'a', 'b']],
    ['Dates', [new Date(2), new Date(1)], [new Date(1), new Date(2)]],
    ['arrays element by element', [[2, 'a'], [1, 'b'], [1, 'a'], [1]], [[1], [1, 'a'], [1, 'b'], [2, 'a']]],
  ])('T115 the default order of %s', (_, put, left) => {
    const queue = new PriorityQueue<unknown>()
    for (const item of put) queue.putNowait(item)
    expect(queue.drain()).toEqual(left)
  })

  it.each([
    ['a number and a string', 1, 'a'],
    ['a number and a bigint', 1, 1n],
    ['objects', {}, {}],
    ['null', null, null],
    ['booleans', true, false],
    ['mixed priorities in arrays', [1, 'x'], ['a', 'x']],
    ['mixed seconds in arrays', [1, 'x'], [1, 2]],
    ['a number and an array', 1, [1]],
  ])('T115 the default order refuses %s with TypeError', (_, a, b) => {
    expect(() => naturalOrder(a, b)).toThrow(TypeError)
  })

  it('T115 Python-style [priority, payload] works whatever the payload is', () => {
    const queue = new PriorityQueue<[number, object | undefined]>()
    const [first, second] = [{ id: 1 }, { id: 2 }]
    queue.putNowait([1, first])
    queue.putNowait([0, undefined])
    queue.putNowait([1, second])
    expect(queue.drain().map(([, payload]) => payload)).toEqual([undefined, first, second])
  })

  it('T116 a priority changed after the put costs the order, not an item', () => {
    const queue = new PriorityQueue<{ priority: number; id: number }>({ compare: (a, b) => a.priority - b.priority })
    const items = Array.from({ length: 20 }, (_, id) => ({ priority: id, id }))
    for (const item of items) queue.putNowait(item)
    for (const item of items) item.priority = (item.id * 7) % 20
    const left = queue.drain()
    expect(new Set(left)).toEqual(new Set(items))
    expect(left).toHaveLength(20)
  })
})

describe('a storage of one’s own', () => {
  it('T112 a storage that refuses an item makes the put fail and counts nothing', async () => {
    const storage = new FragileStorage()
    const queue = new Queue({ storage })
    storage.failPut = 'a'
    expect(() => queue.putNowait('a')).toThrow('no a')
    await expect(queue.put('a')).rejects.toThrow('no a')
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 0, unfinished: 0 })
  })

  it('T112 a waiting put that is refused at its admission rejects; the get and the next put go on', async () => {
    const storage = new FragileStorage()
    const queue = new Queue({ maxsize: 1, storage })
    queue.putNowait('x')
    storage.failPut = 'a'
    const refused = queue.put('a')
    const next = queue.put('b')
    expect(queue.getNowait()).toBe('x')
    expect(await outcome(refused)).toMatchObject({ state: 'rejected', reason: { message: 'no a' } })
    await next
    expect(queue.getNowait()).toBe('b')
    expect(queue.unfinishedTasks).toBe(2)
  })

  it('T112 a storage that fails to give an item still has it', async () => {
    const storage = new FragileStorage()
    const queue = new Queue({ storage })
    queue.putNowait('a')
    storage.failGet = true
    expect(() => queue.getNowait()).toThrow('not now')
    await expect(queue.get()).rejects.toThrow('not now')
    await expect(queue[Symbol.asyncIterator]().next()).rejects.toThrow('not now')
    storage.failGet = false
    expect(queue.getNowait()).toBe('a')
    expect(queue.stats().gets).toBe(1)
  })

  it('T112 a storage that fails to show an item makes the waiting peek fail, not the put', async () => {
    const storage = new FragileStorage()
    const queue = new Queue({ storage })
    const peeked = queue.peek()
    storage.peek = () => {
      throw new Error('not now')
    }
    queue.putNowait('a')
    await expect(peeked).rejects.toThrow('not now')
    expect(queue.drain()).toEqual(['a'])
  })

  it('T113 a storage that ignores duplicates: counts follow its size', async () => {
    const queue = new Queue({ storage: new UniqueStorage() })
    for (const item of [23, 42, 23]) queue.putNowait(item)
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 2, unfinished: 2 })
    expect(queue.drain()).toEqual([23, 42])
    queue.taskDone(2)
    await queue.join()
  })

  it.each(['block', 'dropOldest'] as const)(
    'T113 what a storage replaced weighs nothing once the queue is empty, with overflow %s',
    (overflow) => {
      interface Reading {
        readonly sensor: string
        readonly bytes: number
      }
      const latest = new Map<string, Reading>()
      const storage: Storage<Reading> = {
        get size() {
          return latest.size
        },
        push: (reading) => void latest.set(reading.sensor, reading),
        peek: () => latest.values().next().value as Reading,
        shift() {
          const reading = this.peek()
          latest.delete(reading.sensor)
          return reading
        },
        clear() {
          const readings = [...latest.values()]
          latest.clear()
          return readings
        },
      }
      const queue = new Queue({ storage, overflow, maxsize: 10, weigh: ({ bytes }: Reading) => bytes })
      for (let round = 0; round < 5; round++) {
        queue.putNowait({ sensor: 'a', bytes: 4 })
        queue.putNowait({ sensor: 'a', bytes: 5 })
        expect(queue.drain()).toEqual([{ sensor: 'a', bytes: 5 }])
        expect(queue.full()).toBe(false)
      }
    },
  )

  it('T113 a duplicate that dropOldest put and the storage ignored adds no weight', () => {
    const queue = new Queue({
      storage: new UniqueStorage(),
      overflow: 'dropOldest',
      maxsize: 10,
      weigh: (item) => item,
    })
    for (const item of [1, 4, 3]) queue.putNowait(item)
    // It would not fit beside the others; there it is one of them.
    queue.putNowait(4)
    queue.putNowait(2)
    expect(queue.drain()).toEqual([1, 4, 3, 2])
  })

  it('a storage without unshift gets items that were given up by push', async () => {
    const queue = new Queue({ storage: new UniqueStorage() })
    queue.putNowait(1)
    const controller = new AbortController()
    const many = queue.getMany({ min: 2, signal: controller.signal })
    controller.abort('no')
    await expect(many).rejects.toBe('no')
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 1, unfinished: 1 })
  })

  it('the built-in storages are storages too', () => {
    const queue = new Queue({ storage: new HeapStorage<number>((a, b) => b - a), maxsize: 3 })
    for (const item of [1, 3, 2]) queue.putNowait(item)
    expect(queue.drain()).toEqual([3, 2, 1])
  })

  it('an order of its own takes no second storage', () => {
    expect(() => new LifoQueue({ storage: new UniqueStorage() } as object)).toThrow(TypeError)
    expect(() => new PriorityQueue({ compare: 5 as unknown as () => number })).toThrow(TypeError)
    expect(() => new Queue({ storage: {} as Storage<number> })).toThrow(
      'expected storage to be a Storage with size, push, shift, peek and clear',
    )
  })
})

it('T114 a peek shows the smallest of a PriorityQueue and the newest of a LifoQueue', () => {
  const priority = new PriorityQueue<number>()
  const lifo = new LifoQueue<number>()
  for (const item of [2, 1, 3]) {
    priority.putNowait(item)
    lifo.putNowait(item)
  }
  expect([priority.peekNowait(), lifo.peekNowait()]).toEqual([1, 3])
})

it('a storage that fails in the middle of a getMany has lost nothing', async () => {
  const storage = new FragileStorage()
  const queue = new Queue({ storage, weigh: () => 1, maxsize: 10 })
  for (const item of ['a', 'b', 'c', 'd']) queue.putNowait(item)
  const { shift } = storage
  let shifts = 0
  storage.shift = () => {
    if (++shifts === 3) throw new Error('not now')
    return shift.call(storage)
  }
  await expect(queue.getMany({ max: 3 })).rejects.toThrow('not now')
  expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks, gets: queue.stats().gets }).toEqual({
    size: 4,
    unfinished: 4,
    gets: 0,
  })
  for (let i = 0; i < 6; i++) queue.putNowait('more')
  expect(queue.full()).toBe(true)
  expect(queue.drain().sort().slice(0, 4)).toEqual(['a', 'b', 'c', 'd'])
})
