import type { MessagePort } from 'node:worker_threads'
import { BundleTrials, endOfBundled, LONGEST_BUNDLED } from './bundles.js'
import type { Codec } from './codec.js'
import { type Doorbell, ring } from './doorbell.js'
import { endOfEncoded } from './encoded-end.js'
import type { Transferable } from './handle.js'
import { HELD_BY_CODE, HELD_FOR_ABANDON, type LaneWriter } from './lane-writer.js'
import {
  ABANDON,
  BUNDLE,
  FRAGMENT,
  FRAGMENT_FIRST,
  FRAGMENT_LAST,
  HEADER_BYTES,
  ITEM,
  MOVED_BYTES,
  RAW,
  RUN,
  recordBytes,
  SPILLED,
  TRANSFER,
} from './layout.js'
import { copyParcel, type Parcel, pack, packInPlace, packMoved } from './parcel.js'
import { advanceTicket, NO_TICKET } from './position.js'
import type { TicketBooth } from './tickets.js'

/** What became of an attempt: it is in the lane, there is no room or ticket for it now, or the lane takes no more at all. */
export const SENT = 1
export const NO_ROOM = 0
export const REFUSED = -1
export type Attempt = typeof SENT | typeof NO_ROOM | typeof REFUSED

/** The first fragment says how long the item is. */
const FRAGMENT_PREFIX = 8

/** Whose doorbell to ring after a publication. */
export interface Bell {
  readonly words: Int32Array<SharedArrayBuffer>
  readonly index: number
}

/**
 * Puts items into a lane: encodes them straight into the ring where they fit, sends those longer than half a ring in fragments.
 *
 * Nothing here waits. An attempt that does not come to its end leaves the lane as it was, except that of a long item, whose
 * fragments stay: `abandon()` has the reading end forget them.
 */
export class ItemWriter<T> {
  /** Payload of a fragment: small enough that several are under way. */
  private readonly fragment: number
  private readonly trials = new BundleTrials()
  /** Records that an open reservation has room for, and the first of their tickets. */
  reserved = 0
  private reservedTicket = NO_TICKET

  constructor(
    readonly lane: LaneWriter,
    readonly codec: Codec<T>,
    readonly booth: TicketBooth | undefined,
    private readonly bell: Bell,
    private readonly port?: MessagePort,
    /** Whether a long item may be given up on its way. */
    private readonly mayAbandon = true,
  ) {
    this.fragment = Math.min(lane.longest - HEADER_BYTES, lane.capacity / 4)
  }

  /** Puts one item, visible to the reading end when this returns SENT. Throws what the codec throws. */
  put(item: T): Attempt {
    const { lane, codec, booth } = this
    if (booth === undefined && lane.held === 0) {
      // The common item, in as few steps as can be.
      const room = lane.room()
      if (room >= 0) {
        const head = lane.head()
        let end = -1
        lane.held |= HELD_BY_CODE
        try {
          end = codec.encode(item, lane.bytes, head, head + room)
        } finally {
          lane.held &= ~HELD_BY_CODE
        }
        if (end >= 0) {
          lane.commit(ITEM, endOfEncoded(codec, end, head, head + room) - head, 0, 1)
          if (!lane.publish()) return REFUSED
          ring(this.bell.words, this.bell.index)
          return SENT
        }
      }
    }
    if (this.owesAbandon && !this.settleAbandon()) return NO_ROOM
    if (booth !== undefined && booth.available(1) < 1) return NO_ROOM
    const length = this.encode(item)
    if (length < 0) return NO_ROOM
    return this.send(ITEM, length)
  }

  /**
   * Sets room for up to `count` records of `byteLength` bytes each aside, side by side at the head, until `endReservation()`: with
   * `maxItems` their tickets too, so that the end cannot fail for want of one. `reserved` says how many there are.
   *
   * @returns whether there is room for one at least
   */
  reserve(byteLength: number, count = 1): boolean {
    this.assertIdle()
    if (this.owesAbandon && !this.settleAbandon()) return false
    const { lane, booth } = this
    let most = count
    if (booth !== undefined) {
      most = booth.available(count)
      if (most < 1) return false
    }
    if (count === 1) {
      if (!lane.claim(byteLength)) return false
      this.reserved = 1
    } else {
      const apart = recordBytes(byteLength)
      // What is known of the room may be old: one look before few are taken for all that fit.
      if (lane.room() < most * apart - HEADER_BYTES) lane.refresh()
      if (!lane.claim(byteLength)) return false
      this.reserved = Math.min(most, Math.floor((lane.room() + HEADER_BYTES) / apart))
    }
    if (booth === undefined || !booth.isBounded) return true
    this.reservedTicket = booth.claim(this.reserved)
    if (this.reservedTicket !== NO_TICKET) return true
    lane.discard()
    ring(this.bell.words, this.bell.index)
    return false
  }

