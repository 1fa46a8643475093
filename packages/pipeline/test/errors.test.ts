import { expect, it } from 'vitest'
import { failureOf, pipeline, type StageFailure } from '../src/index.js'

const odd = new Error('odd')
const refuseOdd = (n: number) => {
  if (n % 2 === 1) throw odd
  return n
}

it('throw, the default, ends the run with the error of the item, and failureOf tells where it came from', async () => {
  const error = await pipeline([0, 2, 5, 6])
    .map('even', refuseOdd)
    .run()
    .catch((e: unknown) => e)
  expect(error).toBe(odd)
  expect(failureOf(error)).toEqual({ stage: 'even', index: 2, input: 5, error: odd, attempts: 1 })
})

it('skip goes on without the item and counts it', async () => {
  const evens = pipeline([0, 1, 2, 3, 4]).map('even', refuseOdd, { onError: 'skip' })
  expect(await evens.toArray()).toEqual([0, 2, 4])
  expect(evens.stats()).toMatchObject({ state: 'done', failed: 2, stages: [{ in: 5, out: 3, failed: 2 }] })
})

it('collect goes on and reports each failure with stage, index, input, error and attempts', async () => {
  const report = await pipeline([0, 1, 2, 3])
    .map('even', async (n) => refuseOdd(n), { concurrency: 3 })
    .run({ onError: 'collect' })
  expect(report.failures).toEqual([
    { stage: 'even', index: 1, input: 1, error: odd, attempts: 1 },
    { stage: 'even', index: 3, input: 3, error: odd, attempts: 1 },
  ])
  expect(report).toMatchObject({ state: 'done', in: 4, out: 2, failed: 2 })
})

it('a stage of its own policy is not asked what the run does', async () => {
  const report = await pipeline([1, 2])
    .map('first', refuseOdd, { onError: 'skip' })
    .map('second', () => {
      throw odd
    })
    .run({ onError: 'collect' })
  expect(report.failures.map(({ stage, index }) => [stage, index])).toEqual([['second', 1]])
  expect(report.failed).toBe(2)
})

it('a function is told of each failure and decides by its answer', async () => {
  const told: StageFailure[] = []
  const report = await pipeline([1, 2, 3])
    .map('even', refuseOdd, {
      onError: (failure) => {
        told.push(failure)
        return failure.input === 3 ? 'collect' : undefined
      },
    })
    .run()
  expect(told.map(({ input }) => input)).toEqual([1, 3])
  expect(report.failures.map(({ input }) => input)).toEqual([3])
})

it('a policy that throws ends the run with what it threw', async () => {
  const onError = () => {
    throw new Error('enough')
  }
  await expect(pipeline([1]).map(refuseOdd, { onError }).run()).rejects.toThrow('enough')
})

it('an error of the source ends the run', async () => {
  function* broken() {
    yield 1
    throw new Error('no more')
  }
  await expect(
    pipeline(broken())
      .map((n) => n)
      .run({ onError: 'skip' }),
  ).rejects.toThrow('no more')
})

it('an iteration gives the results that were finished before an error, then the error', async () => {
  const results: number[] = []
  const failing = async () => {
    for await (const n of pipeline([0, 2, 3]).map(refuseOdd)) results.push(n)
  }
  await expect(failing()).rejects.toBe(odd)
  expect(results).toEqual([0, 2])
})

it('an error in an item of a generator keeps the results before it and reports one failure', async () => {
  const report = pipeline([1]).flatMap(
    function* () {
      yield 'a'
      throw odd
    },
    { onError: 'skip' },
  )
  expect(await report.toArray()).toEqual(['a'])
  expect(report.stats().failed).toBe(1)
})

it('what is no Error is reported as it was thrown', async () => {
  const report = await pipeline([1])
    .map(() => Promise.reject('just text'))
    .run({ onError: 'collect' })
  expect(report.failures[0].error).toBe('just text')
  expect(failureOf('just text')).toBeUndefined()
})

it('the index is that of the item in the source, through filters, batches and failures', async () => {
  const report = await pipeline([10, 11, 12, 13, 14, 15])
    .filter((n) => n !== 10)
    .map(refuseOdd, { onError: 'skip' })
    .batch({ max: 2 })
    .map('fail', () => {
      throw odd
    })
    .run({ onError: 'collect' })
  expect(report.failures.map(({ index, input }) => [index, input])).toEqual([[2, [12, 14]]])
})

it('a policy that answers what there is not ends the run, and does not skip', async () => {
  const run = pipeline([1])
    .map('odd', refuseOdd)
    .run({ onError: () => 'colect' as 'collect' })
  await expect(run).rejects.toThrow("stage 'odd': onError answers 'throw', 'skip', 'collect' or nothing, got 'colect'")
})
