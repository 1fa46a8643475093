import { describe, expect, test } from 'vitest'
import { float64 } from '../../src/index.js'
import { ItemWriter, NO_ROOM, SENT } from '../../src/item-writer.js'
import { LaneReader } from '../../src/lane-reader.js'
import { LaneWriter } from '../../src/lane-writer.js'
import { ABANDON, FAN_IN, HOME_DOORBELL, ITEM, SLOTS } from '../../src/layout.js'
import { createHub, createLane } from '../../src/memory.js'

function numbers() {
  const hub = createHub({ kind: FAN_IN, homeThread: 0, order: 0, maxItems: 0, epoch: 0 })
  Atomics.store(hub, SLOTS, 1)
  const memory = createLane(hub, { capacity: 64, slot: 0, start: 0 })
  const bell = { words: hub, index: HOME_DOORBELL }
  const writer = new ItemWriter<number>(new LaneWriter(hub, memory), float64(), undefined, bell)
  return { writer, reader: new LaneReader(hub, memory) }
}

/** Takes all that is there. @returns the kind of each record */
function kinds(reader: LaneReader): number[] {
  const seen: number[] = []
  while (reader.next()) {
    seen.push(reader.kind)
    reader.finish(reader.kind === ITEM ? 1 : 0)
  }
  reader.release()
  return seen
}

describe('numbers', () => {
  test('come after the word that the long item before them was given up', () => {
    const { writer, reader } = numbers()
    for (let i = 0; i < 4; i++) expect(writer.put(i)).toBe(SENT)
    writer.abandon()
    expect(writer.put(4)).toBe(NO_ROOM)
    expect(kinds(reader)).toEqual([ITEM, ITEM, ITEM, ITEM])
    expect(writer.lane.appendDouble(4)).toBe(false)
    expect(writer.put(4)).toBe(SENT)
    expect(kinds(reader)).toEqual([ABANDON, ITEM])
  })

  test('are refused from the code of a run that is being written: they would lie in its place', () => {
    const { writer, reader } = numbers()
    const items = [1, 2]
    Object.defineProperty(items, 1, {
      get() {
        expect(writer.lane.appendDouble(9)).toBe(false)
        return writer.put(9)
      },
    })
    expect(() => writer.commitRun(items, 0, 2)).toThrow('being put')
    expect(kinds(reader)).toEqual([])
    expect(writer.put(3)).toBe(SENT)
    expect(kinds(reader)).toEqual([ITEM])
  })
})