  /** Publishes so many of the records that were reserved, all together, each one item of `byteLength` bytes; gives the rest back. */
  endReservation(count: number, byteLength: number): Attempt {
    const { lane, booth } = this
    let ticket = this.reservedTicket
    this.reservedTicket = NO_TICKET
    // Tickets that were claimed are used or given up, each by a record.
    const claimed = ticket === NO_TICKET ? count : this.reserved
    if (claimed === 0) {
      lane.discard()
      return SENT
    }
    if (ticket === NO_TICKET) ticket = booth === undefined ? 0 : booth.claim(count)
    for (let i = 0; i < count; i++) lane.commit(RAW, byteLength, advanceTicket(ticket, i), 1)
    for (let i = count; i < claimed; i++) lane.commit(ABANDON, 0, advanceTicket(ticket, i), 0)
    const isSent = this.flush()
    booth?.settle()
    return isSent ? SENT : REFUSED
  }

  /** Whether an item can go in one record; otherwise it goes in fragments. */
  isLong(parcel: Parcel): boolean {
    return parcel.length > this.lane.longest
  }

  /** The item as it is now: what happens to it meanwhile does not matter. */
  pack(item: T): Parcel {
    return pack(this.codec, item)
  }

  /** The item as it is now, to be sent with some of its parts transferred. */
  packMoved(item: T, transfer: readonly Transferable[]): Parcel {
    this.enter()
    try {
      return packMoved(item, transfer)
    } finally {
      this.lane.held &= ~HELD_BY_CODE
    }
  }

  /** The item for a caller that stays in its call until it has left. */
  packInPlace(item: T): Parcel {
    return packInPlace(this.codec, item)
  }

  /**
   * Room for payload that the parcel asks for next. Behind a fragment that is not the last one there has to be room for the word that the
   * item was given up: the reading end may wait for the rest of it, and its producer may never again have anything to put.
   */
  need(parcel: Parcel): number {
    if (!this.isLong(parcel)) return parcel.length
    const length = this.nextFragment(parcel)
    return this.mayAbandon && length < this.unsent(parcel) ? length + HEADER_BYTES : length
  }

  /** Payload bytes of the next fragment. */
  private nextFragment(parcel: Parcel): number {
    return Math.min(this.fragment, this.unsent(parcel))
  }

  /** Bytes that are to leave in fragments yet. */
  private unsent(parcel: Parcel): number {
    return parcel.length - parcel.sent + (parcel.isBegun ? 0 : FRAGMENT_PREFIX)
  }

  /** Sleeps until more of the parcel may fit, or of so many bytes. This THREAD stops. Returns spuriously. */
  sleepForRoom(parcel: Parcel | number, doorbell: Doorbell, timeoutMs: number): void {
    const { lane } = this
    if (typeof parcel === 'number') lane.sleepForRoom(parcel, doorbell, timeoutMs)
    else if (parcel.moved !== undefined) lane.sleepToMove(parcel.moved.units, doorbell, timeoutMs)
    else lane.sleepForRoom(this.need(parcel), doorbell, timeoutMs)
  }

  /** Sends of a parcel what fits. SENT means all of it. */
  push(parcel: Parcel): Attempt {
    this.assertIdle()
    if (this.owesAbandon && !this.settleAbandon()) return NO_ROOM
    if (parcel.moved !== undefined) return this.pushMoved(parcel.moved)
    if (!this.isLong(parcel)) {
      if (this.booth !== undefined && this.booth.available(1) < 1) return NO_ROOM
      if (!this.lane.claim(parcel.length)) return NO_ROOM
      if (parcel.head === undefined) this.lane.bytes.set(parcel.bytes, this.lane.head())
      else copyParcel(parcel, 0, parcel.length, this.lane.bytes, this.lane.head())
      return this.send(ITEM, parcel.length)
    }
    while (parcel.sent < parcel.length) {
      const attempt = this.pushFragment(parcel)
      if (attempt !== SENT) return attempt
    }
    return SENT
  }

  /**
   * Sends an item over the port and a record in its place into the lane, which keeps order and count.
   * What was transferred and has not arrived counts as if it lay in the lane; one item larger than that goes alone.
   */
  private pushMoved({ item, transfer, units }: NonNullable<Parcel['moved']>): Attempt {
    const { lane, booth, port } = this
    if (!lane.mayMove(units)) return NO_ROOM
    if (booth !== undefined && booth.available(1) < 1) return NO_ROOM
    const start = lane.position
    if (!lane.claim(MOVED_BYTES)) return NO_ROOM
    const ticket = booth === undefined ? 0 : booth.claim(1)
    if (ticket === NO_TICKET) {
      lane.position = start
      ring(this.bell.words, this.bell.index)
      return NO_ROOM
    }
    lane.held |= HELD_BY_CODE
    try {
      port?.postMessage(item, transfer as Transferable[])
      lane.held &= ~HELD_BY_CODE
    } catch (error) {
      lane.held &= ~HELD_BY_CODE
      if (booth === undefined) lane.position = start
      else {
        this.publish(ABANDON, 0, 0, ticket)
        booth.settle()
      }
      throw error
    }
    lane.countMoved(units)
    lane.words[lane.head() >> 2] = units
    Atomics.add(lane.control, SPILLED, 1)
    const attempt = this.publish(TRANSFER, MOVED_BYTES, 1, ticket)
    booth?.settle()
    return attempt
  }

