import type { Doorbell } from './doorbell.js'
import { LaneEnd } from './lane-end.js'
import {
  HEADER_BYTES,
  ITEM,
  KIND_BITS,
  KIND_MASK,
  MOVED_TAKEN,
  PADDING,
  READ_POSITION,
  recordBytes,
  SEALED,
  STATE,
  takenWord,
  WRITE_POSITION,
} from './layout.js'
import { advance, alignUp, distance } from './position.js'

export class LaneReader extends LaneEnd {
  /** First byte of the record that comes next, or of the one that is being read. */
  position: number
  /** Kind, payload and stamp of the record that `next()` stepped onto. */
  kind = 0
  start = 0
  length = 0
  stamp = 0
  /** Items taken so far; an Int32 that wraps. */
  taken: number
  /** Private copy of WRITE_POSITION, never ahead of it. */
  private writer: number
  /** What `writer` was when a look at this lane last found nothing to take. */
  private looked: number
  private released: number
  private releasedTaken: number
  /** Bytes given back so far. */
  bytesRead = 0
  /** Units that have arrived beside the ring; an Int32 that wraps. */
  moved = 0
  private movedPublished = 0
  /** Whether `next()` stepped onto a record that `finish()` has not left yet. */
  private isInside = false

  constructor(hub: Int32Array<SharedArrayBuffer>, memory: SharedArrayBuffer) {
    super(hub, memory)
    this.position = Atomics.load(this.control, READ_POSITION)
    this.released = this.position
    this.writer = this.position
    this.looked = this.position
    this.taken = Atomics.load(this.hub, takenWord(this.slot))
    this.releasedTaken = this.taken
  }

  /** Looks for newly published records. @returns whether there is anything to read. */
  refresh(): boolean {
    // SYNC: pairs with LaneWriter.publish(): makes the records before this position readable by plain loads.
    this.writer = Atomics.load(this.control, WRITE_POSITION) & ~SEALED
    return this.writer !== this.position
  }

  /** Whether anything was published that this end has not yet looked at in vain: it may not sleep then. */
  hasNews(): boolean {
    return (Atomics.load(this.control, WRITE_POSITION) & ~SEALED) !== this.looked
  }

  /** What is known to be there has been looked at, and none of it can be taken now. `next()` notes it when nothing is there. */
  noteLooked(): void {
    this.looked = this.writer
  }

  /**
   * Steps onto the next record that is no padding; onto the same one again until `finish()`.
   * @returns false when there is none.
   */
  next(): boolean {
    if (this.isInside) return true
    while (this.writer !== this.position || this.refresh()) {
      const index = this.position & this.mask
      const header = this.words[index >> 2]
      this.length = header >>> KIND_BITS
      this.kind = header & KIND_MASK
      if (this.kind !== PADDING) {
        this.start = index + HEADER_BYTES
        this.stamp = this.words[(index >> 2) + 1]
        this.isInside = true
        return true
      }
      this.position = advance(this.position, recordBytes(this.length))
    }
    this.looked = this.writer
    return false
  }

  /**
   * Looks at the record that comes next without stepping onto it: how many records are known to be there that are of this kind and whose
   * payload is `length` long, side by side, up to `max`; 1 if the first is of this kind only. Its payload is at `start` then, `length`
   * bytes, those of the others each `recordBytes(length)` further on.
   */
  peek(kind: number, length: number, max: number): number {
    if (this.isInside || this.writer === this.position) return 0
    const { words } = this
    const index = this.position & this.mask
    const header = words[index >> 2]
    if ((header & KIND_MASK) !== kind) return 0
    this.start = index + HEADER_BYTES
    this.length = header >>> KIND_BITS
    if (this.length !== length) return 1
    const bytes = recordBytes(length)
    const end = index + Math.min(max * bytes, this.depth, this.capacity - index)
    let at = index + bytes
    while (at < end && words[at >> 2] === header) at += bytes
    return (at - index) / bytes
  }

  /** Bytes of the records that come next, so many of them. */
  bytesOf(records: number): number {
    let at = this.position & this.mask
    for (let i = 0; i < records; i++) at += recordBytes(this.words[at >> 2] >>> KIND_BITS)
    return at - (this.position & this.mask)
  }

  /** Takes the next records whole, each one item: `peek()` must have found them, `bytes` long with their headers. */
  takePeeked(items: number, bytes: number): void {
    this.position = advance(this.position, bytes)
    this.taken = advance(this.taken, items)
    this.isInside = false
  }

