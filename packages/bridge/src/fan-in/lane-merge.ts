import type { WaiterList } from '@millrace/queue/waiting'
import type { BridgeSettings } from '../options.js'
import { pack } from '../parcel.js'
import { distance } from '../position.js'
import { type TurnTaker, turn } from '../turn.js'
import { ArrivalOrder } from './arrival-order.js'
import type { Getter } from './getters.js'
import type { HomeLane } from './home-lane.js'
import { NOTHING } from './item-source.js'
import { Lease } from './lease.js'
import { LeaseBatch } from './lease-batch.js'
import { Roster, type RosterHost } from './roster.js'
import { type Shower, Spans } from './spans.js'
import type { Starts } from './starts.js'
import { TicketLimit } from './ticket-limit.js'

/** Single items taken from one lane before the next has its turn. */
const QUOTA_ITEMS = 256
/**
 * Items of one batch at most, where its reader sets no limit: a run's worth. From 128 KiB on an array costs five times as much an item,
 * for it is no young object any more.
 */
const BATCH_ITEMS = 4096
/**
 * Bytes of such a batch, counted in the ring: the item that reaches them is its last. Space is given back while a batch is taken, so
 * without this bound a quick producer of large items could make one of 4096 times 64 KiB, and the loop stand still for that long.
 */
const BATCH_BYTES = 1 << 20
/** The same for a batch of leases. */
const LEASE_ITEMS = 1024
/** Items that were given back lie nowhere any more. */
const NOT_IN_RING: Shower = {
  show() {
    throw new TypeError('an item that was given back does not lie in the ring')
  },
}

/**
 * Merges the lanes of a fan-in: whose item is next, and the ways to take it. Nothing here waits.
 *
 * By turns: a lane gives single items, or one batch, before the next has its turn. In order of arrival: by ticket.
 */
export abstract class LaneMerge<T> implements TurnTaker, RosterHost<T> {
  readonly name: string | undefined
  readonly lanes: HomeLane<T>[]
  isInTurn = false
  abstract readonly getters: WaiterList<Getter<T, unknown>>
  protected readonly roster: Roster<T>
  protected readonly limit: TicketLimit
  protected readonly arrival: ArrivalOrder | undefined
  /** Items that a call took and gave back: they come first. */
  protected readonly front: T[] = []
  /** What consumers have to be told, one each: lost producers, items that could not be decoded. */
  protected readonly reports: unknown[] = []
  /** Since when nothing was there to take; 0 while something is. */
  protected idleSince = 0
  private at = 0
  /**
   * The lane from which items may be taken by the short way: the last one was its, a turn is asked for, nobody waits, no report and no
   * item given back is there. Whatever changes one of these unsets it.
   */
  private short: HomeLane<T> | undefined
  /**
   * The lane whose next item may end the loop's sleep by a short way: noted as it goes to sleep, when no report and no item given back is
   * there. Unset with `short`.
   */
  private fresh: HomeLane<T>['items'] | undefined
  /** Whether items count for nothing but their lane: no `maxItems`, no order of arrival. */
  private readonly isPlain: boolean
  private quota = QUOTA_ITEMS

  constructor(
    readonly settings: BridgeSettings<T>,
    readonly hub: Int32Array<SharedArrayBuffer>,
    starts: Starts,
  ) {
    const { isArrival, maxItems } = settings
    const ticket = starts.ticket ?? 0
    this.name = settings.name
    this.roster = new Roster(hub, settings, starts, this)
    this.lanes = this.roster.lanes
    this.isPlain = !isArrival && maxItems === 0
    this.limit = new TicketLimit(hub, this.lanes, maxItems, ticket)
    this.arrival = isArrival ? new ArrivalOrder(hub, ticket, () => this.limit.leave(1)) : undefined
  }

  abstract label(): string
  abstract onTurn(): void
  abstract onRing(): void
  abstract onLaneEnd(lane: HomeLane<T>, lostItems: number): void

  onLeaseEnd(): void {
    turn.join(this)
  }

