import type { Codec } from '../../src/codec.js'

/** Shared memory as a lane has it, filled so that a byte out of place shows. */
export function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length)).fill(0xee)
}

/** The bytes that `codec` writes for `item`, at `offset` of shared memory of just the size needed. */
export function encoded<T>(codec: Codec<T>, item: T, offset = 0): Uint8Array {
  for (let room = 256; ; room *= 4) {
    const target = sharedBytes(offset + room)
    const end = codec.encode(item, target, offset, target.length)
    if (end !== -1) return target.subarray(offset, end)
  }
}

/** There and back, with foreign bytes on both sides; what comes back must own its memory, so all of it is overwritten at once. */
export function carried<T>(codec: Codec<T>, item: T, offset = 8): T {
  const { length } = encoded(codec, item)
  const target = sharedBytes(offset + length + 16)
  const end = codec.encode(item, target, offset, offset + length)
  if (end !== offset + length) throw new Error(`took ${end - offset} bytes instead of ${length}`)
  for (let i = 0; i < target.length; i++) {
    if ((i < offset || i >= end) && target[i] !== 0xee) throw new Error(`wrote outside of its room at ${i}`)
  }
  const item2 = codec.decode(target, offset, end)
  target.fill(0xdd)
  return item2
}
