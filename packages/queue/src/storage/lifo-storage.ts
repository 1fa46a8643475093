import { ArrivalRuns } from './arrival-clock.js'
import type { DatedStorage } from './storage.js'

/** What an evicted slot holds: it keeps no item alive. */
const VACANT = 0

/**
 * Last in, first out: a stack, from whose bottom the oldest item can be evicted.
 *
 * Cost: O(1) amortised; 8 bytes an item for numbers and references, besides what the item itself takes.
 */
export class LifoStorage<T> implements DatedStorage<T> {
  size = 0
  #items: T[] = []
  /** How many slots at the bottom were evicted and not yet cut off. */
  #evicted = 0
  readonly #arrivals = new ArrivalRuns()

  push(item: T): void {
    this.#items.push(item)
    this.size++
    this.#arrivals.push()
  }

  shift(): T {
    this.size--
    this.#arrivals.pop()
    return this.#items.pop() as T
  }

  unshift(item: T): void {
    this.push(item)
  }

  evict(): T {
    const item = this.#items[this.#evicted]
    this.#items[this.#evicted++] = VACANT as T
    this.size--
    this.#arrivals.shift()
    // Cut when half is vacant: each cut moves no more items than were evicted since the last.
    if (this.#evicted > this.size) {
      this.#items = this.#items.slice(this.#evicted)
      this.#evicted = 0
    }
    return item
  }

  peek(): T {
    return this.#items[this.#items.length - 1]
  }

  clear(): T[] {
    const items = this.#items.slice(this.#evicted).reverse()
    this.#items = []
    this.#evicted = 0
    this.size = 0
    this.#arrivals.clear()
    return items
  }

  idle(): void {
    this.#arrivals.idle()
  }

  oldestAt(): number | undefined {
    return this.#arrivals.oldestAt()
  }
}
