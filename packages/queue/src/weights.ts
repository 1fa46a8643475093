/**
 * How much the items in a queue weigh together.
 *
 * Remembers the weight that each item had when it came, so that an item whose weight changes while it waits cannot
 * make the sum drift.
 */
export class Weights<T> {
  /** What all items in the storage weigh. */
  total = 0
  readonly #weigh: (item: T) => number
  readonly #label: () => string
  /** Several entries for an item that is there several times. */
  readonly #known = new Map<T, number[]>()

  /** @param label - names the queue, for messages */
  constructor(weigh: (item: T) => number, label: () => string) {
    this.#weigh = weigh
    this.#label = label
  }

  /** @throws {TypeError} a weight that is no number; @throws {RangeError} one below 0, infinite, or above `limit`: it would never fit */
  of(item: T, limit: number): number {
    const weight = this.#weigh(item)
    if (typeof weight !== 'number' || Number.isNaN(weight)) {
      throw new TypeError(`expected weigh of ${this.#label()} to give a number, got ${String(weight)}`)
    }
    // Without limit there would be room for an infinite one, and then for no other: what it makes of the sum never goes.
    if (weight < 0 || (weight === Number.POSITIVE_INFINITY && limit === weight)) {
      throw new RangeError(`expected weigh of ${this.#label()} to give a finite number of at least 0, got ${weight}`)
    }
    if (weight > limit) {
      throw new RangeError(`an item of weight ${weight} can never fit into maxsize ${limit} of ${this.#label()}`)
    }
    return weight
  }

  add(item: T, weight: number): void {
    const known = this.#known.get(item)
    if (known === undefined) this.#known.set(item, [weight])
    else known.push(weight)
    this.total += weight
  }

  /** Adds an item that was let in before. Never throws: what `weigh` cannot weigh any more counts nothing. */
  addAgain(item: T): void {
    let weight = 0
    try {
      weight = this.of(item, Number.POSITIVE_INFINITY)
    } catch {
      // The item itself is what matters here, and it is back.
    }
    this.add(item, weight)
  }

  /** @param left - how many items are there without it */
  remove(item: T, left: number): void {
    // What is empty weighs nothing: sums of fractions keep a rounding error, and a storage that replaced an item by a
    // newer one did not say which.
    if (left === 0) {
      this.clear()
      return
    }
    const known = this.#known.get(item)
    if (known === undefined) return
    this.total -= known.pop() as number
    if (known.length === 0) this.#known.delete(item)
  }

  clear(): void {
    this.#known.clear()
    this.total = 0
  }
}
