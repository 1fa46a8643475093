import type { Codec } from './codec.js'

/**
 * Holds what `encode` answered against the room that it had. A codec of one's own that answers how many bytes it wrote, or nothing at all,
 * would have other bytes published than it wrote, or none, and the put would seem to have been one.
 *
 * @returns where the item ends; -1 when it does not fit
 * @throws {TypeError} for what is neither
 */
export function endOfEncoded(codec: Pick<Codec<unknown>, 'name'>, end: number, offset: number, limit: number): number {
  if (end < 0) return -1
  if ((end | 0) === end && end >= offset && end <= limit) return end
  throw new TypeError(
    `encode() of codec ${codec.name} answered ${String(end)} where it had room from ${offset} to ${limit}: ` +
      'expected the position behind the last byte written, or -1',
  )
}
