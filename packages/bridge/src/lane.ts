import type { Doorbell } from './doorbell.js'
import {
  acceptedWord,
  HEADER_BYTES,
  ITEM,
  KIND_BITS,
  KIND_MASK,
  LANE_CAPACITY,
  LANE_CONTROL_WORDS,
  LANE_SLOT,
  LANE_START,
  MOVED_BYTES,
  MOVED_RECORD,
  MOVED_TAKEN,
  MOVED_UNIT,
  maxPayload,
  PADDING,
  READ_POSITION,
  RING_OFFSET,
  recordBytes,
  SEALED,
  STATE,
  takenWord,
  WRITE_POSITION,
} from './layout.js'
import { advance, alignUp, distance } from './position.js'

/**
 * The protocol of one lane: a byte ring with one writing and one reading end, and nothing else.
 *
 * Invariants:
 * - `reader <= position published <= position written`, never more than the capacity apart, compared by difference.
 * - Bytes from the published position on belong to the writing end, those from the read position up to it to the reading end.
 *   No byte belongs to both, so plain loads and stores of the ring never race.
 * - A record is visible whole or not at all: one compare-exchange of WRITE_POSITION publishes it with everything before it.
 *   A thread that is killed anywhere else leaves the ring as its last publication left it.
 * - The reading end may set SEALED in WRITE_POSITION. The writing end's compare-exchange then fails: what was published before
 *   is delivered, what was not is refused to whoever put it, and neither side needs to wait for the other to know which.
 */
abstract class LaneEnd {
  readonly control: Int32Array<SharedArrayBuffer>
  /** The ring as bytes, for codecs. */
  readonly bytes: Uint8Array<SharedArrayBuffer>
  /** The ring as words, for record headers. */
  readonly words: Int32Array<SharedArrayBuffer>
  /** The ring as doubles, for items that are numbers. */
  readonly doubles: Float64Array<SharedArrayBuffer>
  readonly capacity: number
  /** Longest payload of a record. */
  readonly longest: number
  readonly slot: number
  protected readonly mask: number

  constructor(
    readonly hub: Int32Array<SharedArrayBuffer>,
    private readonly memory: SharedArrayBuffer,
  ) {
    this.control = new Int32Array(memory, 0, LANE_CONTROL_WORDS)
    this.capacity = this.control[LANE_CAPACITY]
    this.slot = this.control[LANE_SLOT]
    this.bytes = new Uint8Array(memory, RING_OFFSET, this.capacity)
    this.words = new Int32Array(memory, RING_OFFSET, this.capacity / 4)
    this.doubles = new Float64Array(memory, RING_OFFSET, this.capacity / 8)
    this.mask = this.capacity - 1
    this.longest = maxPayload(this.capacity)
  }

  /** A view of `bytes`. Its buffer is known here; asking `bytes` for it would cost as much as the view. */
  viewBetween(start: number, end: number): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.memory, RING_OFFSET + start, end - start)
  }
}

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
