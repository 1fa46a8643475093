import type { Codec } from '../codec.js'
import { refused } from './corrupt.js'
import { copyOut } from './memory.js'

const codec: Codec<Uint8Array> = {
  name: 'bytes',

  encode(item, target, offset, limit) {
    assertBytes(item)
    const end = offset + item.length
    if (end > limit) return -1
    if (item.length < 16) for (let i = 0; i < item.length; i++) target[offset + i] = item[i]
    else target.set(item, offset)
    return end
  },

  decode: copyOut,

  size: (item) => item.length,

  bytesOf(item) {
    assertBytes(item)
    return new Uint8Array(item.buffer, item.byteOffset, item.length)
  },

  adopt: (bytes) => bytes,
}

function assertBytes(item: Uint8Array): void {
  if (!(item instanceof Uint8Array)) throw refused('bytes', '', item, 'a Uint8Array')
}

/** Carries Uint8Arrays (Buffers among them) as they are, without a header: the cheapest way for bytes. */
export function bytes(): Codec<Uint8Array> {
  return codec
}
