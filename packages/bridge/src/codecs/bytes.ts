import type { Codec } from '../codec.js'
import { byteLengthOf } from './clone-error.js'
import { refused } from './corrupt.js'
import { copyIn, copyOut, plainBytes } from './memory.js'
import { canProtect, copyIntoPool, copyIntoSafePool, pool } from './pool.js'

const codec: Codec<Uint8Array> = {
  name: 'bytes',

  encode(item, target, offset, limit) {
    assertBytes(item)
    const end = offset + item.length
    if (end > limit) return -1
    copyIn(item, target, offset)
    return end
  },

  decode: copyIntoSafePool,
  cutter: () => (canProtect() ? pool : undefined),

  size: (item) => item.length,

  bytesOf(item) {
    assertBytes(item)
    return plainBytes(item)
  },

  adopt: (bytes) => bytes,
}

function assertBytes(item: Uint8Array): void {
  if (!(item instanceof Uint8Array)) throw refused('bytes', '', item, 'a Uint8Array')
  if (item.length === 0) byteLengthOf(item)
}

const ownCodec: Codec<Uint8Array> = { ...codec, decode: copyOut, cutter: () => undefined }
const pooledCodec: Codec<Uint8Array> = { ...codec, decode: copyIntoPool, cutter: () => pool }

/** How `bytes()` makes the items that are taken. */
export interface BytesOptions {
  /**
   * Whether items of 65 to 4096 bytes are cut from stretches of 64 KiB, as Node's small Buffers are: at 1 KiB three times as fast, for
   * a buffer costs more than its bytes. Nobody writes an item's bytes again, but its `buffer` holds other items too, and
   * memory that was not cleared: pass on `item`, or `item.slice()`, not `item.buffer`. Smaller and larger items have a buffer of
   * their own in any case.
   *
   * Choose `false`, a buffer for each item, exactly as large,
   * - to transfer items: a stretch stays where it is (Node 20 clones it instead, later ones throw a DataCloneError);
   * - to send them on by postMessage(): a clone takes the whole stretch along;
   * - to keep a few of many for long: each that is kept keeps its stretch.
   *
   * Default: true where the stretch can be kept from being transferred (`markAsUntransferable()` of node:worker_threads); elsewhere, in
   * a browser for one, false. With `true` it is done there too, and whoever transfers an item's `buffer` empties its neighbours.
   */
  readonly pooled?: boolean | undefined
}

/**
 * Carries Uint8Arrays (Buffers among them) as they are, without a header: the cheapest way for bytes. Small items share their `buffer`,
 * as Node's small Buffers do; see `pooled`.
 *
 * @throws {DOMException} name DataCloneError, from `put()`: bytes whose memory was transferred elsewhere, which seem to be none
 */
export function bytes(options: BytesOptions = {}): Codec<Uint8Array> {
  const { pooled } = options
  if (pooled === undefined) return codec
  return pooled ? pooledCodec : ownCodec
}
