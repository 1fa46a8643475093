import { BUNDLED_BYTES } from '../bundles.js'
import type { Codec } from '../codec.js'
import { corrupt, refused } from './corrupt.js'
import { memoryOf } from './memory.js'
import { readUtf8, utf8Length, writeUtf8 } from './text.js'
import { readTexts, type TextReading, writeTexts } from './texts.js'

/** Of ASCII texts that are bundled: how many bytes, and nothing else. */
const prefixes = Array.from({ length: BUNDLED_BYTES + 1 }, (_, length) => String.fromCharCode(length))

function refuse(item: unknown): never {
  throw refused('utf8', '', item, 'a string')
}

const codec: Codec<string> = {
  name: 'utf8',

  encode(item, target, offset, limit) {
    if (typeof item !== 'string') refuse(item)
    return writeUtf8(memoryOf(target), target, offset, limit, item)
  },

  decode(source, start, end) {
    const text = readUtf8(memoryOf(source), source, start, end)
    if (text === undefined) throw corrupt('utf8', 'not UTF-8')
    return text
  },

  size: (item) => (typeof item === 'string' ? utf8Length(item) : refuse(item)),

  encodeBundle(items, from, to, target, offset, limit) {
    return writeTexts(prefixes, items, from, to, target, offset, limit)
  },

  decodeBundle: (source, start, end, max, into) => readTexts(reading, source, start, end, max, into),
}

const reading: TextReading<string> = {
  together(memory, start, end) {
    const text = memory.text?.utf8Slice(start, end)
    // As many characters as bytes are all of ASCII, if none of them stands for bytes that mean nothing.
    return text?.length === end - start && !text.includes('\ufffd') ? text : undefined
  },
  header: () => 0,
  decode: codec.decode,
}

/**
 * Carries strings as UTF-8: what a program in any language could read. Half a surrogate pair, which UTF-8 cannot say, arrives as
 * U+FFFD, as with TextEncoder; `auto()` keeps it.
 *
 * Memory: ASCII texts of 13 to 127 characters that one `putMany(array)` put share a string of half a KiB with those that came beside them,
 *   as parts of one string do: who keeps one of them keeps that. All others have memory of their own.
 */
export function utf8(): Codec<string> {
  return codec
}
