import type { LaneReader } from '../lane-reader.js'
import { HEADER_BYTES, ITEM, KIND_BITS, KIND_MASK, RAW, recordBytes } from '../layout.js'
import { advanceTicket } from '../position.js'

/** No record's header: its kind is none. */
const NO_HEADER = -1
/** Inverts all bits of where an item ends: it was written in place, and no codec knows of it. */
const WRITTEN_IN_PLACE = -1

/** Shows the bytes of an item where they lie in the ring. */
export interface Shower {
  show(start: number, end: number, isRaw: boolean): Uint8Array
}

/**
 * Where the items of a batch lie: numbers rather than views, for a view costs as much as all else that there is to an item, and
 * lives shorter when it is made as its item is read.
 */
export class Spans {
  length = 0
  /** For each item where it begins in the ring and where it ends; of one that does not lie there, `-1 - index` in `own`, and 0. */
  private readonly at: number[] = []
  /** Items that do not lie in the ring in one piece. */
  private readonly own: Uint8Array[] = []

  /** Whether bytes of the ring are among them. */
  get isInRing(): boolean {
    return this.length > this.own.length
  }

  view(index: number, shower: Shower): Uint8Array {
    const start = this.at[2 * index]
    if (start < 0) return this.own[-1 - start]
    const end = this.at[2 * index + 1]
    return end < 0 ? shower.show(start, end ^ WRITTEN_IN_PLACE, true) : shower.show(start, end, false)
  }

  addOwn(bytes: Uint8Array): void {
    this.add(-1 - this.own.length, 0)
    this.own.push(bytes)
  }

  /** Adds `count` items of `size` bytes that lie side by side from `start` on. */
  addRun(start: number, size: number, count: number): void {
    for (let i = 0, from = start; i < count; i++, from += size) this.add(from, from + size)
  }

  /** Adds up to `max` items of a bundle. @returns how many */
  addBundled(bytes: Uint8Array, start: number, end: number, max: number): number {
    let count = 0
    for (let at = start; count < max && at < end; count++) {
      const from = at + 1
      at = from + bytes[at]
      this.add(from, at)
    }
    return count
  }

  private add(start: number, end: number): void {
    this.at[2 * this.length] = start
    this.at[2 * this.length + 1] = end
    this.length++
  }

  /**
   * Takes the records that come next in the lane and are one item each, in one piece: up to `max` of them, as many as are known to be
   * there before the ring's end and fit into `maxBytes`; the first of a batch fits in any case. `next()` must have found one.
   *
   * Only their headers are read, and while they are alike it is known where the next one is before this one has come: so the lines of
   * the ring that the other core still holds come side by side.
   *
   * @param isInOrder - only as long as their tickets follow each other
   */
  addRecords(lane: LaneReader, max: number, maxBytes: number, isInOrder: boolean): void {
    const { words, capacity } = lane
    const { at } = this
    const first = lane.position & (capacity - 1)
    const end = first + Math.min(lane.depth, capacity - first)
    const ticket = words[(first >> 2) + 1]
    let header = NO_HEADER
    let length = 0
    let bytes = 0
    let mark = 0
    let count = 0
    let index = first
    for (let to = 2 * this.length; count < max && index < end; to += 2) {
      const word = words[index >> 2]
      if (word !== header) {
        const kind = word & KIND_MASK
        if (kind !== ITEM && kind !== RAW) break
        header = word
        length = word >>> KIND_BITS
        bytes = recordBytes(length)
        mark = kind === RAW ? WRITTEN_IN_PLACE : 0
      }
      if (index + bytes - first > maxBytes && count + this.length > 0) break
      if (isInOrder && words[(index >> 2) + 1] !== advanceTicket(ticket, count)) break
      const start = index + HEADER_BYTES
      at[to] = start
      at[to + 1] = (start + length) ^ mark
      index += bytes
      count++
    }
    if (count === 0) return
    this.length += count
    lane.takePeeked(count, index - first)
  }
}
