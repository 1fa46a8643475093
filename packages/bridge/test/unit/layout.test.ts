import { expect, test } from 'vitest'
import * as layout from '../../src/layout.js'

const writersOfHub = {
  constants: layout.MAGIC,
  state: layout.STATE,
  homeDoorbell: layout.HOME_DOORBELL,
  done: layout.DONE,
  joins: layout.JOINS,
  home: layout.DROPPED,
  tickets: layout.NEXT_TICKET,
  writerOf0: layout.acceptedWord(0),
  readerOf0: layout.takenWord(0),
  writerOf1: layout.acceptedWord(1),
  readerOf1: layout.takenWord(1),
}
const writersOfLane = {
  constants: layout.MAGIC,
  writingEnd: layout.WRITE_POSITION,
  readingEnd: layout.READ_POSITION,
  remoteDoorbell: layout.DOORBELL,
  opener: layout.OWNER,
  closer: layout.CLOSED,
  remoteStats: layout.PARKED_SINCE,
  ring: layout.LANE_CONTROL_WORDS,
}

test.each([
  ['hub', writersOfHub],
  ['lane', writersOfLane],
])('words of a %s that different ends write are at least 128 bytes apart', (_, words) => {
  const sorted = Object.values(words).sort((a, b) => a - b)
  for (let i = 1; i < sorted.length; i++) expect((sorted[i] - sorted[i - 1]) * 4).toBeGreaterThanOrEqual(128)
})

test('the memory map is the one that version 2 of the layout promises to handles', () => {
  expect({
    ...writersOfHub,
    limit: layout.TICKET_LIMIT,
    slots: layout.SLOTS,
    claim: layout.claimWord(0),
  }).toMatchInlineSnapshot(`
    {
      "claim": 257,
      "constants": 0,
      "done": 96,
      "home": 160,
      "homeDoorbell": 64,
      "joins": 128,
      "limit": 162,
      "readerOf0": 288,
      "readerOf1": 352,
      "slots": 161,
      "state": 32,
      "tickets": 192,
      "writerOf0": 256,
      "writerOf1": 320,
    }
  `)
  expect(writersOfLane).toMatchInlineSnapshot(`
    {
      "closer": 160,
      "constants": 0,
      "opener": 128,
      "readingEnd": 64,
      "remoteDoorbell": 96,
      "remoteStats": 192,
      "ring": 256,
      "writingEnd": 32,
    }
  `)
  expect(layout.RING_OFFSET % 8).toBe(0)
  expect(Atomics.isLockFree(Int32Array.BYTES_PER_ELEMENT)).toBe(true)
})

test('a hub has room for the words of its last slot', () => {
  expect(layout.hubBytes(layout.MAX_SLOTS)).toBeGreaterThan(layout.takenWord(layout.MAX_SLOTS - 1) * 4)
})

test('a record of the longest payload fits twice, and its header can say its length', () => {
  for (const capacity of [layout.MIN_CAPACITY, 4096, 2 ** 20, layout.MAX_CAPACITY]) {
    const longest = layout.maxPayload(capacity)
    expect(layout.recordBytes(longest) * 2).toBeLessThanOrEqual(capacity)
    const header = (longest << layout.KIND_BITS) | layout.TRANSFER
    expect(header >>> layout.KIND_BITS).toBe(longest)
    expect(header & layout.KIND_MASK).toBe(layout.TRANSFER)
  }
})
