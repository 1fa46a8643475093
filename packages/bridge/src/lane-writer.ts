import type { Doorbell } from './doorbell.js'
import { LaneEnd } from './lane-end.js'
import {
  acceptedWord,
  HEADER_BYTES,
  ITEM,
  KIND_BITS,
  LANE_START,
  MOVED_BYTES,
  MOVED_RECORD,
  MOVED_TAKEN,
  MOVED_UNIT,
  PADDING,
  READ_POSITION,
  recordBytes,
  SEALED,
  STATE,
  takenWord,
  WRITE_POSITION,
} from './layout.js'
import { advance, distance } from './position.js'

/** Who has the place at the head of a lane to themselves, one bit each: see `LaneWriter.held`. */
export const HELD_BY_CODE = 1
export const HELD_FOR_ABANDON = 2

/** An item that is a number: its header, and the bytes of its record. */
const DOUBLE_HEADER = (Float64Array.BYTES_PER_ELEMENT << KIND_BITS) | ITEM
const DOUBLE_RECORD = recordBytes(Float64Array.BYTES_PER_ELEMENT)

export class LaneWriter extends LaneEnd {
  /** Next byte to write; ahead of `published` while a batch is open. */
  position: number
  /** What the reading end has been shown. */
  published: number
  /** Whether the reading end has sealed the lane; known once a publication has failed. */
  sealed = false
  /** Items in records written so far, published or not; an Int32 that wraps. */
  accepted: number
  private acceptedPublished: number
  /**
   * Private copy of READ_POSITION, never ahead of it: the shared word is read only when the copy says "full". Behind it by what is under
   * way beside the ring.
   */
  private reader: number
  /** What went beside the ring, in units; an Int32 that wraps. */
  private moved = 0
  private hasMoved = false
  /** The long item that was sent last, until it is taken: where it would begin in the ring, and how many items are taken when it is. */
  private long: { readonly start: number; readonly taken: number } | undefined
  /** How far the count of items taken is ahead of that of those accepted when all are taken. */
  private readonly takenOffset: number
  /**
   * Who has the place at the head to themselves: the code of an item that is being written, and the word that a long item was given up,
   * which comes before all that is put after it. 0: nobody. Set and unset by the `ItemWriter`, where each begins and ends.
   */
  held = 0
  private readonly acceptedIndex: number

  constructor(hub: Int32Array<SharedArrayBuffer>, memory: SharedArrayBuffer) {
    super(hub, memory)
    this.position = this.control[LANE_START]
    this.published = this.position
    this.reader = this.position
    this.acceptedIndex = acceptedWord(this.slot)
    this.accepted = Atomics.load(this.hub, this.acceptedIndex)
    this.acceptedPublished = this.accepted
    this.takenOffset = distance(Atomics.load(this.hub, takenWord(this.slot)), this.accepted)
  }

  /** Whether records wait to be published. */
  get isOpen(): boolean {
    return this.position !== this.published
  }

  /** Free bytes as far as known without looking. */
  private free(): number {
    return this.capacity - distance(this.position, this.reader)
  }

  /** Looks where the reading end is. */
  refresh(): void {
    // SYNC: pairs with LaneReader.release(): bytes before this position are no longer read.
    this.reader = Atomics.load(this.control, READ_POSITION)
    if (this.long !== undefined) this.countLong(this.long)
    if (this.hasMoved) this.reader = advance(this.reader, -this.besides())
  }

  /** A long item that is not taken counts as if all of it lay in the ring, although its fragments have been read. */
  private countLong({ start, taken }: { readonly start: number; readonly taken: number }): void {
    // SYNC: pairs with LaneReader.release(), which stores this before the reading end looks at the doorbell.
    if (distance(Atomics.load(this.hub, takenWord(this.slot)), taken) >= 0) this.long = undefined
    else if (distance(this.reader, start) > 0) this.reader = start
  }

  /** The last fragment of a long item of so many bytes was published. */
  holdLong(bytes: number): void {
    const start = advance(this.position, -Math.min(bytes, this.capacity))
    this.long = { start, taken: advance(this.accepted, this.takenOffset) }
    this.refresh()
  }

  /** Bytes that are under way beside the ring and count as if they lay in it: all of it at most. */
  private besides(): number {
    return Math.min(this.capacity, distance(this.moved, Atomics.load(this.control, MOVED_TAKEN)) * MOVED_UNIT)
  }

  /**
   * Whether so many units may go beside the ring now, with a record for them in it: together with all that is under way they must not be
   * more than the capacity. What alone is more goes when nothing else is under way.
   */
  mayMove(units: number): boolean {
    this.refresh()
    const underWay = distance(this.position, this.reader)
    if (underWay > 0 && underWay + MOVED_RECORD + units * MOVED_UNIT > this.capacity) return false
    const start = this.position
    const fits = this.claim(MOVED_BYTES)
    this.position = start
    return fits
  }

  /** So many units have gone beside the ring: to call before the record that stands for them is published. */
  countMoved(units: number): void {
    this.moved = advance(this.moved, units)
    this.hasMoved = true
    this.refresh()
  }

