import type { Codec } from '../codec.js'
import { ringAlways, ringRemote } from '../doorbell.js'
import { ItemWriter, SENT } from '../item-writer.js'
import { LaneWriter } from '../lane-writer.js'
import {
  acceptedWord,
  CLOSED,
  CLOSED_BY_DEATH,
  DOORBELL,
  doneWord,
  HEADER_BYTES,
  KEPT_POSITION,
  KIND_BITS,
  OWNER,
  READ_POSITION,
  takenWord,
} from '../layout.js'
import type { Parcel } from '../parcel.js'
import { advance, distance } from '../position.js'
import { type Delivery, partOf } from './backlog.js'
import { acknowledgedItems, shutGate, takenItems } from './receipts.js'

type Words = Int32Array<SharedArrayBuffer>

/** Bytes that KEPT_POSITION may be behind: with a ring of any size on top still no difference that wraps. */
const FURTHEST_BEHIND = 2 ** 29

/** The items of a record in the lane, from its publication to the acknowledgement of the last one. */
interface Sent {
  /** Where the record begins in the ring. */
  readonly start: number
  /** The how-manieth delivery it is, should they be taken. */
  readonly delivery: number
  /** Whether they are of the codec's fixed size, side by side. */
  readonly isRun: boolean
  /** Those that are not acknowledged: how many, and how many others stand before them in `start` or `parcel`. */
  items: number
  before: number
  /** Their bytes, where the ring does not keep them until they are acknowledged. */
  parcel: Parcel | undefined
}

/** What a consumer left behind. */
export interface Leavings {
  /** Items acknowledged since the last look. */
  readonly acknowledged: number
  /** Items that it had taken and not acknowledged when its thread died, the oldest first. */
  readonly held: readonly Delivery[]
  /** Items that nobody had from it. */
  readonly untouched: readonly Delivery[]
}

/**
 * The writing end of one consumer's lane, and what the home end knows of that consumer.
 *
 * A record stays in the ring until it is acknowledged, so what a lost consumer held can be read there again; nothing is copied for
 * that. Only where what the consumer holds leaves no room for what it may have besides is that copied and kept here, and its space given
 * back; as is what lies before a long item, whose fragments leave the ring as they are read. The long item itself is kept here, too.
 */
export class OutLane<T> {
  readonly control: Words
  isOpened = false
  /** The thread that the handle went with, as far as anybody said so; -1 otherwise. */
  expectedThread = -1
  /** Whether its consumer takes nothing more: closed or dead. */
  isEnding = false
  exitCode: number | undefined
  isDead = false
  /** Items acknowledged in all. */
  acknowledged = 0
  private readonly writer: LaneWriter
  private readonly encoder: ItemWriter<T>
  /** Bytes of an item in a run. */
  private readonly itemSize: number
  private readonly acceptedBefore: number
  private readonly doneBefore: number
  private sent = 0
  /** What the lane's counts are set to once its thread has ended. */
  private last: number | undefined
  private outstanding: Sent[] = []
  /** Items in the lane or taken, all of `outstanding`. */
  private underWay = 0
  private long: Delivery | undefined
  /** What KEPT_POSITION says. */
  private kept: number
  /** Bytes sent up to the position `bytesFrom`; moved on now and then, since positions wrap. */
  private bytesBefore = 0
  private bytesFrom: number

  constructor(
    private readonly hub: Words,
    readonly memory: SharedArrayBuffer,
    codec: Codec<T>,
    readonly name: string | undefined,
    private readonly prefetch: number,
  ) {
    this.writer = new LaneWriter(hub, memory)
    this.control = this.writer.control
    // What a consumer has begun to get it gets, or the lane ends with it: no long item is given up on its way.
    this.encoder = new ItemWriter(
      this.writer,
      codec,
      undefined,
      { words: this.control, index: DOORBELL },
      undefined,
      false,
    )
    this.itemSize = codec.fixedSize ?? 0
    this.acceptedBefore = this.writer.accepted
    this.bytesFrom = this.writer.published
    this.kept = this.writer.published
    this.doneBefore = Atomics.load(hub, doneWord(this.slot))
  }

