import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { pipeline } from '../src/index.js'
import { until } from './waiting.js'

const module = (name: string) => new URL(`./fixtures/${name}`, import.meta.url)
const range = (n: number) => Array.from({ length: n }, (_, i) => i)

interface Mood {
  readonly do: string
  readonly n: number
  readonly file?: string
  readonly times?: number
}
type Outcome = { n: number; threadId: number }

/** A file in which threads count, and how far they have counted. */
function counter(): { file: string; readonly count: number } {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-count-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'count')
  return {
    file,
    get count() {
      try {
        return Number(readFileSync(file, 'utf8'))
      } catch {
        return 0
      }
    },
  }
}

describe('mapThreads', () => {
  it('runs the default export of an ordinary module in threads, in order', async () => {
    const results = await pipeline(range(500))
      .mapThreads<number>('double', module('double.mjs'), { threads: 2 })
      .toArray()
    expect(results).toEqual(range(500).map((n) => n * 2))
  })

  it.each([
    ['half.cjs', 2],
    ['compiled.cjs', -4],
  ])('loads CommonJS, plain and compiled (%s)', async (name, expected) => {
    expect(await pipeline([4]).mapThreads('convert', module(name), { threads: 1 }).toArray()).toEqual([expected])
  })

  it('takes the module as a path and as a text', async () => {
    for (const url of [fileURLToPath(module('double.mjs')), module('double.mjs').href]) {
      expect(await pipeline([4]).mapThreads('double', url, { threads: 1 }).toArray()).toEqual([8])
    }
    expect(() => pipeline([4]).mapThreads('double', './double.mjs')).toThrow(/import\.meta\.url/)
  })

  it('stands between stages of the event loop', async () => {
    const results = await pipeline(range(20))
      .map('text', (n) => n + 1)
      .mapThreads<number>('double', module('double.mjs'), { threads: 2, ordered: false })
      .filter('large', (n) => n > 20)
      .batch({ max: 3 })
      .toArray()
    expect(results.flat().sort((a, b) => a - b)).toEqual(range(10).map((n) => (n + 11) * 2))
  })

  it('works in as many threads as asked for', async () => {
    const endless = (function* (): Generator<Mood> {
      for (let n = 0; ; n++) yield { do: 'work', n }
    })()
    const seen = new Set<number>()
    let after = 0
    for await (const { threadId } of pipeline(endless).mapThreads<Outcome>('moody', module('moody.mjs'), {
      threads: 3,
    })) {
      seen.add(threadId)
      if (seen.size >= 3 && ++after === 100) break
    }
    expect(seen.size).toBe(3)
  })

  it('an empty source starts no thread', async () => {
    const report = await pipeline([]).mapThreads('double', module('double.mjs')).run()
    expect(report).toMatchObject({ state: 'done', in: 0, out: 0 })
  })

  it.each([
    ['more of them while they are quick', {}, (most: number) => most > 4],
    ['as many as it was told to', { prefetch: 2 }, (most: number) => most <= 4],
  ])('has two items in hand for each thread, and %s', async (_, options, holds) => {
    const run = pipeline(range(4000)).mapThreads<number>('double', module('double.mjs'), { threads: 2, ...options })
    let most = 0
    for await (const _result of run) most = Math.max(most, run.stats().stages[0].active)
    expect(most).toSatisfy(holds)
  })

  it('stats tell of its threads: their number, service times, and that it is the bottleneck', async () => {
    const items: Mood[] = range(40).map(() => ({ do: 'wait', n: 10 }))
    const report = await pipeline(items)
      .map('quick', (item) => item)
      .mapThreads('moody', module('moody.mjs'), { threads: 2 })
      .map('last', (item) => item)
      .run()
    const [, moody] = report.stages
    expect(moody).toMatchObject({ name: 'moody', kind: 'mapThreads', in: 40, out: 40, failed: 0, active: 0 })
    expect(moody.service.p50).toBeGreaterThan(8)
    expect(moody.service.p50).toBeLessThan(20)
    expect(report.bottleneck).toBe('moody')
    expect(report.advice).toContain('threads')
  })
})

describe('generators in mapThreads', () => {
  it('give several results for an item, in the order of their items', async () => {
    const words = ['one', 'two', '', 'three']
    const results = await pipeline(words).mapThreads<string>('letters', module('letters.mjs'), { threads: 2 }).toArray()
    expect(results.join('')).toBe('onetwothree')
  })

  it('may be async, of different lengths, with more results than any buffer holds', async () => {
    const lengths = [300, 1, 0, 200, 5]
    const results = await pipeline(lengths)
      .mapThreads<number>('numbers', module('numbers-later.mjs'), { threads: 3 })
      .map((n) => n, { queueSize: 1 })
      .toArray()
    expect(results).toEqual(lengths.flatMap(range))
  })

  it('that throw half-way keep the results before it, without retries', async () => {
    const words = pipeline(['ab!c', 'de']).mapThreads<string>('letters', module('letters.mjs'), {
      threads: 1,
      onError: 'collect',
    })
    expect(await words.toArray()).toEqual(['a', 'b', 'd', 'e'])
    expect(words.stats().failed).toBe(1)
  })

  it('leave no result of a failed attempt with retries', async () => {
    const words = pipeline(['ab!c', 'de']).mapThreads<string>('letters', module('letters.mjs'), {
      threads: 1,
      retry: { attempts: 2, delay: 0 },
      onError: 'skip',
    })
    expect(await words.toArray()).toEqual(['d', 'e'])
    expect(words.stats().stages[0].retried).toBe(1)
  })
})

