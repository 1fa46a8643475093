import { workerThreads } from '../runtime.js'
import { copyOut, viewBetween } from './memory.js'

/** One stretch of memory that items are cut from. */
const POOL_BYTES = 64 * 1024
/** Larger items gain nothing: from 16 KiB on their bytes cost more than their buffer. */
const LARGEST_POOLED = 4096
/** Up to here an engine keeps the bytes beside the view itself, which no pool beats. */
const SMALLEST_POOLED = 65

/** Has a transfer of the stretch refused, or made a copy: it would take all other items with it. Undefined where there is no such call. */
const markAsUntransferable = (() => {
  try {
    workerThreads?.markAsUntransferable(new ArrayBuffer(8))
    return workerThreads?.markAsUntransferable
  } catch {
    return undefined
  }
})()

let pool = new ArrayBuffer(0)
/** Where the next item begins; bytes before it are never written again. */
let next = 0

/** Copies what lies between `start` and `end` into memory that nothing else will write, but that other items lie in too. */
export function copyIntoPool(source: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  const length = end - start
  if (length < SMALLEST_POOLED || length > LARGEST_POOLED) return copyOut(source, start, end)
  if (next + length > pool.byteLength) {
    pool = new ArrayBuffer(POOL_BYTES)
    markAsUntransferable?.(pool)
    next = 0
  }
  const copy = new Uint8Array(pool, next, length)
  // On a multiple of 8, where bytes are copied eight at a time.
  next = (next + length + 7) & ~7
  copy.set(viewBetween(source, start, end))
  return copy
}
