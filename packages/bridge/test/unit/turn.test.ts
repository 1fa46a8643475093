import { expect, onTestFinished, test, vi } from 'vitest'
import { turn } from '../../src/turn.js'

test('a batch spends as much of the loop as its items: the clock is read after it', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000)
  onTestFinished(() => clock.mockRestore())
  const taker = { isInTurn: false, onTurn() {} }
  expect(turn.isSpent(1, taker, 1)).toBe(false)
  clock.mockReturnValue(1000.01)
  // The items take next to no time, so the clock is read as seldom as ever; it has just been.
  for (const reads = clock.mock.calls.length + 1; clock.mock.calls.length <= reads; ) turn.isSpent(1, taker, 1)
  clock.mockReturnValue(1002)
  expect(turn.isSpent(1, taker, 1)).toBe(false)
  turn.spend(4096)
  expect(turn.isSpent(1, taker, 1)).toBe(true)
})

test('a budget without an end has the clock read as seldom as any', async () => {
  // The stretch of whatever came before has ended by then.
  await new Promise<void>((resolve) => setImmediate(resolve))
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000)
  onTestFinished(() => clock.mockRestore())
  const taker = { isInTurn: false, onTurn() {} }
  turn.spend(turn.affordable(taker, Number.POSITIVE_INFINITY))
  clock.mockReturnValue(1000.01)
  expect(turn.affordable(taker, Number.POSITIVE_INFINITY)).toBe(32)
})
