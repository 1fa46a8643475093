import type { Codec } from './codec.js'

/** Items that lie side by side in one record at most. */
const RUN_ITEMS = 4096

/** Whether the items can be had by their index: an array, or a typed array. */
export function isList<T>(items: Iterable<T> | AsyncIterable<T>): items is Iterable<T> & ArrayLike<T> {
  return Array.isArray(items) || (ArrayBuffer.isView(items) && 'length' in items)
}

/** @returns the index behind those items from `items[from]` on that may lie side by side, all of the codec's fixed size */
export function endOfRun<T>(codec: Codec<T>, items: ArrayLike<T>, from: number): number {
  if (codec.fixedSize === undefined) return from
  const end = Math.min(items.length, from + RUN_ITEMS)
  if (codec.isFixed === undefined) return end
  let to = from
  while (to < end && codec.isFixed(items[to])) to++
  return to
}
