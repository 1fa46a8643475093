import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mapThreads } from '../../src/piscina/index.js'
import { all, createPool, sharedWords, until } from './pool.js'

const file = 'mapping.worker.mjs'
const range = (n: number) => Array.from({ length: n }, (_, i) => i)
function* endless() {
  for (let n = 0; ; n++) yield n
}
const threadOf = (pool: ReturnType<typeof createPool>) => pool.run(null, { name: 'whoAmI' }) as Promise<number>

describe('mapThreads()', () => {
  it('maps every item once, in the order of the source', async () => {
    const results = await all(mapThreads<number, number>(createPool(file, 2), range(10_000)))
    expect(results).toEqual(range(10_000).map((n) => n * 2))
  })

  it('takes async sources and functions, and any structured-cloneable value', async () => {
    async function* source() {
      for (const n of range(50)) {
        if (n % 10 === 0) await sleep(1)
        yield n
      }
    }
    const results = await all(mapThreads(createPool(file, 2), source(), { exportName: 'later' }))
    expect(results).toEqual(range(50).map((n) => ({ n })))
  })

  it('keeps the order although later items are ready first', async () => {
    const results = await all(mapThreads(createPool(file, 3), range(60), { exportName: 'shuffled', window: 6 }))
    expect(results).toEqual(range(60))
  })

  it('ordered: false gives each result once, as it is ready', async () => {
    const options = { exportName: 'shuffled', window: 6, ordered: false }
    const results = await all(mapThreads<number, number>(createPool(file, 3), range(60), options))
    expect(results).not.toEqual(range(60))
    expect(results.sort((a, b) => a - b)).toEqual(range(60))
  })

  it('works in as many threads as asked for', async () => {
    const threads = new Set<number>()
    const options = { exportName: 'who', concurrency: 2, window: 8 }
    let after = 0
    for await (const { threadId } of mapThreads<number, { threadId: number }>(
      createPool(file, 3),
      endless(),
      options,
    )) {
      threads.add(threadId)
      if (threads.size >= 2 && ++after === 1000) break
    }
    expect(threads.size).toBe(2)
  })

  it('gives the result of a slow item while its thread works on the next', async () => {
    const words = sharedWords()
    const results: number[] = []
    const pool = createPool(file, 1, words)
    for await (const n of mapThreads<number, number>(pool, [1, 2], { exportName: 'answered' })) {
      results.push(n)
      if (n !== 1) continue
      Atomics.store(words, 2, 1)
      Atomics.notify(words, 2)
    }
    expect(results).toEqual([1, 2])
  })

  it('takes no more from the source than the window allows', async () => {
    let taken = 0
    function* source() {
      for (;;) yield taken++
    }
    const results = mapThreads(createPool(file), source(), { window: 10 })
    await results.next()
    await sleep(30)
    expect(taken).toBeLessThanOrEqual(11)
    await results.return?.()
  })

  it('an empty source gives nothing and frees the threads', async () => {
    const pool = createPool(file)
    expect(await all(mapThreads(pool, []))).toEqual([])
    await threadOf(pool)
  })

  it('several maps share a pool one after the other, on the same thread', async () => {
    const pool = createPool(file)
    const before = await threadOf(pool)
    for (let round = 1; round <= 10; round++) {
      expect(await all(mapThreads<number, number>(pool, [round]))).toEqual([round * 2])
    }
    expect(await threadOf(pool)).toBe(before)
  })

  it('several next() at once are answered in order', async () => {
    const results = mapThreads<number, number>(createPool(file), [1, 2])
    const settled = await Promise.all([results.next(), results.next(), results.next()])
    expect(settled.map(({ value }) => value)).toEqual([2, 4, undefined])
  })

  it('whatever the sizes, every item gives its result once', async () => {
    const pool = createPool(file, 2)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.double({ noNaN: true }), fc.integer()), { maxLength: 200 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        async (numbers, window, ordered) => {
          const results = await all(mapThreads<number, number>(pool, numbers, { window, ordered, concurrency: 2 }))
          const expected = numbers.map((n) => n * 2)
          const sorted = (list: number[]) => [...list].sort((a, b) => a - b)
          expect(ordered ? results : sorted(results)).toEqual(ordered ? expected : sorted(expected))
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('generators in mapThreads()', () => {
  it.each(['letters', 'lettersLater'])(
    'give each item that they yield as a result, in order (%s)',
    async (exportName) => {
      const source = ['one', 'two', '', 'three'].map((word) => ({ word }))
      const results = await all(mapThreads(createPool(file, 2), source, { exportName, window: 2 }))
      expect(results.join('')).toBe('onetwothree')
    },
  )

  it('an array is one result', async () => {
    expect(await all(mapThreads(createPool(file), [1, 2], { exportName: 'list' }))).toEqual([
      [1, 1],
      [2, 2],
    ])
  })

  it('an endless one is held back by its reader and closed when the loop is left', async () => {
    const words = sharedWords()
    const pool = createPool(file, 1, words)
    const options = { exportName: 'endless', capacityBytes: 4096 }
    let read = 0
    for await (const _ of mapThreads(pool, [1], options)) if (++read === 10) break
    await until(() => words[1] === 1)
    expect(words[0]).toBeLessThan(2000)
    await threadOf(pool)
  })

  it.each([
    ['lettersLater', true, ['b', 'a', 'd']],
    ['failingParts', true, [1, 2]],
    ['failingParts', false, [1, 2]],
  ])('one that throws has given what it had yielded (%s, ordered: %s)', async (exportName, ordered, yielded) => {
    const results: unknown[] = []
    const reading = async () => {
      const mapped = mapThreads(createPool(file), [{ word: 'bad' }], { exportName, ordered })
      for await (const part of mapped) results.push(part)
    }
    await expect(reading()).rejects.toMatchObject({ message: 'half-way', code: 'BAD_BYTES' })
    expect(results).toEqual(yielded)
  })
})

it.each([true, false])(
  'results that come together with an error are given before it (ordered: %s)',
  async (ordered) => {
    let goOn!: () => void
    const warm = new Promise<void>((resolve) => {
      goOn = resolve
    })
    async function* source() {
      yield 'well'
      await warm
      yield 'badly'
    }
    const results = mapThreads(createPool(file), source(), { exportName: 'failingParts', ordered })
    expect((await results.next()).value).toBe(1)
    const first = results.next()
    goOn()
    for (let tick = 0; tick < 20; tick++) await null
    // The thread has the item; while this loop stands still, both results and the error come.
    for (const until = performance.now() + 50; performance.now() < until; );
    expect((await first).value).toBe(1)
    expect((await results.next()).value).toBe(2)
    await expect(results.next()).rejects.toThrow('half-way')
  },
)

describe('an item whose function throws', () => {
  it('ends the map with its error, which keeps class name, code and cause, after the results before it', async () => {
    const results: unknown[] = []
    const reading = async () => {
      for await (const n of mapThreads(createPool(file), [1, 2, 3, 4], { exportName: 'failing' })) results.push(n)
    }
    const error = await reading().catch((e: unknown) => e as Error)
    expect(results).toEqual([1, 2])
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ name: 'DecodeError', code: 'BAD_BYTES', message: 'not 3' })
    expect((error as Error).cause).toBeInstanceOf(RangeError)
  })

  it.each([true, false])('is told to onError and left out (ordered: %s)', async (ordered) => {
    const told: [number, number][] = []
    const results = await all(
      mapThreads<number, number>(createPool(file, 2), range(30), {
        exportName: 'failing',
        ordered,
        onError: (_error, item, index) => told.push([item, index]),
      }),
    )
    expect(results.sort((a, b) => a - b)).toEqual(range(30).filter((n) => n % 3 !== 0))
    expect(told.sort(([a], [b]) => a - b)).toEqual(range(10).map((n) => [n * 3, n * 3]))
  })

  it('because its result cannot be cloned fails alone', async () => {
    const errors: unknown[] = []
    const results = await all(
      mapThreads(createPool(file), [1, 2, 3], { exportName: 'uncloneable', onError: (error) => errors.push(error) }),
    )
    expect(results).toEqual([1, 3])
    expect(errors).toEqual([expect.objectContaining({ name: 'DataCloneError' })])
  })

  it('because it cannot be cloned itself fails alone', async () => {
    const errors: unknown[] = []
    const source = [1, () => {}, 3] as number[]
    const results = await all(mapThreads(createPool(file), source, { onError: (error) => errors.push(error) }))
    expect(results).toEqual([2, 6])
    expect(errors).toEqual([expect.objectContaining({ name: 'DataCloneError' })])
  })

  it('takes a text as its characters, and refuses a source that is no iterable as what it is', async () => {
    expect(await all(mapThreads(createPool(file), 'abc', { exportName: 'list' }))).toEqual(
      [...'abc'].map((c) => [c, c]),
    )
    const map = (source: unknown) => all(mapThreads(createPool(file), source as number[]))
    await expect(map(3)).rejects.toThrow('expected the source to be an iterable, got 3')
    await expect(map(undefined)).rejects.toThrow('expected the source to be an iterable, got undefined')
  })

  it('an error of the source ends the map', async () => {
    function* broken() {
      yield 1
      throw new Error('no more')
    }
    await expect(all(mapThreads(createPool(file), broken()))).rejects.toThrow('no more')
  })
})

describe('a map that is left', () => {
  it.each(['busy', 'waiting'])(
    'stops its threads at their next checkpoint or by their signal (%s)',
    async (exportName) => {
      const words = sharedWords()
      const pool = createPool(file, 1, words)
      const before = await threadOf(pool)
      const controller = new AbortController()
      const results = mapThreads(pool, [1], { exportName, signal: controller.signal })
      const pending = results.next()
      await until(() => words[0] === 1)
      controller.abort(new Error('that is enough'))
      await expect(pending).rejects.toThrow('that is enough')
      expect(await threadOf(pool)).toBe(before)
      expect(words[1]).toBe(1)
      expect(await results.next()).toEqual({ done: true, value: undefined })
    },
  )

  it('by break tells its source, and frees its thread', async () => {
    const pool = createPool(file)
    let closed = false
    function* source() {
      try {
        for (let n = 0; ; n++) yield n
      } finally {
        closed = true
      }
    }
    for await (const n of mapThreads(pool, source())) if (n === 20) break
    expect(closed).toBe(true)
    await threadOf(pool)
  })

  it('before it began takes nothing', async () => {
    let taken = 0
    const source = {
      *[Symbol.iterator]() {
        yield taken++
      },
    }
    const results = mapThreads(createPool(file), source)
    await results.return?.()
    expect(await results.next()).toEqual({ done: true, value: undefined })
    await expect(mapThreads(createPool(file), source, { signal: AbortSignal.abort('no') }).next()).rejects.toBe('no')
    expect(taken).toBe(0)
  })
})

describe('a thread that dies', () => {
  const source = (times: number) => range(40).map((n) => ({ n, times }))

  it.each([true, false])('its items are worked on again, each gives its result once (ordered: %s)', async (ordered) => {
    const words = sharedWords()
    const results = await all(
      mapThreads<object, number>(createPool(file, 2, words), source(2), { exportName: 'deadly', ordered, window: 20 }),
    )
    expect(results.sort((a, b) => a - b)).toEqual(range(40))
    expect(words[0]).toBe(3)
  })

  it('an item that takes down maxDeliveries threads fails alone, with RemoteLost', async () => {
    const words = sharedWords()
    const failed: unknown[] = []
    const results = await all(
      mapThreads<{ n: number }, number>(createPool(file, 2, words), source(1000), {
        exportName: 'deadly',
        window: 20,
        maxDeliveries: 2,
        onError: (error, { n }) => failed.push({ n, code: (error as { code: string }).code }),
      }),
    )
    expect(results).toEqual(range(40).filter((n) => n !== 5))
    expect(failed).toEqual([{ n: 5, code: 'REMOTE_LOST' }])
    expect(words[0]).toBe(2)
  })

  it('with onConsumerLost: fail its item fails at once, the others go on', async () => {
    const words = sharedWords()
    const failed: number[] = []
    const results = await all(
      mapThreads<{ n: number }, number>(createPool(file, 1, words), source(1000), {
        exportName: 'deadly',
        onConsumerLost: 'fail',
        onError: (_error, { n }) => failed.push(n),
      }),
    )
    expect({ failed, count: results.length, seen: words[0] }).toEqual({ failed: [5], count: 39, seen: 1 })
  })

  it('by an uncaught error has that as the cause of its RemoteLost', async () => {
    const pool = createPool(file)
    pool.on('error', () => {})
    const results = mapThreads(pool, [1], { exportName: 'crashing', onConsumerLost: 'fail' })
    const error = await results.next().catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'REMOTE_LOST', cause: { message: 'crashed' } })
  })

  it('by a full heap has that as the cause of its RemoteLost', async () => {
    const pool = createPool(file, 1, undefined, { maxOldGenerationSizeMb: 32 })
    const results = mapThreads(pool, [1], { exportName: 'hungry', onConsumerLost: 'fail' })
    const error = await results.next().catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'REMOTE_LOST', cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' } })
  })

  it('in the middle of a generator repeats none of its results', async () => {
    const words = sharedWords()
    const results = await all(mapThreads(createPool(file, 1, words), [1], { exportName: 'deadlyParts' }))
    expect(results).toEqual(['a', 'b', 'c'])
  })

  it('before it could begin, because the file is missing, ends the map with the reason', async () => {
    const results = mapThreads(createPool(file), [1], { filename: '/nowhere/at-all.mjs' })
    await expect(results.next()).rejects.toThrow(/at-all/)
  })

  it('by the end of the pool rejects', async () => {
    const words = sharedWords()
    const pool = createPool(file, 1, words)
    const pending = mapThreads(pool, [1], { exportName: 'deaf' }).next()
    await until(() => words[0] === 1)
    void pool.destroy()
    await expect(pending).rejects.toThrow()
  })
})

it('the signal of a call is looked after no longer than the call goes on, also of a function that waits for nothing', async () => {
  const timers = await all(mapThreads<number, number>(createPool(file), range(100), { exportName: 'timers' }))
  expect(timers).toEqual(range(100).map(() => timers[0]))
})

it('a function that mapping() did not make, and one that mapping() made called directly, say so', async () => {
  await expect(createPool(file).run(1)).rejects.toThrow(/mapThreads\(pool, source\)/)
  await expect(mapThreads(createPool(file), [1], { exportName: 'whoAmI' }).next()).rejects.toThrow(/mapping\(\)/)
})

it.each([
  [{ concurrency: 0 }, RangeError],
  [{ window: 1.5 }, RangeError],
  [{ maxDeliveries: Number.NaN }, TypeError],
  [{ onError: 'skip' }, TypeError],
  [{ onConsumerLost: 'ignore' }, TypeError],
  [{ threads: 2 }, TypeError],
])('mapThreads() refuses %o', (options, kind) => {
  const map = () => mapThreads(createPool(file), [1], options as object)
  expect(map).toThrow(kind)
  expect(map).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})
