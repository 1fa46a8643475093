import type { Cutter } from '../codec.js'
import { workerThreads } from '../runtime.js'
import { allocateUnfilled, copyOut, viewBetween } from './memory.js'

/** One stretch of memory that items are cut from, as much as one item that is kept can hold on to: with less, 1 KiB items come slower. */
const STRETCH_BYTES = 64 * 1024
/** Larger items gain nothing: from 16 KiB on their bytes cost more than their buffer. */
const LARGEST_POOLED = 4096
/** Up to here an engine keeps the bytes beside the view itself, which no pool beats. */
const SMALLEST_POOLED = 65

const mark = workerThreads?.markAsUntransferable

/** Whether a marked buffer stays where it is when it is transferred; asked once, when first needed. */
let isProtecting: boolean | undefined

/**
 * Whether nobody can take a stretch, and with it other items, by transferring the `buffer` of one: Node refuses that, or clones
 * instead (20). Elsewhere the mark may be missing or mean nothing.
 */
export function canProtect(): boolean {
  isProtecting ??= mark !== undefined && staysWhenMarked(mark)
  return isProtecting
}

function staysWhenMarked(markAsUntransferable: (buffer: ArrayBuffer) => void): boolean {
  const probe = new ArrayBuffer(8)
  try {
    markAsUntransferable(probe)
  } catch {
    return false
  }
  try {
    structuredClone(probe, { transfer: [probe] })
  } catch {
    // Refused: as it should be, if it stayed.
  }
  return probe.byteLength === 8
}

let stretch = new ArrayBuffer(0)
/** The same memory, as blocks of records are written into it and read. */
let bytes = new Uint8Array(0)
let words = new Int32Array(0)
/** Where the next item begins; bytes before it are never written again. */
let next = 0

/** Whether an item of so many bytes is cut from a stretch. */
function isPooled(length: number): boolean {
  return length >= SMALLEST_POOLED && length <= LARGEST_POOLED
}

/** Copies what lies between `start` and `end` into memory that nothing else will write, but that other items lie in too. */
export function copyIntoPool(source: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  const length = end - start
  if (!isPooled(length)) return copyOut(source, start, end)
  if (next + length > stretch.byteLength) beginStretch()
  const copy = new Uint8Array(stretch, next, length)
  // On a multiple of 8, where bytes are copied eight at a time.
  next = (next + length + 7) & ~7
  copy.set(viewBetween(source, start, end))
  return copy
}

/** As `copyIntoPool()` where the pool is safe from transfers, and memory of its own where it is not. */
export function copyIntoSafePool(source: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  return (isProtecting ?? canProtect()) ? copyIntoPool(source, start, end) : copyOut(source, start, end)
}

/** Cuts items from the same stretches as `copyIntoPool()`. */
export const pool: Cutter<Uint8Array> = {
  accepts: isPooled,

  copy(source, start, end) {
    if (next + end - start > bytes.length) beginStretch()
    bytes.set(viewBetween(source, start, end), next)
    return next
  },

  word: (at) => words[at >> 2],

  cut: (at, length) => new Uint8Array(stretch, at, length),

  keep(end) {
    next = end
  },
}

function beginStretch(): void {
  // What no item has covered yet shows what was in this memory before, as in the stretch of Node's own small Buffers.
  bytes = allocateUnfilled(STRETCH_BYTES)
  stretch = bytes.buffer
  words = new Int32Array(stretch)
  if (canProtect()) mark?.(stretch)
  next = 0
}
