import type { DropReason, Overflow } from './queue-options.js'
import type { Storage } from './storage/storage.js'
import type { Watermarks } from './watermarks.js'
import type { Weights } from './weights.js'

/** What became of an item that was offered. */
export type Admission = 'accepted' | 'dropped' | 'no room'

/** What dropping has to do with in a queue. */
export interface Stock<T> {
  readonly storage: Storage<T>
  readonly weights: Weights<T> | undefined
  readonly marks: Watermarks
  readonly capacity: number
  /** Room that permits hold, and what the storage takes of it. */
  readonly reserved: number
  readonly load: number
  readonly unfinished: number
  /** Most items that were there at once. */
  peak: number
  /** Puts an item into the storage and counts it. */
  store(item: T): void
  /** Lets waiting puts into the room that there is. */
  admit(): void
  /** Counts items off. */
  finish(count: number): void
}

/**
 * What a queue gives up: where it is full, by its overflow policy; by `clear()`; by an immediate shutdown. A dropped item is accepted and
 * counted off, or was never accepted, and is told to `onDropped` once.
 */
export class Drops<T> {
  /** How many items so far. */
  count = 0
  readonly #stock: Stock<T>
  readonly #overflow: Overflow
  readonly #onDropped: ((item: T, reason: DropReason) => void) | undefined

  constructor(
    stock: Stock<T>,
    overflow: Overflow = 'block',
    onDropped: ((item: T, reason: DropReason) => void) | undefined,
  ) {
    this.#stock = stock
    this.#overflow = overflow
    this.#onDropped = onDropped
  }

  /** For an item that there is no room for: makes room by dropping what the policy gives up, or drops the item itself. */
  overflow(item: T, weight: number): Admission {
    if (this.#overflow === 'block') return 'no room'
    const stock = this.#stock
    const { storage, weights, capacity, peak } = stock
    if (this.#overflow === 'dropNewest' || stock.reserved + weight > capacity) {
      this.count++
      this.#tell([item], 'overflow')
      return 'dropped'
    }
    // Pushed before anything is evicted: a storage that refuses the item must not have cost another one.
    const before = storage.size
    stock.store(item)
    // Beside those that it replaces it was never there.
    stock.peak = peak
    if (storage.size > before) weights?.add(item, weight)
    const evicted: T[] = []
    while (stock.load + stock.reserved > capacity && storage.size > 0) {
      const old = storage.evict === undefined ? storage.shift() : storage.evict()
      weights?.remove(old, storage.size)
      evicted.push(old)
    }
    this.count += evicted.length
    stock.finish(Math.min(evicted.length, stock.unfinished))
    // What was evicted may have been heavier than the item: a permit that waits may fit into the difference.
    stock.admit()
    this.#tell(evicted, 'overflow')
    return 'accepted'
  }

  /** Gives up everything in the storage. @returns how many items */
  everything(reason: DropReason): number {
    const stock = this.#stock
    const items = stock.storage.clear()
    stock.weights?.clear()
    this.count += items.length
    stock.admit()
    // After the admission: a joiner waits for what has been let in as well.
    stock.finish(Math.min(items.length, stock.unfinished))
    this.#tell(items, reason)
    return items.length
  }

  /** Tells of dropped items when everything has been done; all of them, whatever the callback throws. */
  #tell(items: readonly T[], reason: DropReason): void {
    if (this.#onDropped === undefined) return
    const errors: unknown[] = []
    for (const item of items) {
      try {
        this.#onDropped(item, reason)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
