import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LaneReader } from '../../src/lane-reader.js'
import { HELD_BY_CODE, LaneWriter } from '../../src/lane-writer.js'
import { acceptedWord, FAN_IN, HEADER_BYTES, ITEM, RUN, SLOTS, takenWord } from '../../src/layout.js'
import { acceptedItems, takenItems } from '../../src/lifecycle.js'
import { createHub, createLane } from '../../src/memory.js'

function lane({ capacity = 64, start = 0 } = {}) {
  const hub = createHub({ kind: FAN_IN, homeThread: 0, order: 0, maxItems: 0, epoch: 0 })
  Atomics.store(hub, SLOTS, 1)
  const memory = createLane(hub, { capacity, slot: 0, start })
  return { hub, memory, writer: new LaneWriter(hub, memory), reader: new LaneReader(hub, memory) }
}

function put(writer: LaneWriter, payload: readonly number[]): boolean {
  if (!writer.claim(payload.length)) return false
  writer.bytes.set(payload, writer.head())
  writer.commit(ITEM, payload.length, 0, 1)
  return true
}

function take(reader: LaneReader): number[] | undefined {
  if (!reader.next()) return undefined
  const payload = [...reader.bytes.subarray(reader.start, reader.start + reader.length)]
  reader.finish(1)
  return payload
}

describe('a lane', () => {
  test('shows the reader nothing before it is published, and then all of it', () => {
    const { writer, reader } = lane()
    put(writer, [1, 2, 3])
    put(writer, [4])
    expect(take(reader)).toBeUndefined()
    expect(writer.publish()).toBe(true)
    expect([take(reader), take(reader), take(reader)]).toEqual([[1, 2, 3], [4], undefined])
  })

  test('is full when its bytes are, and has room again only after a release', () => {
    const { writer, reader } = lane({ capacity: 64 })
    for (let i = 0; i < 4; i++) expect(put(writer, [i])).toBe(true)
    expect(put(writer, [9])).toBe(false)
    writer.publish()
    expect(take(reader)).toEqual([0])
    expect(put(writer, [9])).toBe(false)
    reader.release()
    expect(put(writer, [9])).toBe(true)
    expect(put(writer, [9])).toBe(false)
  })

  test('publishes a number together with what was committed before it', () => {
    const { hub, writer, reader } = lane()
    put(writer, [1])
    expect(writer.appendDouble(2.5)).toBe(true)
    expect(take(reader)).toEqual([1])
    expect(reader.next()).toBe(true)
    expect([reader.kind, reader.length, reader.doubles[reader.start / 8]]).toEqual([ITEM, 8, 2.5])
    expect(acceptedItems(hub)).toBe(2)
  })

  test('takes no number where none fits in one piece, and is as it was', () => {
    const { writer, reader } = lane({ capacity: 64, start: 56 })
    expect(writer.appendDouble(1)).toBe(false)
    expect([writer.position, writer.openItems]).toEqual([56, 0])
    const full = lane({ capacity: 64 }).writer
    for (let i = 0; i < 4; i++) expect(full.appendDouble(i)).toBe(true)
    expect(full.appendDouble(4)).toBe(false)
    expect(reader.refresh()).toBe(false)
  })

  test('takes no number while somebody has its head, nor when it is sealed', () => {
    const { hub, writer, reader } = lane()
    writer.held = HELD_BY_CODE
    expect(writer.appendDouble(1)).toBe(false)
    writer.held = 0
    reader.seal()
    expect(writer.appendDouble(1)).toBe(false)
    expect([writer.openItems, acceptedItems(hub)]).toEqual([0, 0])
  })

  test('gives by the short way only a whole item that nobody has begun to take', () => {
    const { writer, reader } = lane()
    expect(reader.takeFresh()).toBe(false)
    writer.appendDouble(1)
    writer.appendDouble(2)
    expect(reader.takeFresh()).toBe(true)
    expect([reader.taken, reader.doubles[reader.start / 8]]).toEqual([1, 1])
    reader.next()
    expect(reader.takeFresh()).toBe(false)
    reader.finish(1)
    writer.commit(RUN, 16, 0, 2)
    writer.publish()
    expect(reader.takeFresh()).toBe(false)
    expect(reader.taken).toBe(2)
  })

  test('a record that does not fit before the ring ends goes to its start', () => {
    const { writer, reader } = lane({ capacity: 64 })
    const short = [1]
    const long = Array.from({ length: 24 }, (_, i) => i)
    for (const payload of [short, long, long, short, long, long]) {
      expect(put(writer, payload)).toBe(true)
      writer.publish()
      expect(take(reader)).toEqual(payload)
      reader.release()
    }
  })

  test('a claim that fails leaves the lane as it was', () => {
    const { writer, reader } = lane({ capacity: 64 })
    put(writer, [1])
    put(writer, Array(24).fill(2))
    writer.publish()
    const before = writer.position
    expect(writer.claim(24)).toBe(false)
    expect(writer.position).toBe(before)
    expect(take(reader)).toEqual([1])
  })

  test('sealed, it refuses what was not published, keeps what was, and counts neither twice', () => {
    const { hub, writer, reader } = lane()
    put(writer, [1])
    writer.publish()
    put(writer, [2])
    reader.seal()
    expect(writer.publish()).toBe(false)
    expect(writer.sealed).toBe(true)
    expect(Atomics.load(hub, acceptedWord(0))).toBe(1)
    expect([take(reader), take(reader)]).toEqual([[1], undefined])
    put(writer, [3])
    expect(writer.publish()).toBe(false)
    expect(take(reader)).toBeUndefined()
  })

  test('counts what was put and what was taken', () => {
    const { hub, writer, reader } = lane()
    put(writer, [1])
    put(writer, [2])
    expect(acceptedItems(hub)).toBe(0)
    writer.publish()
    expect(acceptedItems(hub)).toBe(2)
    take(reader)
    reader.release()
    expect(takenItems(hub)).toBe(1)
    expect(Atomics.load(hub, takenWord(0))).toBe(1)
  })

  test('part of a record can be taken: the rest comes next', () => {
    const { writer, reader } = lane()
    put(writer, [1, 2, 3])
    writer.publish()
    reader.next()
    reader.takeFrom(1, 2)
    expect(reader.unreleased).toBe(0)
    expect(take(reader)).toEqual([3])
    expect(reader.unreleased).toBe(HEADER_BYTES + 8)
  })

  test.each([
    ['2^31', 2 ** 31 - 128],
    ['2^32', -128],
    ['0', 0],
  ])('any sequence of puts and takes is first in, first out across a wrap at %s (T208)', (_, start) => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), length: fc.integer({ min: 0, max: 24 }) }),
      fc.constant({ kind: 'publish' as const }),
      fc.constant({ kind: 'take' as const }),
      fc.constant({ kind: 'release' as const }),
    )
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
        const { writer, reader } = lane({ capacity: 64, start })
        const expected: number[][] = []
        const open: number[][] = []
        let serial = 0
        for (const s of steps) {
          if (s.kind === 'put') {
            serial++
            const payload = Array.from({ length: s.length }, (_, i) => (serial + i) & 255)
            if (put(writer, payload)) open.push(payload)
          } else if (s.kind === 'publish') {
            writer.publish()
            expected.push(...open.splice(0))
          } else if (s.kind === 'take') {
            expect(take(reader)).toEqual(expected.shift())
          } else reader.release()
        }
      }),
    )
  })
})
