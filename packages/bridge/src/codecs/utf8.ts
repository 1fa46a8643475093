import type { Codec } from '../codec.js'
import { corrupt, refused } from './corrupt.js'
import { memoryOf } from './memory.js'
import { readUtf8, utf8Length, writeUtf8 } from './text.js'

const codec: Codec<string> = {
  name: 'utf8',

  encode(item, target, offset, limit) {
    if (typeof item !== 'string') throw refused('utf8', '', item, 'a string')
    return writeUtf8(memoryOf(target), target, offset, limit, item)
  },

  decode(source, start, end) {
    const text = readUtf8(memoryOf(source), source, start, end)
    if (text === undefined) throw corrupt('utf8', 'not UTF-8')
    return text
  },

  size: utf8Length,
}

/**
 * Carries strings as UTF-8: what a program in any language could read. Half a surrogate pair, which UTF-8 cannot say, arrives as
 * U+FFFD, as with TextEncoder; `auto()` keeps it.
 */
export function utf8(): Codec<string> {
  return codec
}
