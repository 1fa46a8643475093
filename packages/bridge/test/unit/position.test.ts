import fc from 'fast-check'
import { expect, test } from 'vitest'
import { advance, advanceTicket, alignUp, distance, ticketDistance } from '../../src/position.js'

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })

test('a position moved on by an amount is that far ahead, across every wrap (T208)', () => {
  fc.assert(
    fc.property(int32, fc.integer({ min: 0, max: 2 ** 30 }), (from, amount) => {
      expect(distance(advance(from, amount), from)).toBe(amount)
      expect(distance(from, advance(from, amount))).toBe(-amount | 0)
    }),
  )
})

test('a ticket moved on by an amount is that far ahead and never negative (T208)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 2 ** 30 - 1 }), (from, amount) => {
      const to = advanceTicket(from, amount)
      expect(to).toBeGreaterThanOrEqual(0)
      expect(ticketDistance(to, from)).toBe(amount)
      expect(ticketDistance(from, to)).toBe(-amount | 0)
    }),
  )
})

test('alignUp() gives the next multiple of 8', () => {
  expect([0, 1, 7, 8, 9, 2 ** 29].map(alignUp)).toEqual([0, 8, 8, 8, 16, 2 ** 29])
})