  /** Finds whose item is next. @returns whether there is one: then `take()` may be called. */
  ready(): boolean {
    if (this.front.length > 0) return true
    if (this.arrival !== undefined) {
      const index = this.arrival.find(this.lanes)
      if (index < 0) {
        for (const lane of this.lanes) lane.settle()
        return false
      }
      this.at = index
      return true
    }
    const { lanes } = this
    let lane = lanes[this.at]
    if (lane === undefined) return false
    if (--this.quota > 0 && lane.items.ready()) return true
    for (let tries = lanes.length; tries > 0; tries--) {
      lane.pass()
      this.at = this.at + 1 < lanes.length ? this.at + 1 : 0
      lane = lanes[this.at]
      if (lane.items.ready()) {
        this.quota = QUOTA_ITEMS
        return true
      }
    }
    this.quota = 0
    // Fragments were read, perhaps, that make no item yet: the rest of it needs their space.
    lane.settle()
    return false
  }

  /** Takes the item that `ready()` found. Throws what the codec throws. */
  take(): T {
    if (this.front.length > 0) return this.front.shift() as T
    const lane = this.lanes[this.at]
    this.count(1)
    try {
      return lane.items.take()
    } finally {
      lane.release()
      this.afterTaking(lane)
    }
  }

  private afterTaking(lane: HomeLane<T>): void {
    this.limit.publish()
    turn.join(this)
    if (this.isPlain && this.getters.size === 0 && this.reports.length === 0) this.short = lane
  }

  /**
   * Takes the next item by the short way, if it is one: `mayServe()`, `ready()` and `take()` in one, for the item that follows another
   * in its lane, is known to be there, and has nothing in its way. NOTHING if it is none.
   */
  takeNext(): T | typeof NOTHING {
    const lane = this.short
    if (lane === undefined) return NOTHING
    const { items } = lane
    if (!items.hasAhead && !this.readAhead(lane)) return NOTHING
    return items.takeAhead()
  }

  /** Has the lane decode the items that come next, as many as may be taken before anything has to be looked at again. */
  private readAhead(lane: HomeLane<T>): boolean {
    lane.release()
    const most = Math.min(this.quota - 1, turn.affordable(this, this.settings.yieldAfter))
    if (most < 1) return false
    const count = lane.items.readAhead(most)
    this.quota -= count
    turn.spend(count)
    return count > 0
  }

  /**
   * Gives the getter that is first the item that ends a sleep, if that is one of the lane at hand and nothing is in its way. Does not ask
   * for a turn. @returns whether it was served
   */
  protected serveFresh(): boolean {
    const items = this.fresh
    if (items === undefined) return false
    const getter = this.getters.first
    if (getter === undefined || !getter.isSingle) return false
    let item: T | typeof NOTHING
    try {
      item = items.takeFresh()
    } catch (error) {
      this.idleSince = 0
      getter.fail(error)
      return true
    }
    if (item === NOTHING) return false
    this.idleSince = 0
    getter.fulfil(item)
    return true
  }

  /** The loop goes to sleep: notes whose item may end that by the short way. */
  protected noteFresh(): void {
    const isFree = this.isPlain && this.front.length === 0 && this.reports.length === 0
    this.fresh = isFree ? this.lanes[this.at]?.items : undefined
  }

  /** As `take()`, for a caller who may go on without a turn of the loop: a ring that it empties has all its room again at once. */
  takeNow(): T {
    try {
      return this.take()
    } finally {
      this.lanes[this.at]?.settleEmpty()
    }
  }

  /** Gives back the space of lanes of which all that is known to be there was taken. */
  settleEmpty(): void {
    for (const lane of this.lanes) lane.settleEmpty()
  }

  /** Takes the item that `ready()` found without a copy. */
  lease(): Lease {
    if (this.front.length > 0) return new Lease(this.bytesOfFront())
    const lane = this.lanes[this.at]
    this.count(1)
    try {
      return lane.lease()
    } finally {
      this.afterTaking(lane)
    }
  }

  /** As `takeNext()`, without a copy: undefined if it is no such item. */
  leaseNext(): Lease | undefined {
    const lane = this.short
    if (lane === undefined || this.quota <= 1 || turn.isSpent(1, this, this.settings.yieldAfter)) return undefined
    const { reader, items } = lane
    const { position } = reader
    if (!items.stepInPlace()) return undefined
    this.quota--
    return lane.pin(items.viewStepped(), position)
  }

