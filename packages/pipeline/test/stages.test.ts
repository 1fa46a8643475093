import { Queue } from '@millrace/queue'
import { describe, expect, it } from 'vitest'
import { merge, pipeline } from '../src/index.js'

async function* countTo(n: number) {
  for (let i = 1; i <= n; i++) yield i
}

describe('pipeline stages', () => {
  it('map hands on what its function answers, promised or not', async () => {
    const results = await pipeline([1, 2, 3])
      .map('double', (n) => n * 2)
      .map('text', async (n) => `<${n}>`)
      .toArray()
    expect(results).toEqual(['<2>', '<4>', '<6>'])
  })

  it('takes sync iterables, async iterables and queues as its source', async () => {
    const queue = new Queue<number>()
    for (const n of [1, 2, 3]) queue.putNowait(n)
    queue.shutdown()
    for (const source of [[1, 2, 3], new Set([1, 2, 3]), countTo(3), queue]) {
      expect(await pipeline(source).toArray()).toEqual([1, 2, 3])
    }
  })

  it('flatMap hands on each item of an array, an iterable, a generator and an async generator', async () => {
    const results = await pipeline([2])
      .flatMap('array', (n) => [n, n + 1])
      .flatMap('set', (n) => new Set([n, n * 10]))
      .flatMap('generator', function* (n) {
        yield n
        yield -n
      })
      .flatMap('async generator', async function* (n) {
        yield n
      })
      .toArray()
    expect(results).toEqual([2, -2, 20, -20, 3, -3, 30, -30])
  })

  it('a text gives its letters, as the source and as the answer of a flatMap', async () => {
    expect(await pipeline('ab').toArray()).toEqual(['a', 'b'])
    for (const options of [{}, { retry: 2 }]) {
      expect(
        await pipeline(['ab'])
          .flatMap((word) => word + word, options)
          .toArray(),
      ).toEqual(['a', 'b', 'a', 'b'])
    }
  })

  it.each([{}, { retry: { attempts: 2, delay: 0 } }])(
    'flatMap says what it expects of a function that answers nothing (%o)',
    async (options) => {
      const forgotten = () => undefined as unknown as number[]
      await expect(pipeline([1]).flatMap(forgotten, options).run()).rejects.toThrow(
        /flatMap: .* iterable.*, got undefined/,
      )
    },
  )

  it('flatMap pulls a generator only as fast as the next stage takes its items', async () => {
    let pulled = 0
    const endless = pipeline(['go']).flatMap('count', function* () {
      for (;;) yield ++pulled
    })
    for await (const n of endless) if (n === 100) break
    expect(pulled).toBeGreaterThanOrEqual(100)
    expect(pulled).toBeLessThan(150)
  })

  it('filter drops what its function refuses and counts it', async () => {
    const even = pipeline([1, 2, 3, 4]).filter('even', async (n) => n % 2 === 0)
    expect(await even.toArray()).toEqual([2, 4])
    expect(even.stats().stages[0]).toMatchObject({ in: 4, out: 2, dropped: 2, failed: 0 })
  })

  it('tap waits for its function and hands on the item itself', async () => {
    const seen: number[] = []
    const results = await pipeline([1, 2])
      .tap('look', async (n) => {
        seen.push(n)
        return 'not me'
      })
      .toArray()
    expect({ results, seen }).toEqual({ results: [1, 2], seen: [1, 2] })
  })

  it('batch gathers full arrays and hands on the rest at the end', async () => {
    expect(await pipeline([1, 2, 3, 4, 5]).batch({ max: 2 }).toArray()).toEqual([[1, 2], [3, 4], [5]])
  })

  it('batch hands on what it has when the first item has waited for linger', async () => {
    const queue = new Queue<number>()
    queue.putNowait(1)
    queue.putNowait(2)
    const batches = pipeline(queue).batch({ max: 100, linger: 20 })[Symbol.asyncIterator]()
    expect((await batches.next()).value).toEqual([1, 2])
    queue.putNowait(3)
    queue.shutdown()
    expect((await batches.next()).value).toEqual([3])
    expect((await batches.next()).done).toBe(true)
  })

  it('merge lets further sources flow in and ends when all have ended', async () => {
    const results = await pipeline([1, 2])
      .map('negate', (n) => -n)
      .merge(countTo(2), ['a'])
      .map('wrap', (x) => [x])
      .toArray()
    expect(results.flat().map(String).sort()).toEqual(['-1', '-2', '1', '2', 'a'])
  })

  it('one pipeline can be the source of another, alone or merged with others', async () => {
    const tens = pipeline([10, 20]).map((n) => n + 1)
    const ones = pipeline([1, 2]).map((n) => n * 100)
    const all = await pipeline(merge(tens, ones))
      .map((n) => n)
      .toArray()
    expect(all.sort((a, b) => a - b)).toEqual([11, 21, 100, 200])
  })

  it('delivers undefined and null as the items that they are', async () => {
    expect(
      await pipeline([undefined, null, 0])
        .map((x) => x)
        .toArray(),
    ).toEqual([undefined, null, 0])
  })

  it('an empty source runs to an empty end', async () => {
    const report = await pipeline([])
      .map('never', () => 1)
      .run()
    expect(report).toMatchObject({ state: 'done', in: 0, out: 0, failed: 0, failures: [] })
  })

  it('adding a stage leaves the pipeline before it as it was', async () => {
    const base = pipeline([1, 2])
    const doubled = base.map((n) => n * 2)
    expect(await doubled.toArray()).toEqual([2, 4])
    expect(await base.toArray()).toEqual([1, 2])
  })

  it('a pipeline runs once', async () => {
    const once = pipeline([1])
    await once.run()
    await expect(once.run()).rejects.toMatchObject({ code: 'PIPELINE_STARTED' })
    await expect(once.toArray()).rejects.toMatchObject({ code: 'PIPELINE_STARTED' })
  })

  it('a second stage of one name is refused', () => {
    expect(() =>
      pipeline([1])
        .map('a', (n) => n)
        .tap('a', () => {}),
    ).toThrow(expect.objectContaining({ code: 'STAGE_NAME' }))
    expect(() => pipeline([1]).map('source', (n) => n)).toThrow(expect.objectContaining({ code: 'STAGE_NAME' }))
  })

  it.each([
    [{ concurrency: 0 }, RangeError, /concurrency .* got 0/],
    [{ concurrency: 1.5 }, RangeError, /1\.5/],
    [{ queueSize: Number.NaN }, TypeError, /NaN/],
    [{ timeout: -1 }, RangeError, /timeout .* got -1/],
    [{ retry: { attempts: 0 } }, RangeError, /attempts .* got 0/],
    [{ paralel: 2 }, TypeError, /unknown option 'paralel'/],
    [{ onError: 'ignore' }, TypeError, /onError/],
    [{ ordered: 'no' }, TypeError, /ordered .* got no/],
    [{ rate: 10 }, TypeError, /stage 'work': rate: .* got 10/],
    [{ rate: { limit: 10, per: 1000 } }, TypeError, /unknown option 'per'/],
    [{ rate: { limit: 0, interval: 1000 } }, RangeError, /stage 'work': rate: .* got 0/],
    [{ retry: null }, TypeError, /retry: .* got null/],
    [{ retry: { attempts: 2, jitter: 50 } }, TypeError, /jitter .* got 50/],
    [4, TypeError, /stage 'work': .* got 4/],
    [null, TypeError, /stage 'work': .* got null/],
  ])('refuses the options %o with the value and the limit', (options, kind, message) => {
    const build = () => pipeline([1]).map('work', (n) => n, options as object)
    expect(build).toThrow(kind)
    expect(build).toThrow(message)
    expect(build).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('what is no AbortSignal, such as the controller itself, is refused for one', async () => {
    const signal = new AbortController() as unknown as AbortSignal
    const refusal = expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/AbortController/),
    })
    expect(() => pipeline([1], { signal })).toThrow(refusal)
    await expect(pipeline([1]).run({ signal })).rejects.toThrow(refusal)
  })

  it('a batch without options is refused by what it expects', () => {
    const build = () => pipeline([1]).batch(undefined as unknown as { max: number })
    expect(build).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it.each([42, undefined, {}])('refuses %s as a source', (source) => {
    expect(() => pipeline(source as Iterable<number>)).toThrow(TypeError)
  })
})