  /** Has the reading end forget the fragments of an item that will not be finished. There is room to say so: see `need()`. */
  abandon(): void {
    this.lane.held |= HELD_FOR_ABANDON
    this.settleAbandon()
  }

  private get owesAbandon(): boolean {
    return (this.lane.held & HELD_FOR_ABANDON) !== 0
  }

  /** Whether the code of an item is running that is being written. */
  get isEncoding(): boolean {
    return (this.lane.held & HELD_BY_CODE) !== 0
  }

  /** @returns whether the next record may be written. */
  private settleAbandon(): boolean {
    if (!this.owesAbandon) return true
    if (!this.lane.claim(0)) return false
    this.lane.held &= ~HELD_FOR_ABANDON
    this.publish(ABANDON, 0, 0)
    return true
  }

  private pushFragment(parcel: Parcel): Attempt {
    const { lane } = this
    if (!parcel.isBegun && this.booth !== undefined && this.booth.available(1) < 1) return NO_ROOM
    if (!lane.claim(this.need(parcel))) return NO_ROOM
    const length = this.nextFragment(parcel)
    const head = lane.head()
    const prefix = parcel.isBegun ? 0 : FRAGMENT_PREFIX
    if (prefix > 0) new Float64Array(lane.bytes.buffer, lane.bytes.byteOffset + head, 1)[0] = parcel.length
    const until = parcel.sent + length - prefix
    copyParcel(parcel, parcel.sent, until, lane.bytes, head + prefix)
    const isLast = until === parcel.length
    const attempt =
      prefix > 0
        ? this.send(FRAGMENT_FIRST, length, 0)
        : this.publish(isLast ? FRAGMENT_LAST : FRAGMENT, length, isLast ? 1 : 0)
    if (attempt !== SENT) return attempt
    parcel.isBegun = true
    parcel.sent = until
    if (isLast) {
      Atomics.add(lane.control, SPILLED, 1)
      lane.holdLong(parcel.length)
    }
    return SENT
  }

  /** Gives the record at the head a ticket, where there are tickets, and publishes it. */
  send(kind: number, length: number, items = 1): Attempt {
    const { booth } = this
    if (booth === undefined) return this.publish(kind, length, items)
    const ticket = this.claimTickets(Math.max(items, 1))
    if (ticket === NO_TICKET) return NO_ROOM
    const attempt = this.publish(kind, length, items, ticket)
    booth.settle()
    return attempt
  }

  /** @returns the first of `count` tickets for the record at the head, or NO_TICKET: then the lane is as it was */
  private claimTickets(count: number): number {
    const { booth } = this
    if (booth === undefined) return 0
    const ticket = booth.claim(count)
    if (ticket === NO_TICKET) {
      this.lane.discard()
      // The reading end may have waited for the ticket that this end nearly took.
      ring(this.bell.words, this.bell.index)
    }
    return ticket
  }

  private publish(kind: number, length: number, items: number, ticket = 0): Attempt {
    this.lane.commit(kind, length, ticket, items)
    return this.flush() ? SENT : REFUSED
  }

  /**
   * Publishes what was committed, or leaves it to the item that is being written, should its code be what asks for that.
   * @returns false when the lane takes no more: then none of it has been put
   */
  flush(): boolean {
    if (!this.lane.isOpen || this.isEncoding) return true
    if (!this.lane.publish()) return false
    ring(this.bell.words, this.bell.index)
    return true
  }

  /** As `flush()`, from wherever this thread is about to stop. */
  publishBatch(): void {
    this.flush()
  }

  /** Whether the reading end is asleep or about to be: then a batch should not be held back. */
  isAwaited(): boolean {
    return Atomics.load(this.bell.words, this.bell.index) === 1
  }

  /** Commits one item without publishing it. @returns whether there was room. Only in a lane without tickets. */
  commit(item: T): boolean {
    if (this.owesAbandon) return false
    const length = this.encode(item)
    if (length < 0) return false
    this.lane.commit(ITEM, length, 0, 1)
    return true
  }

