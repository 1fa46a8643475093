import type { Codec } from '../codec.js'
import { refused } from './corrupt.js'
import { copyIn, copyOut } from './memory.js'
import { copyIntoPool } from './pool.js'

const codec: Codec<Uint8Array> = {
  name: 'bytes',

  encode(item, target, offset, limit) {
    assertBytes(item)
    const end = offset + item.length
    if (end > limit) return -1
    copyIn(item, target, offset)
    return end
  },

  decode: copyOut,

  size: (item) => item.length,

  bytesOf(item) {
    assertBytes(item)
    // Asked for its buffer, a small array would first have to be given one.
    return item.constructor === Uint8Array ? item : new Uint8Array(item.buffer, item.byteOffset, item.length)
  },

  adopt: (bytes) => bytes,
}

function assertBytes(item: Uint8Array): void {
  if (!(item instanceof Uint8Array)) throw refused('bytes', '', item, 'a Uint8Array')
}

const pooledCodec: Codec<Uint8Array> = { ...codec, decode: copyIntoPool }

/** How `bytes()` makes the items that are taken. */
export interface BytesOptions {
  /**
   * Cuts items of up to 4 KiB from stretches of 64 KiB, as Node's small Buffers are: much faster, for a buffer is costlier than its
   * bytes. Nobody writes an item's bytes again, but its `buffer` holds other items too. So pass on `item`, or `item.slice()`, never
   * `item.buffer`; it cannot be transferred, sending `item` by postMessage() clones the whole stretch, and an item that is kept
   * keeps its stretch. Default false: each item has a buffer of its own, exactly as large.
   */
  readonly pooled?: boolean | undefined
}

/** Carries Uint8Arrays (Buffers among them) as they are, without a header: the cheapest way for bytes. */
export function bytes(options: BytesOptions = {}): Codec<Uint8Array> {
  return options.pooled === true ? pooledCodec : codec
}
