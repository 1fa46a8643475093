/**
 * Bundles: short items of different lengths that share a record. Each is what its codec's `encode` writes, behind one byte that says how
 * many bytes that is:
 *
 *   +---+-------------+---+-------+---+ ...
 *   | n | n bytes     | m | m ... | 0 |          a bundle ends where its record does
 *   +---+-------------+---+-------+---+ ...
 *
 * That byte has its highest bit free, so that texts and what stands before them are characters of one ASCII text: written by one call.
 */

/** Bytes that an item of a bundle takes at most, and with the byte before it. */
export const BUNDLED_BYTES = 0x7f
export const LONGEST_BUNDLED = BUNDLED_BYTES + 1

/** Bytes of a bundle at most: so many that what a record and its publication cost is little beside them, and few enough to start soon. */
export const BUNDLE_BYTES = 2048

/** @returns where the `count`th item from `start` on ends, and the next one begins */
export function endOfBundled(bytes: Uint8Array, start: number, count: number): number {
  let at = start
  for (let i = 0; i < count; i++) at += 1 + bytes[at]
  return at
}

/** How many items lie between `start` and `end`. */
export function countBundled(bytes: Uint8Array, start: number, end: number): number {
  let count = 0
  for (let at = start; at < end; at += 1 + bytes[at]) count++
  return count
}
