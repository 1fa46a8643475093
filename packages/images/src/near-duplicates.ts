import { type HashWords, hashDistance, wordsOf } from './perceptual-hash.js'

export interface NearDuplicate<T> {
  readonly first: T
  readonly second: T
  /** Differing bits of 64. */
  readonly distance: number
}

const bits = 64

/**
 * Finds pictures that look alike, as they come.
 *
 * Hashes that differ in at most d bits agree in at least one of d + 1 slices, so each new hash is compared only with those
 * that share a slice with it: 100,000 pictures take seconds, not the hour of comparing all pairs.
 */
export class NearDuplicates<T> {
  readonly #limit: number
  readonly #slices: readonly { readonly from: number; readonly length: number; readonly seen: Map<number, number[]> }[]
  readonly #items: T[] = []
  readonly #hashes: HashWords[] = []

  /** @param limit - most bits that two near-duplicates differ in, 0 to 32 */
  constructor(limit: number) {
    this.#limit = limit
    // A slice of more than 30 bits would not be a small integer, and finds no more.
    const count = Math.max(limit + 1, 3)
    this.#slices = Array.from({ length: count }, (_, slice) => {
      const from = Math.floor((slice * bits) / count)
      return { from, length: Math.floor(((slice + 1) * bits) / count) - from, seen: new Map() }
    })
  }

  /** @returns the earlier pictures that `item` looks like */
  add(item: T, hash: string): NearDuplicate<T>[] {
    const words = wordsOf(hash)
    const candidates = new Set<number>()
    const own = this.#items.length
    for (const { from, length, seen } of this.#slices) {
      const slice = sliceOf(words, from, length)
      const alike = seen.get(slice)
      if (alike === undefined) {
        seen.set(slice, [own])
      } else {
        for (const index of alike) candidates.add(index)
        alike.push(own)
      }
    }
    this.#items.push(item)
    this.#hashes.push(words)
    const found: NearDuplicate<T>[] = []
    for (const index of candidates) {
      const distance = hashDistance(words, this.#hashes[index]!)
      if (distance <= this.#limit) found.push({ first: this.#items[index]!, second: item, distance })
    }
    return found
  }
}

/** Bits `from` to `from + length` of the 64, counted from the lowest. */
function sliceOf({ high, low }: HashWords, from: number, length: number): number {
  const mask = 2 ** length - 1
  if (from >= 32) return (high >>> (from - 32)) & mask
  const fromLow = low >>> from
  const fromHigh = from + length > 32 ? high << (32 - from) : 0
  return (fromLow | fromHigh) & mask
}
