import type { Codec } from './codec.js'
import { allocateUnfilled, copyIn, copyOut, viewBetween } from './codecs/memory.js'
import { copiedBytes } from './copied-bytes.js'
import { endOfEncoded } from './encoded-end.js'
import { ItemTooLarge } from './errors.js'
import type { Transferable } from './handle.js'
import { MOVED_RECORD, MOVED_UNIT } from './layout.js'

/** An item that has to wait, as bytes that do not change meanwhile. */
export interface Parcel {
  /** Bytes that come before `bytes`, where those were not to be copied for their sake. */
  readonly head?: Uint8Array
  readonly bytes: Uint8Array
  /** Of both. */
  readonly length: number
  /** Bytes that have left in fragments. */
  sent: number
  /** Whether its first fragment has left. */
  isBegun: boolean
  /** Set when the item is a number, which nobody can change, of a codec that takes every number in eight bytes: there are none yet. */
  readonly number?: number
  /** Set when the item goes over the lane's port, with parts of it transferred; the bytes are none then. */
  readonly moved?: { readonly item: unknown; readonly transfer: readonly Transferable[]; readonly units: number }
}

/**
 * An item whose parts in `transfer` change threads rather than being copied. Nothing leaves before there is credit for it, and for a
 * copy of the rest.
 */
export function packMoved(item: unknown, transfer: readonly Transferable[]): Parcel {
  let bytes = copiedBytes(item, transfer)
  for (const part of transfer) bytes += (part as { byteLength?: number }).byteLength ?? 0
  return {
    bytes: NO_BYTES,
    length: 0,
    sent: 0,
    isBegun: false,
    moved: { item, transfer, units: movedUnits(bytes) },
  }
}

/** The record that stands for them in the ring counts too. */
function movedUnits(bytes: number): number {
  return Math.min(MOST_UNITS, Math.ceil(Math.max(0, bytes - MOVED_RECORD) / MOVED_UNIT))
}

/** A number that waits for a codec that takes any in eight bytes: making bytes of it can wait too. */
export function packNumber(number: number): Parcel {
  return { bytes: NO_BYTES, length: Float64Array.BYTES_PER_ELEMENT, sent: 0, isBegun: false, number }
}

/** Longest item: a typed array must hold its bytes. */
const LONGEST_ITEM = 2 ** 31 - 1
/** 16 GiB: more than any lane has, and units are counted by difference. */
const MOST_UNITS = 2 ** 30
const SMALLEST_SCRATCH = 4096
/** A scratch larger than this is not kept. */
const KEPT_SCRATCH = 2 ** 20

const NO_BYTES = new Uint8Array(0)

let scratch = new Uint8Array(0)

/** Encodes an item into memory of its own. @throws {ItemTooLarge} beyond 2 GiB, and whatever the codec throws. */
export function pack<T>(codec: Codec<T>, item: T): Parcel {
  const own = ownBytes(codec, item)
  if (own !== undefined) return packBytes(codec, copyOut(own, 0, own.length))
  const bytes = codec.size === undefined ? packGrowing(codec, item) : packSized(codec, item, codec.size(item))
  return { bytes, length: bytes.length, sent: 0, isBegun: false }
}

/** As `pack()` for `items[from]` to `items[to - 1]`, all of the codec's fixed size: side by side, as they lie in a run. */
export function packRun<T>(codec: Codec<T>, items: ArrayLike<T>, from: number, to: number): Parcel {
  const size = codec.fixedSize as number
  const bytes = new Uint8Array((to - from) * size)
  if (codec.encodeRun !== undefined) codec.encodeRun(items, from, to, bytes, 0)
  else for (let i = from, at = 0; i < to; i++, at += size) codec.encode(items[i], bytes, at, at + size)
  return { bytes, length: bytes.length, sent: 0, isBegun: false }
}

/** As `pack()`, for a caller that stays in its call until the parcel has left: bytes that the item has already stay where they are. */
export function packInPlace<T>(codec: Codec<T>, item: T): Parcel {
  const bytes = ownBytes(codec, item)
  return bytes === undefined ? pack(codec, item) : packBytes(codec, bytes)
}

function ownBytes<T>(codec: Codec<T>, item: T): Uint8Array | undefined {
  const bytes = codec.bytesOf?.(item)
  if (bytes !== undefined && bytes.length > LONGEST_ITEM) throw tooLarge(codec)
  return bytes
}

function tooLarge({ name }: { readonly name: string }): ItemTooLarge {
  return new ItemTooLarge(
    `an item takes more than the ${LONGEST_ITEM} bytes that one can have with codec ${name}: put it in parts`,
  )
}

function packBytes<T>(codec: Codec<T>, bytes: Uint8Array): Parcel {
  const head = codec.headOf?.(bytes)
  if (head === undefined) return { bytes, length: bytes.length, sent: 0, isBegun: false }
  return { head, bytes, length: head.length + bytes.length, sent: 0, isBegun: false }
}

/** Copies what lies between `from` and `to` of the whole parcel to `offset` of `target`. */
export function copyParcel(
  { head, bytes }: Parcel,
  from: number,
  to: number,
  target: Uint8Array,
  offset: number,
): void {
  const headLength = head?.length ?? 0
  let at = offset
  if (head !== undefined && from < headLength) {
    const part = head.subarray(from, to)
    target.set(part, at)
    at += part.length
  }
  const start = Math.max(0, from - headLength)
  const end = to - headLength
  if (end > start) copyIn(start === 0 && end === bytes.length ? bytes : viewBetween(bytes, start, end), target, at)
}

/** All bytes of a parcel, side by side. */
export function bytesOfParcel(parcel: Parcel): Uint8Array {
  if (parcel.head === undefined) return parcel.bytes
  const whole = allocateUnfilled(parcel.length)
  copyParcel(parcel, 0, parcel.length, whole, 0)
  return whole
}

function packSized<T>(codec: Codec<T>, item: T, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  const end = endOfEncoded(codec, codec.encode(item, bytes, 0, size), 0, size)
  if (end < 0)
    throw new TypeError(`codec ${codec.name} said that an item takes ${size} bytes, and then that it does not fit`)
  return end === size ? bytes : bytes.subarray(0, end)
}

function packGrowing<T>(codec: Codec<T>, item: T): Uint8Array {
  // Taken out while it is in use: the codec may run code of the caller's that puts again.
  let target = scratch.length === 0 ? new Uint8Array(SMALLEST_SCRATCH) : scratch
  scratch = new Uint8Array(0)
  for (;;) {
    const end = endOfEncoded(codec, codec.encode(item, target, 0, target.length), 0, target.length)
    if (end >= 0) {
      const bytes = target.slice(0, end)
      if (target.length <= KEPT_SCRATCH) scratch = target
      return bytes
    }
    if (target.length === LONGEST_ITEM) throw tooLarge(codec)
    target = new Uint8Array(Math.min(target.length * 4, LONGEST_ITEM))
  }
}
