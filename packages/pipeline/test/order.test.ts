import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { pipeline } from '../src/index.js'
import { Sequencer } from '../src/sequencer.js'
import { crowd, gate, until } from './waiting.js'

it('a stage works on `concurrency` items at a time and no more', async () => {
  const working = crowd()
  await pipeline(Array.from({ length: 50 }, (_, i) => i))
    .map(
      async () => {
        working.enter()
        await sleep(1)
        working.leave()
      },
      { concurrency: 7 },
    )
    .run()
  expect(working.peak).toBe(7)
})

it('results keep the order of their items although later ones are ready first', async () => {
  const first = gate()
  const order: number[] = []
  const results = pipeline([0, 1, 2, 3])
    .map(
      async (n) => {
        if (n === 0) await first.promise
        order.push(n)
        if (n === 3) first.open()
        return n
      },
      { concurrency: 4 },
    )
    .toArray()
  expect(await results).toEqual([0, 1, 2, 3])
  expect(order).toEqual([1, 2, 3, 0])
})

it('ordered: false hands on results as they are ready', async () => {
  const first = gate()
  const results: number[] = []
  for await (const n of pipeline([0, 1, 2]).map(
    async (n) => {
      if (n === 0) await first.promise
      return n
    },
    { concurrency: 3, ordered: false },
  )) {
    results.push(n)
    if (results.length === 2) first.open()
  }
  expect(results).toEqual([1, 2, 0])
})

it('an item that holds up the order lets only a bounded number of others be started', async () => {
  const first = gate()
  let started = 0
  const all = pipeline(Array.from({ length: 1000 }, (_, i) => i))
    .map(
      async (n) => {
        started++
        if (n === 0) await first.promise
        return n
      },
      { concurrency: 2 },
    )
    .toArray()
  await until(() => started >= 8)
  for (let turn = 0; turn < 20; turn++) await sleep(0)
  expect(started).toBe(8)
  first.open()
  expect(await all).toHaveLength(1000)
})

it('a slow consumer holds back every stage and the source', async () => {
  let taken = 0
  function* endless() {
    for (;;) yield taken++
  }
  const results = pipeline(endless())
    .map((n) => n, { queueSize: 2 })
    .map((n) => n, { queueSize: 2 })
    [Symbol.asyncIterator]()
  await results.next()
  for (let turn = 0; turn < 20; turn++) await sleep(0)
  // Two queues of 2, two items at work, one at the source, 16 results ready, one taken.
  expect(taken).toBeLessThanOrEqual(2 + 2 + 2 + 1 + 16 + 1)
  await results.return?.()
})

it('a pipeline of quick functions over an array lets timers run on time', async () => {
  let ticks = 0
  const timer = setInterval(() => ticks++, 5)
  const startedAt = performance.now()
  await pipeline(Array.from({ length: 100_000 }, (_, i) => i))
    .map((n) => n + 1)
    .run()
  clearInterval(timer)
  expect(ticks).toBeGreaterThan((performance.now() - startedAt) / 50)
})

it('whatever the tasks do, the sequencer hands on all results in order and within its window', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ outputs: fc.nat(40), ticks: fc.nat(5) }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 6 }),
      async (tasks, window, workers) => {
        const handedOn: string[] = []
        let handing = 0
        const sequencer = new Sequencer<string>(
          () => window,
          16,
          async (output) => {
            expect(++handing).toBe(1)
            await null
            handedOn.push(output)
            handing--
          },
        )
        let next = 0
        const completed = new Set<number>()
        const worker = async () => {
          while (next < tasks.length) {
            const place = next++
            await sequencer.start(place)
            const oldest = tasks.findIndex((_, i) => !completed.has(i))
            expect(place - oldest).toBeLessThan(window)
            for (let i = 0; i < tasks[place].outputs; i++) {
              for (let tick = 0; tick < tasks[place].ticks; tick++) await null
              await sequencer.emit(place, `${place}.${i}`)
            }
            completed.add(place)
            await sequencer.complete(place)
          }
        }
        await Promise.all(Array.from({ length: workers }, worker))
        expect(handedOn).toEqual(
          tasks.flatMap(({ outputs }, place) => Array.from({ length: outputs }, (_, i) => `${place}.${i}`)),
        )
      },
    ),
    { numRuns: 200 },
  )
})