  /** Where the payload of the next record would lie. */
  head(): number {
    return (this.position & this.mask) + HEADER_BYTES
  }

  /** Payload bytes that a record at `head()` may have, as far as known; below 0 when not even a header fits. */
  room(): number {
    const toEnd = this.capacity - (this.position & this.mask)
    const free = this.free()
    return Math.min(Math.min(free, toEnd), this.longest + HEADER_BYTES) - HEADER_BYTES
  }

  /**
   * Skips what is left before the ring's end, if it is free and there is free space behind it.
   * @returns whether `head()` has moved.
   */
  wrap(): boolean {
    const index = this.position & this.mask
    const toEnd = this.capacity - index
    if (index === 0 || this.free() <= toEnd) return false
    this.words[index >> 2] = ((toEnd - HEADER_BYTES) << KIND_BITS) | PADDING
    this.position = advance(this.position, toEnd)
    return true
  }

  /**
   * Claims a record of exactly `length` bytes, wherever it fits.
   * @returns whether it fits now; then it goes at `head()`.
   */
  claim(length: number): boolean {
    if (this.room() >= length) return true
    this.refresh()
    if (this.room() >= length) return true
    const start = this.position
    if (this.wrap() && this.room() >= length) return true
    this.position = start
    return false
  }

  /** Writes the header of the record at `head()`, whose payload is in place, and steps behind it. */
  commit(kind: number, length: number, stamp: number, items: number): void {
    const word = (this.position & this.mask) >> 2
    this.words[word] = (length << KIND_BITS) | kind
    this.words[word + 1] = stamp
    this.position = advance(this.position, recordBytes(length))
    this.accepted = advance(this.accepted, items)
  }

  /**
   * Writes a number behind the head, as the codecs lay it, and publishes it with all that was committed before: `room()`, `commit()` and
   * `publish()` in few steps. In sparse traffic this thread has slept, and each function, each object is a visit to cold memory.
   *
   * @returns whether it was put; if not, the lane is as it was, and the longer way says why
   */
  appendDouble(value: number): boolean {
    const { position, capacity, words } = this
    const index = position & this.mask
    if (this.held !== 0 || capacity - index < DOUBLE_RECORD) return false
    if (capacity - ((position - this.reader) | 0) < DOUBLE_RECORD) return false
    const word = index >> 2
    words[word] = DOUBLE_HEADER
    words[word + 1] = 0
    this.doubles[(index + HEADER_BYTES) >> 3] = value
    this.position = (position + DOUBLE_RECORD) | 0
    this.accepted = (this.accepted + 1) | 0
    return this.publish()
  }

  /**
   * Shows the reading end all records committed so far.
   *
   * @returns false when the lane is sealed: none of them has been or will be seen, and the lane is as it was before them.
   */
  publish(): boolean {
    if (this.position === this.published) return !this.sealed
    // Before the items, so that a count is never below what can be taken. A kill between the two leaves a count too high,
    // which the home end, then its only writer, sets to what the ring really holds.
    Atomics.store(this.hub, this.acceptedIndex, this.accepted)
    // SYNC: publishes every plain store into the ring since the last one; pairs with LaneReader.refresh(). Fails only when
    // the reading end has set SEALED, since nobody else writes the position.
    const seen = Atomics.compareExchange(this.control, WRITE_POSITION, this.published, this.position)
    if (seen !== this.published) {
      this.sealed = true
      this.discard()
      Atomics.store(this.hub, this.acceptedIndex, this.accepted)
      return false
    }
    this.published = this.position
    this.acceptedPublished = this.accepted
    return true
  }

  /** Forgets the records that were committed and not published. */
  discard(): void {
    this.position = this.published
    this.accepted = this.acceptedPublished
  }

  /** Items committed and not yet published. */
  get openItems(): number {
    return distance(this.accepted, this.acceptedPublished)
  }

  /** Whether no more may be put: the queue is shut down or the reading end has gone. */
  isRefused(): boolean {
    return (
      this.sealed || Atomics.load(this.hub, STATE) !== 0 || (Atomics.load(this.control, WRITE_POSITION) & SEALED) !== 0
    )
  }

  /**
   * Sleeps until the reading end has moved, unless a record of `length` fits by now or no more may be put.
   * This THREAD stops, for `timeoutMs` at most. Returns spuriously: the caller claims again.
   */
  sleepForRoom(length: number, doorbell: Doorbell, timeoutMs: number): void {
    doorbell.raise()
    // SYNC: the second look after raise(); the reading end stores READ_POSITION before it looks at the doorbell.
    if (!this.isRefused() && !this.claim(length)) doorbell.sleep(timeoutMs)
    doorbell.lower()
  }

  /** As `sleepForRoom()`, until so many units may go beside the ring. */
  sleepToMove(units: number, doorbell: Doorbell, timeoutMs: number): void {
    doorbell.raise()
    // SYNC: as above; the reading end stores MOVED_TAKEN before READ_POSITION.
    if (!this.isRefused() && !this.mayMove(units)) doorbell.sleep(timeoutMs)
    doorbell.lower()
  }
}
