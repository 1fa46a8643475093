import { ArrivalMarks } from './arrival-clock.js'
import type { DatedStorage } from './storage.js'

/** Slots of the first chunk, and of the largest. Chunks double up to the latter; a longer backlog links many of it. */
const SMALLEST_CHUNK = 16
const LARGEST_CHUNK = 2048

/** What an emptied slot holds: it keeps no item alive, and as a small integer it never changes the array's kind. */
const VACANT = 0

/** A ring of slots: items are at `head`, `head + 1`, ... below `tail`; both count without end, and wrap at 2 ** 32. */
class Chunk<T> {
  readonly slots: T[]
  readonly mask: number
  head = 0
  tail = 0
  next: Chunk<T> | undefined = undefined

  constructor(capacity: number) {
    this.slots = new Array<T>(capacity).fill(VACANT as T)
    this.mask = capacity - 1
  }

  isFull(): boolean {
    return ((this.tail - this.head) | 0) > this.mask
  }
}

/**
 * First in, first out: a ring that doubles while it is small, then a chain of rings.
 *
 * Why a chain: growing one ring without end would copy a backlog of a million items in one go and would hold twice the
 * memory while it does. A chain gives back each chunk as it empties. Why rings: a queue that hovers around a few items
 * goes round in its one chunk and allocates nothing.
 * Cost: O(1) amortised; 8 bytes an item for numbers and references, besides what the item itself takes.
 */
export class FifoStorage<T> implements DatedStorage<T> {
  size = 0
  #first: Chunk<T> = new Chunk(SMALLEST_CHUNK)
  #last: Chunk<T> = this.#first
  readonly #arrivals = new ArrivalMarks()

  push(item: T): void {
    if (--this.#arrivals.left < 0) this.#arrivals.mark(this.size)
    let chunk = this.#last
    if (((chunk.tail - chunk.head) | 0) > chunk.mask) chunk = this.#grow()
    chunk.slots[chunk.tail & chunk.mask] = item
    chunk.tail = (chunk.tail + 1) | 0
    this.size++
  }

  shift(): T {
    const chunk = this.#first
    const index = chunk.head & chunk.mask
    const item = chunk.slots[index]
    chunk.slots[index] = VACANT as T
    chunk.head = (chunk.head + 1) | 0
    this.size--
    if (chunk.head === chunk.tail && chunk.next !== undefined) this.#first = chunk.next
    return item
  }

  unshift(item: T): void {
    let chunk = this.#first
    if (chunk.isFull()) {
      chunk = new Chunk(LARGEST_CHUNK)
      chunk.next = this.#first
      this.#first = chunk
    }
    chunk.head = (chunk.head - 1) | 0
    chunk.slots[chunk.head & chunk.mask] = item
    this.size++
  }

  peek(): T {
    const chunk = this.#first
    return chunk.slots[chunk.head & chunk.mask]
  }

  clear(): T[] {
    const items: T[] = []
    for (let chunk: Chunk<T> | undefined = this.#first; chunk !== undefined; chunk = chunk.next) {
      const { slots, mask, tail } = chunk
      for (let position = chunk.head; position !== tail; position = (position + 1) | 0) {
        items.push(slots[position & mask])
        slots[position & mask] = VACANT as T
      }
      chunk.head = tail
    }
    this.#first = this.#last
    this.size = 0
    return items
  }

  idle(): void {
    this.#arrivals.idle()
  }

  oldestAt(): number | undefined {
    return this.#arrivals.oldestAt(this.size)
  }

  /** Makes room behind the full last chunk: twice the size in its place while it is small and alone, else one more. */
  #grow(): Chunk<T> {
    const full = this.#last
    const capacity = full.mask + 1
    const roomier = new Chunk<T>(Math.min(capacity * 2, LARGEST_CHUNK))
    if (full === this.#first && capacity < LARGEST_CHUNK) {
      for (let i = 0; i < capacity; i++) roomier.slots[i] = full.slots[(full.head + i) & full.mask]
      roomier.tail = capacity
      this.#first = roomier
    } else {
      full.next = roomier
    }
    this.#last = roomier
    return roomier
  }
}
