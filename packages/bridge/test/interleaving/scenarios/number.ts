import { check } from '@millrace/interleave/thread'

/** The codec of the whole ends: an item is a number, in words of its own. */
export const number = {
  name: 'number',
  fixedSize: 8,
  size: () => 8,
  encode(item: number, bytes: Uint8Array, start: number, limit: number): number {
    if (start + 8 > limit) return -1
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, 2)
    words[0] = item
    words[1] = ~item
    return start + 8
  },
  decode(bytes: Uint8Array, start: number): number {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, 2)
    const item = words[0]
    check(words[1] === ~item, `item ${item} is torn`)
    return item
  },
}

/** The same with as many bytes after it that say nothing. */
export const wide: typeof number = {
  ...number,
  fixedSize: 16,
  size: () => 16,
  encode(item: number, bytes: Uint8Array, start: number, limit: number): number {
    return start + 16 > limit ? -1 : number.encode(item, bytes, start, limit) + 8
  },
}

/** The same as a double, for which the ends have a short way of their own. */
export const double: typeof number = {
  ...number,
  name: 'double',
  encode(item: number, bytes: Uint8Array, start: number, limit: number): number {
    if (start + 8 > limit) return -1
    new Float64Array(bytes.buffer, bytes.byteOffset + start, 1)[0] = item
    return start + 8
  },
  decode(bytes: Uint8Array, start: number): number {
    return new Float64Array(bytes.buffer, bytes.byteOffset + start, 1)[0]
  },
}
