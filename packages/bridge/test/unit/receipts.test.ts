import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Receipts } from '../../src/fan-out/receipts.js'
import { ACKNOWLEDGED, FAN_OUT, LANE_CONTROL_WORDS, ORDER_PRODUCER, READ_POSITION } from '../../src/layout.js'
import { createHub, createLane } from '../../src/memory.js'

function fresh(): { made: Receipts; control: Int32Array } {
  const hub = createHub({ kind: FAN_OUT, homeThread: 0, order: ORDER_PRODUCER, maxItems: 0, epoch: 0 })
  const control = new Int32Array(createLane(hub, { capacity: 2 ** 20, slot: 1 }), 0, LANE_CONTROL_WORDS)
  return { made: new Receipts(hub, control, 1), control }
}

function receipts(taken: number): { receipts: Receipts; acknowledged: () => number } {
  const { made, control } = fresh()
  made.claim(taken)
  for (let i = 1; i <= taken; i++) made.note(8 * i, 1)
  return { receipts: made, acknowledged: () => control[ACKNOWLEDGED] }
}

test('items settled from the last to the first are acknowledged with the first', () => {
  const { receipts: made, acknowledged } = receipts(2000)
  for (let item = 2000; item > 1; item--) expect(made.settle(item, item)).toBe(0)
  expect(acknowledged()).toBe(0)
  expect(made.settle(1, 1)).toBe(2000)
  expect(acknowledged()).toBe(2000)
})

test('what is settled behind an item that is acknowledged otherwise is acknowledged with it', () => {
  const { receipts: made, acknowledged } = receipts(6)
  made.settle(3, 4)
  made.settle(6, 6)
  expect(made.acknowledge(1)).toBe(1)
  expect(made.acknowledge(2)).toBe(3)
  expect(acknowledged()).toBe(4)
  expect(made.settle(5, 5)).toBe(2)
})

test('an item that is acknowledged gives back no space again, however much was taken after it', () => {
  const { made, control } = fresh()
  made.claim(10)
  let position = 0
  for (let item = 1; item <= 10; item++) {
    // Long ones, whose fragments are given back as they are read: together more than there are positions.
    for (let fragment = 0; fragment < 1000; fragment++) {
      position = (position + 2 ** 20) | 0
      made.release(position)
    }
    made.note(position, 1)
  }
  for (let item = 1; item <= 10; item++) {
    made.acknowledge(item)
    expect(control[READ_POSITION]).toBe(position)
  }
})

test('in whatever order batches are settled and the oldest acknowledged, those up to the first open one are', () => {
  const step = fc.record({ length: fc.integer({ min: 1, max: 4 }), order: fc.nat(), isOldest: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const count = steps.reduce((sum, { length }) => sum + length, 0)
      const { receipts: made, acknowledged } = receipts(count)
      let next = 1
      const batches = steps.map(({ length, order, isOldest }) => {
        next += length
        return { from: next - length, to: next - 1, order, isOldest }
      })
      const isSettled = new Array<boolean>(count + 1).fill(false)
      const prefix = () => {
        let end = 0
        while (end < count && isSettled[end + 1]) end++
        return end
      }
      for (const { from, to, isOldest } of [...batches].sort((a, b) => a.order - b.order)) {
        if (isOldest && prefix() < count) {
          isSettled[prefix() + 1] = true
          made.acknowledge(acknowledged() + 1)
          expect(acknowledged()).toBe(prefix())
        }
        isSettled.fill(true, from, to + 1)
        made.settle(from, to)
        expect(acknowledged()).toBe(prefix())
      }
      expect(acknowledged()).toBe(count)
      // Nothing is left of those that were settled early.
      expect((made as unknown as { settled: { size: number } }).settled.size).toBe(0)
    }),
  )
})