  /**
   * Commits as many of `items[from]` to `items[to - 1]` as fit into one record, all of the codec's fixed size.
   * @returns how many that were: 0 when there is room for none.
   */
  commitRun(items: ArrayLike<T>, from: number, to: number): number {
    const { lane, booth, codec } = this
    this.assertIdle()
    if (this.owesAbandon) return 0
    const size = codec.fixedSize as number
    if (!lane.claim(size)) return 0
    let count = Math.min(to - from, Math.floor(lane.room() / size))
    if (booth !== undefined) count = Math.min(count, booth.available(count))
    if (count < 1) return 0
    this.encodeRun(items, from, from + count)
    const ticket = this.claimTickets(count)
    if (ticket === NO_TICKET) return 0
    lane.commit(RUN, count * size, ticket, count)
    return count
  }

  /** As `commitRun()`, of short items that the codec writes together. 0 also where the first of them is none. */
  commitBundle(items: ArrayLike<T>, from: number, to: number): number {
    const { lane, booth, codec, trials } = this
    this.assertIdle()
    if (codec.encodeBundle === undefined || this.owesAbandon || trials.skips()) return 0
    const most = booth === undefined ? to - from : booth.available(to - from)
    if (most < 2) return 0
    const start = lane.position
    // What is known of the room may be old: one look before few are taken for all that fit.
    if (lane.room() < trials.bytes) lane.refresh()
    if (!lane.claim(Math.min(LONGEST_BUNDLED, lane.longest))) return 0
    const head = lane.head()
    const room = Math.min(lane.room(), trials.bytes)
    let count = 0
    this.enter()
    try {
      count = codec.encodeBundle(items, from, from + most, lane.bytes, head, head + room)
    } finally {
      lane.held &= ~HELD_BY_CODE
      if (count === 0) lane.position = start
    }
    // Less room than was meant for them says nothing about the items.
    if (count > 0 || room === trials.bytes) trials.note(count > 0)
    if (count === 0) return 0
    const ticket = this.claimTickets(count)
    if (ticket === NO_TICKET) return 0
    lane.commit(BUNDLE, endOfBundled(lane.bytes, head, count) - head, ticket, count)
    return count
  }

  /** Sends as many of `items` items of the codec's fixed size as fit into one record. @returns how many. Only in a lane without tickets. */
  pushRun(bytes: Uint8Array, items: number): number {
    const { lane } = this
    const size = this.codec.fixedSize as number
    if (this.owesAbandon || !lane.claim(size)) return 0
    const count = Math.min(items, Math.floor(lane.room() / size))
    lane.bytes.set(bytes.subarray(0, count * size), lane.head())
    return this.publish(RUN, count * size, count) === SENT ? count : 0
  }

  private encodeRun(items: ArrayLike<T>, from: number, to: number): void {
    const { codec, lane } = this
    this.enter()
    try {
      if (codec.encodeRun !== undefined) codec.encodeRun(items, from, to, lane.bytes, lane.head())
      else {
        const size = codec.fixedSize as number
        for (let i = from, at = lane.head(); i < to; i++, at += size) codec.encode(items[i], lane.bytes, at, at + size)
      }
    } finally {
      lane.held &= ~HELD_BY_CODE
    }
  }

  /** Writes an item behind the head. @returns its length, or -1 when it does not fit now. */
  private encode(item: T): number {
    const { lane, codec } = this
    const start = lane.position
    this.enter()
    try {
      // Most items fit where they are tried: their size is asked for only after that.
      let length = this.encodeHere(item)
      if (length < 0 && codec.size !== undefined) {
        const size = codec.size(item)
        if (size > lane.longest || !lane.claim(size)) return -1
        const head = lane.head()
        return endOfEncoded(codec, codec.encode(item, lane.bytes, head, head + size), head, head + size) - head
      }
      if (length < 0) {
        lane.refresh()
        length = this.encodeHere(item)
        if (length < 0 && lane.wrap()) length = this.encodeHere(item)
        if (length < 0) lane.position = start
      }
      return length
    } catch (error) {
      lane.position = start
      throw error
    } finally {
      lane.held &= ~HELD_BY_CODE
    }
  }

  private encodeHere(item: T): number {
    const { lane, codec } = this
    const room = lane.room()
    if (room < 0) return -1
    const head = lane.head()
    const end = endOfEncoded(codec, codec.encode(item, lane.bytes, head, head + room), head, head + room)
    return end < 0 ? -1 : end - head
  }

  /** A codec may run the item's own code, a getter or a toJSON(), and that may put: into the very place being written. */
  private enter(): void {
    this.assertIdle()
    this.lane.held |= HELD_BY_CODE
  }

  /** @throws {TypeError} while an item is being written: its own code has called this */
  assertIdle(): void {
    if (this.isEncoding)
      throw new TypeError('put() was called by the code of an item that is being put: put it before or after')
  }
}
