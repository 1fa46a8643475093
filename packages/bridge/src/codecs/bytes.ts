import type { Codec } from '../codec.js'
import { refused } from './corrupt.js'
import { copyOut } from './memory.js'

const codec: Codec<Uint8Array> = {
  name: 'bytes',

  encode(item, target, offset, limit) {
    if (!(item instanceof Uint8Array)) throw refused('bytes', '', item, 'a Uint8Array')
    const end = offset + item.length
    if (end > limit) return -1
    if (item.length < 16) for (let i = 0; i < item.length; i++) target[offset + i] = item[i]
    else target.set(item, offset)
    return end
  },

  decode: copyOut,

  size: (item) => item.length,
}

/** Carries Uint8Arrays (Buffers among them) as they are, without a header: the cheapest way for bytes. */
export function bytes(): Codec<Uint8Array> {
  return codec
}
