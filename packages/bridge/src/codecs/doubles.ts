import { memoryOf } from './memory.js'

/**
 * Runs of doubles, as float64() and auto() lay them side by side: little-endian, as the numeric views of every machine of today are.
 *
 * @returns the index of the first item that is no number, where it stopped; `to` when all of them are
 */
export function writeDoubles(
  items: ArrayLike<unknown>,
  from: number,
  to: number,
  target: Uint8Array,
  offset: number,
): number {
  const memory = memoryOf(target)
  if (memory.isAligned && (offset & 7) === 0) {
    const doubles = memory.float64
    if (items instanceof Float64Array) {
      doubles.set(items.subarray(from, to), offset >>> 3)
      return to
    }
    for (let i = from, at = offset >>> 3; i < to; i++, at++) {
      const item = items[i]
      if (typeof item !== 'number') return i
      doubles[at] = item
    }
    return to
  }
  for (let i = from, at = offset; i < to; i++, at += 8) {
    const item = items[i]
    if (typeof item !== 'number') return i
    memory.data.setFloat64(at, item, true)
  }
  return to
}

export function readDoubles(source: Uint8Array, start: number, count: number, into: number[], at: number): void {
  const memory = memoryOf(source)
  if (memory.isAligned && (start & 7) === 0) {
    const doubles = memory.float64
    for (let i = 0, from = start >>> 3; i < count; i++, from++) into[at + i] = doubles[from]
    return
  }
  for (let i = 0, from = start; i < count; i++, from += 8) into[at + i] = memory.data.getFloat64(from, true)
}