  /**
   * Takes the record that comes next, after a look for what is new, if it is one item: `refresh()`, `peek()` and `takePeeked()` in few
   * steps, for the item that ends a sleep. Its payload is at `start` then, `length` bytes. @returns whether it was taken
   */
  takeFresh(): boolean {
    const { position } = this
    // SYNC: as in refresh().
    const writer = Atomics.load(this.control, WRITE_POSITION) & ~SEALED
    this.writer = writer
    if (writer === position || this.isInside) return false
    const index = position & this.mask
    const header = this.words[index >> 2]
    if ((header & KIND_MASK) !== ITEM) return false
    const length = header >>> KIND_BITS
    this.start = index + HEADER_BYTES
    this.length = length
    // advance() and recordBytes(), written out.
    this.position = (position + ((length + HEADER_BYTES + 7) & ~7)) | 0
    this.taken = (this.taken + 1) | 0
    return true
  }

  /** Whether `next()` stepped onto a record of this kind that is not all taken yet. */
  isWithin(kind: number): boolean {
    return this.isInside && this.kind === kind
  }

  /** Takes `items` items that fill the first `bytes` of the record's payload; the rest of it is what `next()` gives then. */
  takeFrom(items: number, bytes: number): void {
    this.taken = advance(this.taken, items)
    this.start += bytes
    this.length -= bytes
    if (this.length === 0) this.leave()
  }

  /** Takes the whole record, or what is left of it, as so many items. */
  finish(items: number): void {
    this.taken = advance(this.taken, items)
    this.start += this.length
    this.leave()
  }

  /** Takes items that were put together from records left before. */
  countTaken(items: number): void {
    this.taken = advance(this.taken, items)
  }

  private leave(): void {
    // The payload ended at `start`; the next header is on the next multiple of 8.
    const end = alignUp(this.start)
    this.position = advance(this.position, end - (this.position & this.mask))
    this.isInside = false
  }

  /** Bytes read and not yet given back. */
  get unreleased(): number {
    return distance(this.position, this.released)
  }

  /**
   * Gives the space of everything read, or of what lies before `upTo`, back to the writing end, who may be asleep: look at its
   * doorbell after this. Call only when nothing refers to those bytes any more.
   */
  release(upTo = this.position): void {
    if (this.releasedTaken !== this.taken) {
      this.releasedTaken = this.taken
      Atomics.store(this.hub, takenWord(this.slot), this.taken)
    }
    if (this.released === upTo) return
    this.bytesRead += distance(upTo, this.released)
    this.released = upTo
    if (this.movedPublished !== this.moved) {
      this.movedPublished = this.moved
      Atomics.store(this.control, MOVED_TAKEN, this.moved)
    }
    // SYNC: pairs with LaneWriter.refresh(): all plain loads of these bytes came before.
    Atomics.store(this.control, READ_POSITION, upTo)
  }

  /** Bytes that were published and not yet given back. */
  inUse(): number {
    return distance(Atomics.load(this.control, WRITE_POSITION) & ~SEALED, this.released)
  }

  /** Bytes that were published and not yet read, as far as known. */
  get depth(): number {
    return distance(this.writer, this.position)
  }

  /** Refuses everything that is not published yet, now and for good; what is published stays to be read. */
  seal(): void {
    // SYNC: against LaneWriter.publish(): one of the two comes first, and both ends know which.
    Atomics.or(this.control, WRITE_POSITION, SEALED)
    this.refresh()
  }

  /**
   * Sleeps until something was published, unless something is there by now or the queue is shut down.
   * This THREAD stops, for `timeoutMs` at most. Returns spuriously: the caller looks again.
   */
  sleepForRecord(doorbell: Doorbell, timeoutMs: number): void {
    doorbell.raise()
    // SYNC: the second look after raise(); the writing end publishes before it looks at the doorbell.
    if (!this.refresh() && Atomics.load(this.hub, STATE) === 0) doorbell.sleep(timeoutMs)
    doorbell.lower()
  }
}

/**
 * The last step before an event loop goes idle, all that it knows of having been looked at: raises the doorbell, then looks once
 * more whether a lane has anything new.
 * @returns whether the loop may sleep; otherwise something is there and the doorbell is down again.
 */
export function maySleep(
  doorbell: Doorbell,
  lanes: readonly LaneReader[],
  hub: Int32Array<SharedArrayBuffer>,
  state: number,
): boolean {
  doorbell.raise()
  // SYNC: the second look after raise(), at everything a ringer may have stored before it looked at the doorbell.
  let isIdle = Atomics.load(hub, STATE) === state
  for (let i = 0; i < lanes.length && isIdle; i++) isIdle = !lanes[i].hasNews()
  if (!isIdle) doorbell.lower()
  return isIdle
}
