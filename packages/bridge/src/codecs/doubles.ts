import { memoryOf } from './memory.js'

/** Runs of doubles, as float64() and auto() lay them side by side: little-endian, as the numeric views of every machine of today are. */
export function writeDoubles(
  items: ArrayLike<number>,
  from: number,
  to: number,
  target: Uint8Array,
  offset: number,
): void {
  const memory = memoryOf(target)
  if (memory.isAligned && (offset & 7) === 0) {
    const doubles = memory.float64
    for (let i = from, at = offset >>> 3; i < to; i++, at++) doubles[at] = items[i]
    return
  }
  for (let i = from, at = offset; i < to; i++, at += 8) memory.data.setFloat64(at, items[i], true)
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
