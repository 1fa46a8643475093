import type { Cutter } from './codec.js'
import type { LaneReader } from './lane-reader.js'
import { HEADER_BYTES, ITEM, KIND_BITS, KIND_MASK, recordBytes } from './layout.js'

/** Bytes of the ring that are copied at once, for items to be cut from. */
const BLOCK_BYTES = 16 * 1024

/**
 * Copies the records that come next, about `max` of the size of the first, and cuts items from the copy, as long as they are such items
 * and lie within `maxBytes`, but for the first: that is one, and the lane has stepped onto it or peeked at it. It takes nothing.
 *
 * @returns bytes of the ring that those take: one record at least
 */
export function cutRecords<T>(
  lane: LaneReader,
  cutter: Cutter<T>,
  into: T[],
  max: number,
  maxBytes = BLOCK_BYTES,
): number {
  const index = lane.start - HEADER_BYTES
  const first = recordBytes(lane.length)
  const most = Math.max(first, Math.min(BLOCK_BYTES, lane.capacity / 4, maxBytes))
  const bytes = Math.min(max * first, most, lane.depth, lane.capacity - index)
  const start = cutter.copy(lane.bytes, index, index + bytes)
  const end = start + bytes
  let at = start
  for (let count = 0; count < max && at < end; count++) {
    const header = cutter.word(at)
    const length = header >>> KIND_BITS
    const next = at + recordBytes(length)
    if ((header & KIND_MASK) !== ITEM || next > end || !cutter.accepts(length)) break
    into[into.length] = cutter.cut(at + HEADER_BYTES, length)
    at = next
  }
  cutter.keep(at)
  return at - start
}