  get slot(): number {
    return this.writer.slot
  }

  /** Thread that opened it, or -1. */
  get thread(): number {
    return Atomics.load(this.control, OWNER) - 1
  }

  /** Whether it is over when that thread is: its opener, or with the handle unopened the one that was to open it. */
  belongsTo(threadId: number): boolean {
    const { thread } = this
    return threadId >= 0 && (thread < 0 ? this.expectedThread : thread) === threadId
  }

  /** Whether its consumer has closed it, which `look()` may not have seen yet. */
  get isClosed(): boolean {
    return Atomics.load(this.control, CLOSED) !== 0
  }

  /** Items in the lane or in the consumer's hands. */
  get unacknowledged(): number {
    return this.underWay + (this.long === undefined ? 0 : 1)
  }

  get capacity(): number {
    return this.writer.capacity
  }

  /** Items sent in all, and bytes with their headers and padding. */
  get items(): number {
    return this.acknowledged + this.underWay
  }

  get bytes(): number {
    return this.bytesBefore + distance(this.writer.published, this.bytesFrom)
  }

  /** Items in the ring that the consumer has not taken. */
  get untaken(): number {
    return (this.sent - takenItems(this.control)) & 0x7fffffff
  }

  /** Bytes in the ring. */
  get depthBytes(): number {
    return distance(this.writer.published, Atomics.load(this.control, READ_POSITION))
  }

  /** How many more items it may have now. */
  get credit(): number {
    if (!this.isOpened || this.isEnding || this.long !== undefined) return 0
    return this.prefetch - this.underWay
  }

  /** Looks whether it was opened or closed, and what was acknowledged. @returns how many items that were */
  look(): number {
    if (!this.isOpened) this.isOpened = this.thread >= 0
    if (!this.isEnding) this.isEnding = this.isClosed
    if (this.underWay === 0) return 0
    const items = distance(acknowledgedItems(this.control), this.acknowledged | 0)
    if (items > 0) this.forget(items)
    this.bytesBefore = this.bytes
    this.bytesFrom = this.writer.published
    return items
  }

  private forget(items: number): void {
    const { outstanding } = this
    let left = items
    let gone = 0
    while (left > 0) {
      const sent = outstanding[gone]
      const count = Math.min(left, sent.items)
      sent.items -= count
      sent.before += count
      left -= count
      if (sent.items === 0) gone++
    }
    if (gone > 0) outstanding.splice(0, gone)
    this.underWay -= items
    this.acknowledged += items
  }

  /** Encodes an item straight into the ring. @returns whether it fitted. Throws what the codec throws. */
  put(item: T): boolean {
    const before = this.writer.position
    if (this.encoder.put(item) !== SENT) return false
    this.note(before, 1, undefined)
    return true
  }

  /** As `put()` of several items of the codec's fixed size, as far as they fit side by side. @returns how many that were */
  putRun(items: ArrayLike<T>, from: number, to: number): number {
    const before = this.writer.position
    const count = this.encoder.commitRun(items, from, to)
    if (count === 0 || !this.encoder.flush()) return 0
    this.note(before, 1, undefined, count, true)
    return count
  }

  /** Sends up to `items` of a delivery of several, as far as they fit. @returns how many that were */
  sendRun({ parcel, deliveries }: Delivery, items: number): number {
    const before = this.writer.position
    const count = this.encoder.pushRun(parcel.bytes, items)
    if (count > 0) this.note(before, deliveries + 1, undefined, count, true)
    return count
  }

