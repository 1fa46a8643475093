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
/** The same of a first one. */
const FIRST_BYTES = 512
/** Items that go by themselves after a failure, at first and at most. */
const FIRST_PAUSE = 4
const LONGEST_PAUSE = 1024

/**
 * Says when items are to be tried as a bundle. A codec learns that they cannot be one when it has gone over them, so the more often that
 * happens the fewer are tried, and the more seldom: items of which none can cost next to nothing more.
 */
export class BundleTrials {
  /** Bytes to try. */
  bytes = FIRST_BYTES
  private pause = 0
  private left = 0

  /** Whether the next item goes by itself. */
  skips(): boolean {
    if (this.left === 0) return false
    this.left--
    return true
  }

  note(hasBundled: boolean): void {
    this.bytes = hasBundled ? Math.min(this.bytes * 2, BUNDLE_BYTES) : FIRST_BYTES
    this.pause = hasBundled ? this.pause >> 1 : Math.min(Math.max(this.pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
    if (!hasBundled) this.left = this.pause
  }
}

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
