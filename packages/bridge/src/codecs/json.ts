import type { Codec } from '../codec.js'
import { corrupt, refused } from './corrupt.js'
import { memoryOf } from './memory.js'
import { readUtf8, writeUtf8 } from './text.js'

const codec: Codec<unknown> = {
  name: 'json',

  encode(item, target, offset, limit) {
    const text = JSON.stringify(item)
    if (text === undefined) throw refused('json', '', item, 'a value that JSON can say')
    return writeUtf8(memoryOf(target), target, offset, limit, text)
  },

  decode(source, start, end) {
    const text = readUtf8(memoryOf(source), source, start, end)
    if (text === undefined) throw corrupt('json', 'not UTF-8')
    try {
      return JSON.parse(text)
    } catch (error) {
      throw corrupt('json', (error as Error).message)
    }
  },
}

/**
 * Carries what JSON can say, by `JSON.stringify` and `JSON.parse` and with their ways: `toJSON()` is called, `undefined` fields
 * vanish, NaN becomes null. For readers outside JavaScript; `auto()` is faster and keeps more.
 *
 * @throws {CodecError} code CODEC_VALUE for an item that is undefined or a function. A cycle or a bigint is JSON's own TypeError.
 */
export function json<T>(): Codec<T> {
  return codec as Codec<T>
}
