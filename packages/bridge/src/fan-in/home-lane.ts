import type { MessagePort } from 'node:worker_threads'
import type { Codec } from '../codec.js'
import { laysDoubles } from '../codecs/lays-doubles.js'
import { ringAlways, ringRemote } from '../doorbell.js'
import { ItemReader } from '../item-reader.js'
import { LaneReader } from '../lane-reader.js'
import { acceptedWord, CLOSED, CLOSED_BY_DEATH, DOORBELL, LOCKED, OWNER } from '../layout.js'
import { distance } from '../position.js'
import { type LaneStats, remoteStats } from '../stats.js'
import { Lease } from './lease.js'
import { LeaseBatch } from './lease-batch.js'
import { type Lessor, type Pin, PinningBatch, PinningLease, Pins } from './pins.js'
import type { Spans } from './spans.js'

type Words = Int32Array<SharedArrayBuffer>

/** The reading end of one producer's lane, and what the home end knows of that producer. */
export class HomeLane<T> implements Lessor {
  private readonly end: LaneReader
  readonly items: ItemReader<T>
  /** Whether the producer can put nothing more: closed, dead, or its queue shut down. Set by `look()`. */
  isEnding = false
  isOpened = false
  /** The thread that the handle went with, as far as anybody said so; -1 otherwise. */
  expectedThread = -1
  private isWatched = false
  /** Whether nothing more can be published: the queue is shut down, or its thread is dead. */
  isSealed = false
  /** Exit code of the thread that died without closing. */
  death: { readonly exitCode: number | undefined; readonly isLoss: boolean } | undefined
  private readonly takenBefore: number
  private readonly pins = new Pins()
  private readonly watermark: number

  constructor(
    readonly hub: Words,
    readonly memory: SharedArrayBuffer,
    codec: Codec<T>,
    readonly name: string | undefined,
    private readonly port?: MessagePort,
    /** Name of the lock by which the end of its thread is heard of, where there is no other way. */
    readonly lock?: string,
  ) {
    this.end = new LaneReader(hub, memory)
    this.items = new ItemReader(this.end, codec, port, laysDoubles(codec))
    this.takenBefore = this.end.taken
    this.watermark = this.end.capacity / 4
  }

  /** The reading end, which knows by now of all that was taken. */
  get reader(): LaneReader {
    this.items.settleAhead()
    return this.end
  }

  /** Thread that opened it, or -1. */
  get thread(): number {
    return Atomics.load(this.reader.control, OWNER) - 1
  }

  /** Whether it is over when that thread is: its opener, or with the handle unopened the one that was to open it. */
  belongsTo(threadId: number): boolean {
    const { thread } = this
    return threadId >= 0 && (thread < 0 ? this.expectedThread : thread) === threadId
  }

  /** Items taken from this producer. */
  get delivered(): number {
    return distance(this.reader.taken, this.takenBefore)
  }

  /** Gives space back once it is a good part of the ring; the rest follows with `settle()`. */
  release(): void {
    const { reader } = this
    if (reader.unreleased < this.watermark) return
    reader.release(this.pins.limit(reader.position))
    if (reader.depth <= reader.capacity / 2) ringRemote(reader.control)
  }

  /** Gives all space back, and wakes the producer if it waits for some. */
  settle(): void {
    const { reader } = this
    // Also where nothing is unread: of a long item the last may have been given back before it was taken.
    reader.release(this.pins.limit(reader.position))
    ringRemote(reader.control)
  }

  /** The next lane has its turn: one that has more to read gives back a good part of its ring at once rather than crumbs. */
  pass(): void {
    if (this.reader.depth > 0) this.release()
    else this.settle()
  }

  /** As `settle()`, if nothing more is known to be there: a ring that looks empty has all its room. */
  settleEmpty(): void {
    if (this.reader.depth === 0) this.settle()
  }

  /** Takes an item in place; `items.ready()` must have said yes. */
  lease(): Lease {
    const { position } = this.reader
    const { bytes, isInRing } = this.items.takeView()
    return isInRing ? this.pin(bytes, position) : new Lease(bytes)
  }

  /** Lends bytes that begin at `position` or behind it, and behind all that are lent. */
  pin(bytes: Uint8Array, position: number): Lease {
    const lease = new PinningLease(bytes, position, this)
    this.pins.add(lease)
    return lease
  }

  /** As `pin()`, for items that were taken together. */
  pinAll(spans: Spans, position: number): LeaseBatch {
    if (!spans.isInRing) return new LeaseBatch(spans, this.items)
    const batch = new PinningBatch(spans, this.items, position, this)
    this.pins.add(batch)
    return batch
  }

  takeBack(pin: Pin): void {
    this.pins.remove(pin)
    this.release()
    this.onLeaseEnd()
  }

  /** Set by the home end: space may have become free that nothing else would give back. */
  onLeaseEnd: () => void = () => {}

  /** Lets go of what it holds besides memory. */
  dispose(): void {
    this.port?.close()
  }

  /** Wakes the producer whatever it waits for. */
  ringAlways(): void {
    ringAlways(this.reader.control, DOORBELL)
  }

  /** Whether its thread holds the lock by now and nobody waits for that yet; says so once. */
  takesWatch(): boolean {
    if (this.lock === undefined || this.isWatched || Atomics.load(this.reader.control, LOCKED) === 0) return false
    this.isWatched = true
    return true
  }

  /** Looks whether it was opened or closed meanwhile. */
  look(): void {
    if (!this.isOpened) this.isOpened = this.thread >= 0
    if (!this.isEnding) this.isEnding = Atomics.load(this.reader.control, CLOSED) !== 0
  }

  seal(): void {
    if (this.isSealed) return
    this.isSealed = true
    this.reader.seal()
  }

  /**
   * Its thread has ended. Nothing more can be published; what is, will be delivered. Should the thread run on (see liveness.ts), it is
   * refused from here on: its counts come back to what was published, and it is woken so that it learns that.
   */
  markDead(exitCode: number | undefined, isLoss: boolean): void {
    this.seal()
    Atomics.store(this.reader.control, CLOSED, CLOSED_BY_DEATH)
    this.ringAlways()
    this.death = { exitCode, isLoss }
    this.isEnding = true
  }

  /** Whether it is over and all that it had put was taken. */
  isOver(): boolean {
    // Closed first, then the position: nothing is published after the closing.
    return this.isEnding && !this.items.ready()
  }

  /**
   * Sets the count of its accepted items to what it has really published, now that its thread cannot.
   * @returns how many it had begun and not published
   */
  correctAccepted(): number {
    const { slot, taken } = this.reader
    const word = acceptedWord(slot)
    const lost = distance(Atomics.load(this.hub, word), taken)
    if (lost !== 0) Atomics.store(this.hub, word, taken)
    return lost + (this.items.isPartial ? 1 : 0)
  }

  /** Items that its producer has put. */
  private get accepted(): number {
    return distance(Atomics.load(this.hub, acceptedWord(this.reader.slot)), this.takenBefore)
  }

  stats(): LaneStats {
    const { reader } = this
    const items = this.accepted
    const depthBytes = reader.inUse()
    return {
      name: this.name ?? null,
      capacityBytes: reader.capacity,
      items,
      bytes: reader.bytesRead + depthBytes,
      depth: Math.max(0, items - this.delivered),
      depthBytes,
      lost: 0,
      ...remoteStats(this.hub, reader.control, this.thread),
    }
  }
}