  /** Sends an item, if it fits now; of a long one what fits, and the rest with `goOn()`. @returns whether the lane has it */
  send(delivery: Delivery): boolean {
    const { parcel } = delivery
    if (this.encoder.isLong(parcel)) {
      this.keep()
      parcel.sent = 0
      parcel.isBegun = false
      this.long = delivery
      this.goOn()
      return true
    }
    const before = this.writer.position
    const attempt =
      parcel.number === undefined ? this.encoder.push(parcel) : this.encoder.put(parcel.number as unknown as T)
    if (attempt !== SENT) return false
    this.note(before, delivery.deliveries + 1, undefined)
    return true
  }

  /** There was no room for an item that it has credit for: makes some, if nothing is left for the consumer to take. */
  makeRoom(): void {
    if (this.untaken === 0) this.keep()
  }

  /** Keeps copies of all that is in the ring, and lets the consumer give back the space of what it has read of that. */
  private keep(): void {
    const end = this.writer.published
    if (this.kept === end) return
    for (const sent of this.outstanding) {
      if (sent.parcel !== undefined) continue
      sent.parcel = this.readBack(sent)
      sent.before = 0
    }
    this.sayKept(end)
    ringRemote(this.control)
  }

  private sayKept(end: number): void {
    this.kept = end
    // SYNC: pairs with Receipts.releaseKept(), after which this end may write where the records before `end` were: it has copies of all
    // that are not acknowledged.
    Atomics.store(this.control, KEPT_POSITION, end)
  }

  /** Sends more of a long item. @returns whether anything was sent */
  goOn(): boolean {
    const { long } = this
    if (long === undefined) return false
    const before = long.parcel.sent
    if (this.encoder.push(long.parcel) === SENT) {
      this.long = undefined
      // All that came before it is kept since it began, and so is the item itself.
      this.sayKept(this.writer.published)
      this.note(0, long.deliveries + 1, long.parcel)
      return true
    }
    return long.parcel.sent > before
  }

  /** @param before - where the record begins, or the padding before it */
  private note(before: number, delivery: number, parcel: Parcel | undefined, items = 1, isRun = false): void {
    this.sent += items
    this.underWay += items
    this.outstanding.push({ start: this.startBehind(before), delivery, isRun, items, before: 0, parcel })
    if (distance(this.writer.published, this.kept) > FURTHEST_BEHIND) this.bringKeptAlong()
  }

  /**
   * Where the record begins that was written at `before`, or behind the padding there. Known only now: the space of the padding is given
   * back with the first item of a run behind it, and written over while the others still lie there.
   */
  private startBehind(before: number): number {
    const { capacity, published } = this.writer
    const toEnd = capacity - (before & (capacity - 1))
    return distance(published, before) > toEnd ? advance(before, toEnd) : before
  }

  /** Positions wrap: one that stays behind comes to lie ahead. What the consumer has given back already may be called kept. */
  private bringKeptAlong(): void {
    const read = Atomics.load(this.control, READ_POSITION)
    if (distance(read, this.kept) > 0) this.sayKept(read)
  }

  /** The items of a record that are not acknowledged, copied out of the ring. */
  private readBack({ start: position, isRun, before, items }: Sent): Parcel {
    const { words, bytes, capacity } = this.writer
    const at = position & (capacity - 1)
    const size = isRun ? this.itemSize : words[at >> 2] >>> KIND_BITS
    const start = at + HEADER_BYTES + before * size
    const copy = bytes.slice(start, start + items * size)
    return partOf(copy, 0, copy.length)
  }

  /** `count` of the items of a record, from the `first` of those not acknowledged on. */
  private part(sent: Sent, first: number, count: number, deliveries: number): Delivery {
    if (sent.parcel === undefined) {
      sent.parcel = this.readBack(sent)
      sent.before = 0
    }
    const { parcel, before } = sent
    const size = sent.isRun ? this.itemSize : parcel.length
    if (count * size === parcel.length) return { parcel, items: count, deliveries }
    const start = (before + first) * size
    return { parcel: partOf(parcel.bytes, start, start + count * size), items: count, deliveries }
  }

