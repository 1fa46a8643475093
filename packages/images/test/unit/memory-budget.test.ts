import { expect, test } from 'vitest'
import { MemoryBudget } from '../../src/memory-budget.js'

const never = new AbortController().signal
const settled = async (promise: Promise<void>): Promise<boolean> => {
  let isSettled = false
  promise.then(() => {
    isSettled = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  return isSettled
}

test('what does not fit waits until enough was given back', async () => {
  const budget = new MemoryBudget(10)
  await budget.take(6, never)
  const second = budget.take(6, never)
  expect(await settled(second)).toBe(false)
  budget.give(6)
  await second
})

test('a small picture does not overtake a large one that waits', async () => {
  const budget = new MemoryBudget(10)
  await budget.take(6, never)
  const large = budget.take(9, never)
  const small = budget.take(1, never)
  expect(await settled(small)).toBe(false)
  budget.give(6)
  await large
  await small
})

test('what will never fit is refused at once', async () => {
  await expect(new MemoryBudget(10).take(11, never)).rejects.toThrow('11 bytes exceed the budget of 10')
})

test('an aborted wait takes nothing and lets those behind it go on', async () => {
  const budget = new MemoryBudget(10)
  await budget.take(6, never)
  const abort = new AbortController()
  const large = budget.take(9, abort.signal)
  const small = budget.take(4, never)
  abort.abort(new Error('enough'))
  await expect(large).rejects.toThrow('enough')
  await small
})
