import { type Memory, memoryOf } from './memory.js'
import { LONGEST_CHARACTER } from './text.js'

/** Bytes that are decoded together, and then cut into texts: with that many a call into Node is a small part of the time. */
const TOGETHER_BYTES = 512

/**
 * Writes `items[from]` and those after it, as long as they are texts that are short enough, as a bundle. A call into Node costs more than
 * all else that there is to such a text, so they are put together and written by one, which shows whether they are all of ASCII.
 *
 * @param prefixes - for each length that a text may have what stands before it, its byte of the bundle first: ASCII
 * @returns how many: 0 if the first two are no such texts, or one of those that there is room for is not of ASCII
 */
export function writeTexts<T>(
  prefixes: readonly string[],
  items: ArrayLike<T>,
  from: number,
  to: number,
  target: Uint8Array,
  offset: number,
  limit: number,
): number {
  const { text: memory } = memoryOf(target)
  if (memory === undefined) return 0
  const room = limit - offset - LONGEST_CHARACTER
  let together = ''
  let end = from
  for (let length = 0; end < to; end++) {
    const item: unknown = items[end]
    if (typeof item !== 'string' || item.length >= prefixes.length) break
    const prefix = prefixes[item.length]
    length += prefix.length + item.length
    if (length > room) break
    // Concatenated they are but a tree of texts, which the engine goes over once, as it writes.
    together += prefix
    together += item
  }
  if (end - from < 2) return 0
  // As many bytes as characters, with room for another one: each of them is one byte, and none was left out.
  const { length } = together
  return memory.utf8Write(together, offset, length + LONGEST_CHARACTER) === length ? end - from : 0
}

/** How the items of a bundle are read that are texts. */
export interface TextReading<T> {
  /** Bytes between `start` and `end` as a text of as many characters; undefined if they are none. */
  together(memory: Memory, start: number, end: number): string | undefined
  /** Bytes that stand before the characters of the text that lies between `start` and `end`; -1 where it is to be decoded by itself. */
  header(source: Uint8Array, start: number, end: number): number
  decode(source: Uint8Array, start: number, end: number): T
}

/**
 * Appends up to `max` items of a bundle to `into`, several texts by one call into Node.
 *
 * From 13 characters on `substring()` gives a part of the longer text, which it keeps alive: hence no more than `TOGETHER_BYTES` of it.
 * Nothing that copies the part costs less than a call into Node for each text would.
 */
export function readTexts<T>(
  reading: TextReading<T>,
  source: Uint8Array,
  start: number,
  end: number,
  max: number,
  into: (T | string)[],
): number {
  const memory = memoryOf(source)
  const had = into.length
  let left = max
  let from = start
  try {
    while (left > 0 && from < end) {
      let to = from
      do {
        to += 1 + source[to]
        left--
      } while (left > 0 && to < end && to - from < TOGETHER_BYTES)
      const together = reading.together(memory, from, to)
      for (let at = from; at < to; ) {
        const first = at + 1
        at = first + source[at]
        const header = together === undefined ? -1 : reading.header(source, first, at)
        into[into.length] =
          header < 0 || together === undefined
            ? reading.decode(source, first, at)
            : together.substring(first + header - from, at - from)
      }
      from = to
    }
  } catch {
    // Left to whoever takes it.
  }
  return into.length - had
}
