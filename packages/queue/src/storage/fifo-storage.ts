import { ArrivalMarks } from './arrival-clock.js'
import type { DatedStorage } from './storage.js'

/** Slots of the first chunk. Each further one has twice as many, up to the largest; a longer backlog links many of that. */
const SMALLEST_CHUNK = 16
/** Up to so many slots a full chunk that is alone is copied into one twice its size; a larger one has that linked behind it. */
const LARGEST_COPIED = 1024
/**
 * 128 KiB, which is too large for V8's young generation: a backlog that lies there is copied twice by collections, and those fall into
 * the time in which it is drained.
 */
const LARGEST_CHUNK = 16_384

/** A ring of slots, of which the item at `position` has number `position` modulo their count, a power of two. */
class Chunk<T> {
  readonly slots: T[]
  /** Position of its first item when it was linked behind another chunk. */
  start = 0
  /** Position behind its last item, once there is a chunk behind it. */
  end = 0
  next: Chunk<T> | undefined = undefined

  constructor(capacity: number) {
    this.slots = new Array<T>(capacity).fill(0 as T)
  }
}

/**
 * First in, first out: a ring that doubles while it is small, then a chain of rings.
 *
 * Why a chain: growing one ring without end would copy a backlog of a million items in one go and would hold twice the
 * memory while it does. A chain gives back each chunk as it empties. Why rings: a queue that hovers around a few items
 * goes round in its one chunk and allocates nothing.
 *
 * Items are at the positions `head`, `head + 1`, ... below `tail`; both count without end, and wrap at 2 ** 32. What a
 * push must see to now and then (room, a mark of the time), and a shift (the end of a chunk), is foreseen as one
 * position each, so that most compare just once.
 *
 * An emptied slot holds 0: that keeps no item alive, and as a small integer it never changes the array's kind.
 * Cost: O(1) amortised; 8 bytes an item for numbers and references, besides what the item itself takes.
 */
export class FifoStorage<T> implements DatedStorage<T> {
  #head = 0
  #tail = 0
  /** The position before whose push the room and the marks are looked at: never behind the end of the room. */
  #checkAt = 0
  /** The position at which the head may have come to the end of the first chunk: never behind that end. */
  #leaveAt = 0
  #first: Chunk<T> = new Chunk(SMALLEST_CHUNK)
  #last: Chunk<T> = this.#first
  /** The slots of the first and of the last chunk. */
  #headSlots: T[] = this.#first.slots
  #tailSlots: T[] = this.#first.slots
  readonly #arrivals = new ArrivalMarks()

  get size(): number {
    return (this.#tail - this.#head) | 0
  }

  push(item: T): void {
    if (this.#tail === this.#checkAt) this.#check()
    const tail = this.#tail
    const slots = this.#tailSlots
    slots[tail & (slots.length - 1)] = item
    this.#tail = (tail + 1) | 0
  }

  shift(): T {
    if (this.#head === this.#leaveAt) this.#leave()
    const head = this.#head
    const slots = this.#headSlots
    const index = head & (slots.length - 1)
    const item = slots[index]
    slots[index] = 0 as T
    this.#head = (head + 1) | 0
    return item
  }

  unshift(item: T): void {
    this.#leave()
    const first = this.#first
    if ((((first.next === undefined ? this.#tail : first.end) - this.#head) | 0) === first.slots.length) {
      const chunk = new Chunk<T>(2 * LARGEST_COPIED)
      chunk.end = this.#head
      chunk.next = first
      first.start = this.#head
      this.#first = chunk
      this.#headSlots = chunk.slots
    }
    this.#head = (this.#head - 1) | 0
    this.#headSlots[this.#head & (this.#headSlots.length - 1)] = item
    // There is less room, and an end is nearer, than was foreseen.
    this.#checkAt = this.#tail
    this.#leaveAt = this.#head
  }

  peek(): T {
    this.#leave()
    const slots = this.#headSlots
    return slots[this.#head & (slots.length - 1)]
  }

  clear(): T[] {
    const items: T[] = []
    let position = this.#head
    for (let chunk: Chunk<T> | undefined = this.#first; chunk !== undefined; chunk = chunk.next) {
      const { slots, next } = chunk
      const end = next === undefined ? this.#tail : chunk.end
      for (; position !== end; position = (position + 1) | 0) {
        const index = position & (slots.length - 1)
        items.push(slots[index])
        slots[index] = 0 as T
      }
    }
    this.#first = this.#last
    this.#headSlots = this.#tailSlots
    this.#head = this.#tail
    this.#leaveAt = this.#head
    return items
  }

  idle(): void {
    this.#arrivals.idle(this.#tail)
    this.#checkAt = this.#tail
  }

  oldestAt(): number | undefined {
    return this.size === 0 ? undefined : this.#arrivals.at(this.#head)
  }

  /** Sees to it that there is room for the next item, and that the time is noted if it is to be noted for this one. */
  #check(): void {
    const tail = this.#tail
    if (this.#arrivals.next === tail) this.#arrivals.mark(tail, this.#head)
    if (this.#room() === 0) this.#grow()
    this.#checkAt = (tail + Math.min(this.#room(), (this.#arrivals.next - tail) | 0)) | 0
  }

  /** Goes on to the next chunk if the head is at the end of the first, and foresees when that will be so again. */
  #leave(): void {
    const { next, end } = this.#first
    if (next !== undefined && this.#head === end) {
      this.#first = next
      this.#headSlots = next.slots
    }
    // The end of a chunk that has none behind it yet: as far off as positions go.
    this.#leaveAt = this.#first.next === undefined ? (this.#head - 1) | 0 : this.#first.end
  }

  /** Items that the last chunk can still take. */
  #room(): number {
    const last = this.#last
    const start = last === this.#first ? this.#head : last.start
    return last.slots.length - ((this.#tail - start) | 0)
  }

  /** Makes room behind the full last chunk: twice the size in its place while it is small and alone, else one more. */
  #grow(): void {
    const full = this.#last
    const capacity = full.slots.length
    const roomier = new Chunk<T>(Math.min(capacity * 2, LARGEST_CHUNK))
    if (full === this.#first && capacity <= LARGEST_COPIED) {
      for (let position = this.#head; position !== this.#tail; position = (position + 1) | 0) {
        roomier.slots[position & (roomier.slots.length - 1)] = full.slots[position & (capacity - 1)]
      }
      this.#first = roomier
      this.#headSlots = roomier.slots
    } else {
      full.end = this.#tail
      full.next = roomier
      roomier.start = this.#tail
      // The first chunk may be the one that has an end now.
      this.#leaveAt = this.#head
    }
    this.#last = roomier
    this.#tailSlots = roomier.slots
  }
}