  /** Takes what comes next in one lane without a copy, up to `max` items and a good part of the ring; `ready()` found something. */
  leaseMany(max: number): LeaseBatch {
    const spans = new Spans()
    const most = Math.min(max, LEASE_ITEMS)
    if (this.front.length > 0) {
      while (this.front.length > 0 && spans.length < most) spans.addOwn(this.bytesOfFront())
      turn.spend(spans.length)
      return new LeaseBatch(spans, NOT_IN_RING)
    }
    const lane = this.lanes[this.at]
    const { reader, items } = lane
    const { position, taken } = reader
    let failure: { readonly error: unknown } | undefined
    try {
      items.takeInPlace(spans, most, reader.capacity / 4, this.arrival !== undefined)
    } catch (error) {
      failure = { error }
    }
    // Held before anything can be given back.
    const batch = lane.pinAll(spans, position)
    // The next lane has its turn after this one.
    this.quota = 0
    this.count(distance(reader.taken, taken))
    lane.release()
    this.limit.publish()
    turn.spend(batch.length)
    turn.join(this)
    if (failure !== undefined) {
      if (batch.length === 0) throw failure.error
      // What came before it is delivered; the next call hears of it.
      this.reports.push(failure.error)
      this.endShortWay()
    }
    return batch
  }

  /** The bytes of the first item that was given back, as they lay in the ring. */
  private bytesOfFront(): Uint8Array {
    const { codec } = this.settings
    const { bytes } = pack(codec, this.front.shift() as T)
    return codec.view === undefined ? bytes : codec.view(bytes, 0, bytes.length)
  }

  /** Takes what is there, up to `max` items, lane by lane; `ready()` found something. */
  takeMany(max: number): T[] {
    const items = this.takeRuns(Math.min(max, BATCH_ITEMS)) ?? []
    // What is half full by now is not to be copied for the sake of a few more: they make the next batch.
    const isEnough = items.length >= BATCH_ITEMS / 2
    this.takeManyInto(items, isEnough ? items.length : max, 0)
    return items
  }

  /** Takes what comes next into an array that is made for it, if it is a run of what there is a quick way for. */
  private takeRuns(max: number): T[] | undefined {
    if (this.front.length > 0) return undefined
    const lane = this.lanes[this.at]
    const items = lane.items.takeRuns(max, this.arrival === undefined)
    if (items === undefined) return undefined
    this.quota = 0
    this.count(items.length)
    lane.release()
    return items
  }

  /** A failure is the caller's to know at once if `into` is empty. @param had - items of it that count as taken before */
  takeManyInto(into: T[], max: number, had = into.length): void {
    if (this.front.length > 0) into.push(...this.front.splice(0, max - into.length))
    const enough = Math.min(max, had + BATCH_ITEMS)
    let bytesLeft = max === Number.POSITIVE_INFINITY ? BATCH_BYTES : Number.POSITIVE_INFINITY
    try {
      while (bytesLeft > 0 && into.length < enough && this.ready()) {
        bytesLeft -= this.takeFrom(this.lanes[this.at], into, enough, bytesLeft)
      }
    } catch (error) {
      if (into.length === 0) throw error
      // What came before it is delivered; the next call hears of it.
      this.reports.push(error)
      this.endShortWay()
    } finally {
      this.limit.publish()
      turn.spend(into.length - had)
      turn.join(this)
    }
  }

  /** Takes what is there in one lane, or, in order of arrival, in its next record. @returns how many bytes of its ring that was */
  private takeFrom(lane: HomeLane<T>, into: T[], enough: number, maxBytes: number): number {
    // The next lane has its turn after this one.
    this.quota = 0
    const { reader, items } = lane
    let bytes = 0
    do {
      const { taken, position } = reader
      try {
        items.takeInto(into, enough - into.length, this.arrival === undefined, maxBytes - bytes)
      } finally {
        this.count(distance(reader.taken, taken))
        bytes += distance(reader.position, position)
        lane.release()
      }
    } while (bytes < maxBytes && into.length < enough && this.arrival === undefined && items.ready())
    return bytes
  }

  /** What was taken and given back, in its order. */
  putBack(items: readonly T[]): void {
    this.front.unshift(...items)
    this.endShortWay()
    if (items.length > 0) turn.join(this)
  }

  protected count(items: number): void {
    this.idleSince = 0
    this.limit.leave(items)
    this.arrival?.advance(items)
  }

  /** Gives back all space, and moves the limit of `maxItems` as far as it goes. */
  protected settleLanes(): void {
    for (const lane of this.lanes) lane.settle()
    this.limit.publish()
  }

  /** A lane is over: who takes goes on with those that are left. */
  protected forgetLane(): void {
    this.endShortWay()
    if (this.at >= this.lanes.length) this.at = 0
  }

  /** From here on every item is looked for anew. */
  protected endShortWay(): void {
    this.short?.items.forgetAhead()
    this.short = undefined
    this.fresh = undefined
  }
}