  /** Whether more of a long item is to be sent. */
  get isSending(): boolean {
    return this.long !== undefined
  }

  /** The consumer's thread has ended, without close(). */
  markDead(exitCode: number | undefined): void {
    Atomics.store(this.control, CLOSED, CLOSED_BY_DEATH)
    this.ringAlways()
    this.exitCode = exitCode
    this.isDead = true
    this.isEnding = true
  }

  /**
   * Lets the consumer take nothing more, at an immediate shutdown.
   * @returns how many items nobody will get
   */
  drop(): number {
    const { untouched } = this.parted()
    const dropped = untouched + (this.long === undefined ? 0 : 1)
    this.long = undefined
    this.forgetLast(untouched)
    this.sent -= untouched
    this.settleCounts()
    return dropped
  }

  private forgetLast(items: number): void {
    const { outstanding } = this
    let left = items
    while (left > 0) {
      const last = outstanding[outstanding.length - 1]
      const count = Math.min(left, last.items)
      last.items -= count
      left -= count
      if (last.items === 0) outstanding.pop()
    }
    this.underWay -= items
  }

  /** Shuts the gate and tells taken items from others. */
  private parted(): { readonly held: number; readonly untouched: number } {
    const taken = shutGate(this.control)
    const untouched = (this.sent - taken) & 0x7fffffff
    return { held: this.underWay - untouched, untouched }
  }

  /**
   * Takes from the lane what it still has, its consumer having closed or died. Then `settleCounts()`, once that is counted elsewhere.
   * A consumer whose thread runs on (see liveness.ts) has no part in that any more: the gate is shut, and its counts move to where it
   * never finds them again.
   */
  leave(): Leavings {
    // One beyond all that the consumer can have counted.
    if (this.isDead) this.last = (this.acceptedBefore + this.sent + 1) | 0
    let acknowledged = this.look()
    const { held, untouched } = this.parted()
    // Killed between counting off and acknowledging: what is done is acknowledged.
    const done = distance(Atomics.load(this.hub, doneWord(this.slot)), this.doneBefore)
    const more = Math.min(held, Math.max(0, done - this.acknowledged))
    if (more > 0) this.forget(more)
    acknowledged += more
    const heldNow: Delivery[] = []
    const others: Delivery[] = []
    let left = held - more
    for (const sent of this.outstanding) {
      const { delivery, items } = sent
      // Of a run some may be held and some not.
      const count = Math.min(left, items)
      left -= count
      // One that has closed holds what it had taken and given to nobody.
      if (count > 0 && this.isDead) heldNow.push(this.part(sent, 0, count, delivery))
      else if (count > 0) others.push(this.part(sent, 0, count, delivery - 1))
      if (count < items) others.push(this.part(sent, count, items - count, delivery - 1))
    }
    if (this.long !== undefined) others.push(this.long)
    this.long = undefined
    this.outstanding = []
    this.underWay = 0
    this.sent -= held - more + untouched
    return { acknowledged, held: heldNow, untouched: others }
  }

  /** Sets the lane's counts to what it has had, less what was taken from it. After the consumer's end they are all the home end's. */
  settleCounts(): void {
    const accepted = this.last ?? (this.acceptedBefore + this.sent) | 0
    // SYNC: the larger count first; whoever looks in between sees too much unfinished, never too little.
    Atomics.store(this.hub, acceptedWord(this.slot), accepted)
    if (!this.isEnding) return
    Atomics.store(this.hub, takenWord(this.slot), accepted)
    // What it had acknowledged and never counted off nobody else can.
    Atomics.store(this.hub, doneWord(this.slot), accepted)
  }

  /** Wakes the consumer whatever it waits for. */
  ringAlways(): void {
    ringAlways(this.control, DOORBELL)
  }
}
