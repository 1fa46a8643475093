import { ItemTooLarge } from '../errors.js'
import type { Parcel } from '../parcel.js'

/** Space to reserve: for one item at least, for `count` at most, side by side. */
export interface Space {
  readonly byteLength: number
  readonly count: number
}

export function isSpace(parcel: Parcel | Space): parcel is Space {
  return 'count' in parcel
}

/**
 * @param longest - bytes that one record can have
 * @throws {RangeError} for what is no length or no count @throws {ItemTooLarge} beyond what can lie in one piece
 */
export function assertSpace(
  byteLength: number,
  count: number,
  longest: number,
  operation: string,
  end: { readonly name: string | undefined; label(): string },
): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`expected ${operation} to get a number of items of at least 1, got ${String(count)}`)
  }
  if (!Number.isInteger(byteLength) || byteLength < 0) {
    throw new RangeError(`expected ${operation} to get a whole number of bytes, got ${String(byteLength)}`)
  }
  if (byteLength > longest) {
    throw new ItemTooLarge(
      `${operation} on ${end.label()}: ${byteLength} bytes do not lie in one piece, a record has ${longest} at most: ` +
        'give the queue a larger capacityBytes, or put() the item',
      end.name,
    )
  }
}