describe('what fails in a thread', () => {
  it('is a failure like any other, with class, code and input', async () => {
    const { file } = counter()
    const bad = { do: 'fail', n: 2, file, times: 100 }
    const report = await pipeline<Mood>([{ do: 'work', n: 1 }, bad, { do: 'work', n: 3 }])
      .mapThreads('moody', module('moody.mjs'), { threads: 2 })
      .run({ onError: 'collect' })
    const [failure] = report.failures
    expect(failure).toMatchObject({ stage: 'moody', index: 1, input: bad, attempts: 1 })
    expect(failure.error).toBeInstanceOf(TypeError)
    expect(failure.error).toMatchObject({ code: 'MOOD', message: 'no 2' })
    expect(report).toMatchObject({ out: 2, failed: 1 })
  })

  it('is tried again', async () => {
    const { file } = counter()
    const results = await pipeline<Mood>([{ do: 'fail', n: 7, file, times: 2 }])
      .mapThreads<Outcome>('moody', module('moody.mjs'), { threads: 2, retry: { attempts: 3, delay: 1 } })
      .toArray()
    expect(results.map(({ n }) => n)).toEqual([7])
  })

  it('by killing its thread is worked on again by another one', async () => {
    const counted = counter()
    const items = range(20).map((n) => (n === 5 ? { do: 'die', n, file: counted.file, times: 2 } : { do: 'work', n }))
    const results = await pipeline<Mood>(items)
      .mapThreads<Outcome>('moody', module('moody.mjs'), { threads: 2 })
      .toArray()
    expect(results.map(({ n }) => n)).toEqual(range(20))
    expect(counted.count).toBe(3)
  })

  it('by killing maxDeliveries threads is RemoteLost, and the others go on', async () => {
    const counted = counter()
    const items = range(20).map((n) => (n === 5 ? { do: 'die', n, file: counted.file, times: 100 } : { do: 'work', n }))
    const report = await pipeline<Mood>(items)
      .mapThreads('moody', module('moody.mjs'), { threads: 2, maxDeliveries: 2 })
      .run({ onError: 'collect' })
    expect(report.failures.map(({ index, error }) => [index, (error as { code: string }).code])).toEqual([
      [5, 'REMOTE_LOST'],
    ])
    expect(report.out).toBe(19)
    expect(counted.count).toBe(2)
  })

  it('by taking too long sees its signal, or is terminated and replaced when it hangs', async () => {
    const counted = counter()
    const items = [
      { do: 'wait for ever', n: 1, file: counted.file },
      { do: 'compute for ever', n: 2, file: counted.file },
      { do: 'hang', n: 3 },
      { do: 'work', n: 4 },
    ]
    const report = await pipeline<Mood>(items)
      .mapThreads('moody', module('moody.mjs'), { threads: 1, timeout: 100, concurrency: 1 })
      .run({ onError: 'collect' })
    expect(report.failures.map(({ index, error }) => [index, (error as { code: string }).code])).toEqual([
      [0, 'STAGE_TIMEOUT'],
      [1, 'STAGE_TIMEOUT'],
      [2, 'STAGE_TIMEOUT'],
    ])
    expect(report.out + report.failed).toBe(4)
    expect(counted.count).toBe(4)
  })

  it.each([
    ['broken.mjs', 'broken at load'],
    ['no-function.mjs', 'not a function'],
    ['missing.mjs', 'missing.mjs'],
  ])('because its module is unusable ends the run, whatever the policy (%s)', async (name, message) => {
    const run = pipeline([1, 2, 3]).mapThreads('work', module(name), { threads: 2 }).run({ onError: 'collect' })
    await expect(run).rejects.toThrow(message)
  })
})

describe('stopping a pipeline stops its threads', () => {
  it.each(['wait for ever', 'compute for ever'])('by signal and checkpoint (%s)', async (what) => {
    const counted = counter()
    const controller = new AbortController()
    const work = pipeline<Mood>([{ do: what, n: 1, file: counted.file }]).mapThreads('moody', module('moody.mjs'), {
      threads: 1,
    })
    const run = work.run({ signal: controller.signal, grace: 20_000 })
    await until(() => counted.count === 1)
    controller.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
    expect(counted.count).toBe(2)
  })

  it('also one that hangs, after the grace', async () => {
    const work = pipeline<Mood>([{ do: 'hang', n: 1 }]).mapThreads('moody', module('moody.mjs'), { threads: 1 })
    const run = work.run({ grace: 50 })
    await until(() => work.stats().stages[0].active === 1)
    setTimeout(() => void work[Symbol.asyncDispose](), 200)
    expect((await run).state).toBe('stopped')
  })

  it('by break', async () => {
    const endless = pipeline(
      (function* () {
        for (let n = 0; ; n++) yield n
      })(),
    )
    for await (const n of endless.mapThreads<number>('double', module('double.mjs'), { threads: 2 }))
      if (n === 100) break
  })
})

it.each([
  [{ threads: 0 }, /threads .* got 0/],
  [{ prefetch: 0 }, /prefetch .* got 0/],
  [{ maxDeliveries: 1.5 }, /1\.5/],
  [{ workers: 3 }, /unknown option 'workers'/],
])('mapThreads refuses %o', (options, message) => {
  expect(() => pipeline([1]).mapThreads('double', module('double.mjs'), options as object)).toThrow(message)
})
