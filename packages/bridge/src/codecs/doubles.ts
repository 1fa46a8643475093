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
    return copyNumbers(items, from, to, doubles, offset >>> 3)
  }
  for (let i = from, at = offset; i < to; i++, at += 8) {
    const item = items[i]
    if (typeof item !== 'number') return i
    memory.data.setFloat64(at, item, true)
  }
  return to
}

/** Eight at a time, as `copyDoubles()`. @returns the index of the first item that is no number, or `to` */
function copyNumbers(
  items: ArrayLike<unknown>,
  from: number,
  to: number,
  doubles: Float64Array,
  first: number,
): number {
  let i = from
  let at = first
  for (const last = to - 8; i <= last; i += 8, at += 8) {
    const a = items[i]
    const b = items[i + 1]
    const c = items[i + 2]
    const d = items[i + 3]
    const e = items[i + 4]
    const f = items[i + 5]
    const g = items[i + 6]
    const h = items[i + 7]
    if (typeof a !== 'number' || typeof b !== 'number' || typeof c !== 'number' || typeof d !== 'number') break
    if (typeof e !== 'number' || typeof f !== 'number' || typeof g !== 'number' || typeof h !== 'number') break
    doubles[at] = a
    doubles[at + 1] = b
    doubles[at + 2] = c
    doubles[at + 3] = d
    doubles[at + 4] = e
    doubles[at + 5] = f
    doubles[at + 6] = g
    doubles[at + 7] = h
  }
  for (; i < to; i++, at++) {
    const item = items[i]
    if (typeof item !== 'number') return i
    doubles[at] = item
  }
  return to
}

export function readDoubles(source: Uint8Array, start: number, count: number, into: number[], at: number): void {
  const memory = memoryOf(source)
  if (memory.isAligned && (start & 7) === 0) {
    copyDoubles(memory.float64, start >>> 3, count, into, at)
    return
  }
  for (let i = 0, from = start; i < count; i++, from += 8) into[at + i] = memory.data.getFloat64(from, true)
}

/** Eight at a time: half the time of a loop of single steps. */
function copyDoubles(doubles: Float64Array, first: number, count: number, into: number[], at: number): void {
  let i = 0
  for (const last = count - 8; i <= last; i += 8) {
    const from = first + i
    const to = at + i
    into[to] = doubles[from]
    into[to + 1] = doubles[from + 1]
    into[to + 2] = doubles[from + 2]
    into[to + 3] = doubles[from + 3]
    into[to + 4] = doubles[from + 4]
    into[to + 5] = doubles[from + 5]
    into[to + 6] = doubles[from + 6]
    into[to + 7] = doubles[from + 7]
  }
  for (; i < count; i++) into[at + i] = doubles[first + i]
}

/** As many as a batch has at most. */
const BLANKS = 4096
/** Halves: an engine stores them as doubles, and so whatever takes their place. */
const blanks: number[] = []

/** An array of `count` numbers to be overwritten: a copy of one is made in less time than an empty one grows. */
export function blankDoubles(count: number): number[] {
  if (count > BLANKS) return new Array<number>(count).fill(0.5)
  while (blanks.length < BLANKS) blanks.push(0.5)
  return blanks.slice(0, count)
}
