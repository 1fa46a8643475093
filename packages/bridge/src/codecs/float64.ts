import type { Codec } from '../codec.js'
import { corrupt, refused } from './corrupt.js'
import { blankDoubles, readDoubles, writeDoubles } from './doubles.js'
import { memoryOf } from './memory.js'

const codec: Codec<number> = {
  name: 'float64',
  fixedSize: 8,

  encode(item, target, offset, limit) {
    if (typeof item !== 'number') throw refused('float64', '', item, 'a number')
    if (offset + 8 > limit) return -1
    memoryOf(target).data.setFloat64(offset, item, true)
    return offset + 8
  },

  decode(source, start, end) {
    if (end - start !== 8) throw corrupt('float64', `${end - start} bytes instead of 8`)
    return memoryOf(source).data.getFloat64(start, true)
  },

  size: () => 8,

  encodeRun(items, from, to, target, offset) {
    const end = writeDoubles(items, from, to, target, offset)
    if (end < to) throw refused('float64', '', items[end], 'a number')
  },

  decodeRun: readDoubles,
  blankRun: blankDoubles,
}

/** Carries numbers, eight bytes each (-0 and NaN included): the fastest codec there is. */
export function float64(): Codec<number> {
  return codec
}
