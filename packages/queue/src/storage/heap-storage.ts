import { ArrivalClock } from './arrival-clock.js'
import { FifoStorage } from './fifo-storage.js'
import { naturalOrder } from './natural-order.js'
import type { DatedStorage } from './storage.js'

interface Entry<T> {
  readonly item: T
  /** Place in the order of arrival: what decides between equal items. */
  readonly arrival: number
  readonly arrivedAt: number
  /** Where in the heap it is; -1 once it has left. */
  index: number
}

/**
 * Smallest first, and first in, first out among equals: a binary heap of entries that remember their arrival.
 *
 * Every change first works out where entries will go, comparing, and only then moves them: a comparator that throws
 * leaves the heap as it was. An inconsistent comparator, or an item whose priority was changed after the put, costs the
 * order, never an item.
 * Cost: O(log n) comparisons to push, shift and evict; an entry an item.
 */
export class HeapStorage<T> implements DatedStorage<T> {
  size = 0
  readonly #compare: (a: T, b: T) => number
  readonly #heap: Entry<T>[] = []
  readonly #clock = new ArrivalClock()
  #nextArrival = 0
  #earliestArrival = 0
  /** Entries in the order of arrival, those that have left among them; made at the first eviction. */
  #byArrival: FifoStorage<Entry<T>> | undefined
  #comparing = false
  /** Room for the way of one entry down the heap, used over and over. */
  readonly #path: number[] = []

  /** @param compare - as for `Array.prototype.sort`; NaN counts as equal. @default naturalOrder */
  constructor(compare: (a: T, b: T) => number = naturalOrder) {
    this.#compare = compare
  }

  push(item: T): void {
    this.#insert({ item, arrival: this.#nextArrival, arrivedAt: this.#clock.read(), index: -1 })
    this.#nextArrival++
  }

  unshift(item: T): void {
    this.#insert({ item, arrival: this.#earliestArrival - 1, arrivedAt: this.#clock.read(), index: -1 })
    this.#earliestArrival--
    this.#byArrival = undefined
  }

  shift(): T {
    return this.#remove(0).item
  }

  peek(): T {
    return this.#heap[0].item
  }

  evict(): T {
    this.#byArrival ??= this.#sortedByArrival()
    while (this.#byArrival.peek().index === -1) this.#byArrival.shift()
    const { index } = this.#byArrival.peek()
    try {
      this.#remove(index)
    } catch {
      // The item for which this makes room is in already, and one must go: where the two cannot be compared, it costs the
      // order that they have none of.
      this.#replaceByLast(index)
    }
    return this.#byArrival.shift().item
  }

  clear(): T[] {
    const entries = [...this.#heap]
    const items: T[] = []
    try {
      while (this.size > 0) items.push(this.shift())
      return items
    } catch {
      // A comparator that fails now must not keep the items from being handed over: in the heap's own order, then.
      for (const entry of this.#heap) items.push(entry.item)
      return items
    } finally {
      for (const entry of entries) entry.index = -1
      this.#heap.length = 0
      this.size = 0
      this.#byArrival = undefined
    }
  }

  idle(): void {
    this.#clock.idle()
  }

  /** O(n): asked for by `stats()` only. */
  oldestAt(): number | undefined {
    let oldest: Entry<T> | undefined
    for (const entry of this.#heap) if (oldest === undefined || entry.arrival < oldest.arrival) oldest = entry
    return oldest?.arrivedAt
  }

  #before(a: Entry<T>, b: Entry<T>): boolean {
    const order = this.#compare(a.item, b.item)
    return order < 0 || (!(order > 0) && a.arrival < b.arrival)
  }

  #insert(entry: Entry<T>): void {
    const heap = this.#heap
    const vacant = heap.length
    const target = this.#climb(entry, vacant)
    heap.push(entry)
    this.#pullDown(vacant, target)
    this.#settle(entry, target)
    this.size++
    if (this.#byArrival === undefined) return
    this.#byArrival.push(entry)
    // Entries that left by priority are dropped when they come to the head; this bounds how many wait for that.
    if (this.#byArrival.size > 2 * this.size + 64) this.#byArrival = undefined
  }

  #remove(index: number): Entry<T> {
    const heap = this.#heap
    const removed = heap[index]
    const last = heap[heap.length - 1]
    if (removed !== last) {
      const above = index === 0 ? 0 : this.#climb(last, index)
      const depth = above === index ? this.#sink(last, index) : 0
      if (above !== index) this.#pullDown(index, above)
      this.#settle(last, depth > 0 ? this.#pullUp(index, depth) : above)
    }
    heap.pop()
    this.size--
    removed.index = -1
    return removed
  }

  /** Removes without comparing: the last entry comes to where the removed one was. */
  #replaceByLast(index: number): void {
    const removed = this.#heap[index]
    this.#settle(this.#heap[this.#heap.length - 1], index)
    this.#heap.pop()
    this.size--
    removed.index = -1
  }

  /** Where `entry` would come to rest, climbing from the vacant `index`. */
  #climb(entry: Entry<T>, index: number): number {
    this.#beginComparing()
    try {
      let at = index
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (!this.#before(entry, this.#heap[parent])) break
        at = parent
      }
      return at
    } finally {
      this.#comparing = false
    }
  }

  /** Notes in `path` the indices that `entry`, the last one, would sink through from `index`. @returns how many */
  #sink(entry: Entry<T>, index: number): number {
    this.#beginComparing()
    try {
      const heap = this.#heap
      const end = heap.length - 1
      let depth = 0
      for (let child = 2 * index + 1; child < end; child = 2 * child + 1) {
        if (child + 1 < end && this.#before(heap[child + 1], heap[child])) child++
        if (!this.#before(heap[child], entry)) break
        this.#path[depth++] = child
      }
      return depth
    } finally {
      this.#comparing = false
    }
  }

  /** Moves the entries between the vacant `index` and its ancestor `target` one step down. */
  #pullDown(index: number, target: number): void {
    for (let vacant = index; vacant !== target; ) {
      const parent = (vacant - 1) >> 1
      this.#settle(this.#heap[parent], vacant)
      vacant = parent
    }
  }

  /** Moves the entries on the first `depth` places of `path` one step up. @returns the index that comes vacant */
  #pullUp(index: number, depth: number): number {
    let vacant = index
    for (let i = 0; i < depth; i++) {
      this.#settle(this.#heap[this.#path[i]], vacant)
      vacant = this.#path[i]
    }
    return vacant
  }

  #settle(entry: Entry<T>, index: number): void {
    this.#heap[index] = entry
    entry.index = index
  }

  /** A comparator that changes this very storage would make wrong what is being worked out, so that throws. */
  #beginComparing(): void {
    if (this.#comparing) throw new Error('a compare function must not change the queue that it orders')
    this.#comparing = true
  }

  #sortedByArrival(): FifoStorage<Entry<T>> {
    const sorted = new FifoStorage<Entry<T>>()
    for (const entry of [...this.#heap].sort((a, b) => a.arrival - b.arrival)) sorted.push(entry)
    return sorted
  }
}
