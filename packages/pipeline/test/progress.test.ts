import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type PipelineStats, pipeline } from '../src/index.js'
import { Meter } from '../src/meter.js'
import { gate, until } from './waiting.js'

function* forever() {
  for (let i = 0; ; i++) yield i
}

it('stats count what went in and out of each stage, at work and waiting', async () => {
  const held = gate()
  let working = 0
  const slow = pipeline(forever()).map(
    'hold',
    async () => {
      working++
      await held.promise
    },
    { concurrency: 3, queueSize: 5 },
  )
  const run = slow.run().catch(() => {})
  await until(() => working === 3 && slow.stats().stages[0].queued === 5)
  expect(slow.stats()).toMatchObject({
    state: 'running',
    stages: [{ name: 'hold', kind: 'map', in: 3, out: 0, active: 3, queued: 5, queueSize: 5, failed: 0 }],
  })
  held.open()
  await slow[Symbol.asyncDispose]()
  await run
  expect(slow.stats()).toMatchObject({ state: 'stopped', stages: [{ active: 0, queued: 0 }] })
})

it('stats are plain JSON, before, during and after a run', async () => {
  const quick = pipeline([1, 2, 3]).map('quick', (n) => n)
  expect(quick.stats()).toMatchObject({ state: 'ready', bottleneck: null, stages: [] })
  const report = await quick.run()
  expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  expect(report.stages[0].itemsPerSecond).toBeGreaterThan(0)
})

it('service and wait times are percentiles in ms', async () => {
  const report = await pipeline(Array.from({ length: 20 }, (_, i) => i))
    .map('sleep', () => sleep(10), { concurrency: 2 })
    .run()
  const { service, wait } = report.stages[0]
  expect(service.p50).toBeGreaterThan(8)
  expect(service.p50).toBeLessThanOrEqual(service.p99)
  expect(service.p99).toBeLessThanOrEqual(service.max)
  expect(wait.max).toBeGreaterThan(service.p50)
})

it('the time that a stage waits for the next one counts neither as service nor as utilisation', async () => {
  const report = await pipeline(Array.from({ length: 40 }, (_, i) => i))
    .map('quick', (n) => n, { queueSize: 1 })
    .map('slow', () => sleep(5), { queueSize: 1 })
    .run()
  const [quick, slow] = report.stages
  expect(quick.service.p90).toBeLessThan(slow.service.p50)
  expect(quick.utilisation).toBeLessThan(0.5)
  expect(slow.utilisation).toBeGreaterThan(0.7)
})

it.each([0, 1, 2])('the advisor names the planted slow stage %i within 2 s', async (planted) => {
  const work = (stage: number) => () => sleep(stage === planted ? 20 : 2)
  const endless = pipeline(forever())
    .tap('first', work(0), { concurrency: 2 })
    .tap('second', work(1), { concurrency: 2 })
    .tap('third', work(2), { concurrency: 2 })
  const named: (string | null)[] = []
  endless.on('progress', ({ bottleneck }) => named.push(bottleneck))
  const run = endless.run({ progressInterval: 100, signal: AbortSignal.timeout(1000) })
  await expect(run).rejects.toMatchObject({ name: 'TimeoutError' })
  expect(named.slice(-3)).toEqual(Array(3).fill(['first', 'second', 'third'][planted]))
})

it('the advisor names a new bottleneck within 2 s of its appearance', async () => {
  let slow = 0
  const endless = pipeline(forever())
    .tap('a', () => sleep(slow === 0 ? 10 : 1))
    .tap('b', () => sleep(slow === 1 ? 10 : 1))
  const run = endless.run({ progressInterval: 50, signal: AbortSignal.timeout(5000) })
  await until(() => endless.stats().bottleneck === 'a')
  slow = 1
  const changedAt = performance.now()
  await until(() => endless.stats().bottleneck === 'b')
  expect(performance.now() - changedAt).toBeLessThan(2000)
  await endless[Symbol.asyncDispose]()
  await run
})

it('a slow source and a slow consumer are named as what they are', async () => {
  async function* trickle() {
    for (let i = 0; i < 30; i++) {
      await sleep(5)
      yield i
    }
  }
  const starved = await pipeline(trickle())
    .map('idle', (n) => n)
    .run()
  expect(starved.bottleneck).toBe('source')
  const blocked = pipeline(Array.from({ length: 60 }, (_, i) => i)).map('quick', (n) => n, { queueSize: 1 })
  for await (const _ of blocked) await sleep(5)
  expect(blocked.stats().bottleneck).toBe('consumer')
})

it('the advice says that a rate limit is the reason', async () => {
  const limited = await pipeline([1, 2, 3, 4, 5, 6])
    .map('polite', (n) => n, { rate: { limit: 1, interval: 10, burst: 1 } })
    .run()
  expect(limited.bottleneck).toBe('polite')
  expect(limited.advice).toContain('rate')
})

it('progress is told while a run goes on and once at its end, to onProgress and to listeners alike', async () => {
  const events: PipelineStats[] = []
  const calls: PipelineStats[] = []
  const work = pipeline(Array.from({ length: 10 }, (_, i) => i)).tap('sleep', () => sleep(10))
  work.on('progress', (stats) => events.push(stats))
  const report = await work.run({ progressInterval: 20, onProgress: (stats) => calls.push(stats) })
  expect(events.length).toBeGreaterThan(2)
  expect(calls).toEqual(events)
  expect(events[0].state).toBe('running')
  expect(events.at(-1)).toMatchObject({ state: 'done', out: 10 })
  expect(report).toMatchObject(events.at(-1)!)
})

it('an onProgress that throws ends the run with its error', async () => {
  const run = pipeline(forever())
    .tap(() => sleep(1))
    .run({
      progressInterval: 5,
      onProgress: () => {
        throw new Error('no display')
      },
    })
  await expect(run).rejects.toThrow('no display')
})

it('a meter forgets what is older than its window and reports the whole run after its end', () => {
  const meter = new Meter(2, 0)
  meter.enter(0)
  for (let at = 250; at <= 10_000; at += 250) {
    if (at === 5000) meter.leave(at)
    meter.sample(at)
  }
  expect(meter.pace(10_000).utilisation).toBe(0)
  meter.end(10_000)
  expect(meter.pace(20_000).utilisation).toBeCloseTo(0.25)
})
