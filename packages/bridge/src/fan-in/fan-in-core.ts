import type { MessagePort } from 'node:worker_threads'
import { QueueEmpty, QueueShutDown } from '@millrace/queue'
import { type Waiter, WaiterList, WaitingRoom, type WaitOwner, type WaitTerms } from '@millrace/queue/waiting'
import { Doorbell, ringAlways, ringRemote } from '../doorbell.js'
import { RemoteLost } from '../errors.js'
import { Hold } from '../keep-alive.js'
import { type LaneReader, maySleep } from '../lane.js'
import {
  DOORBELL,
  DROPPED,
  FAN_IN,
  HOME_DOORBELL,
  MAX_SLOTS,
  ORDER_ARRIVAL,
  ORDER_PRODUCER,
  SLOTS,
  TICKET_LIMIT,
} from '../layout.js'
import {
  acceptedItems,
  advanceState,
  countZero,
  markDone,
  OPEN,
  SHUT_DOWN,
  type State,
  stateOf,
  unfinishedItems,
} from '../lifecycle.js'
import { liveness, type ThreadWatcher } from '../liveness.js'
import { createHub, createLane } from '../memory.js'
import { haveNeighboursLook } from '../neighbours.js'
import type { BridgeSettings } from '../options.js'
import { pack } from '../parcel.js'
import { advance, advanceTicket, distance, NO_TICKET, ticketDistance } from '../position.js'
import { isDeno, parallelism, sharedNow, thisThread } from '../runtime.js'
import { type BridgeStats, stateName } from '../stats.js'
import { quiescentTicket } from '../tickets.js'
import { type TurnTaker, turn } from '../turn.js'
import { newLockName, whenLockFree } from '../web-locks.js'
import { ArrivalOrder } from './arrival-order.js'
import type { Getter } from './getters.js'
import { HomeLane } from './home-lane.js'
import { type LeaseSource, NOTHING } from './item-source.js'
import { Lease } from './lease.js'
import type { Starts } from './starts.js'

/** Single items taken from one lane before the next has its turn. */
const QUOTA_ITEMS = 256
/**
 * Items of one batch at most, where its reader sets no limit: a run's worth. From 128 KiB on an array costs five times as much an item,
 * for it is no young object any more.
 */
const BATCH_ITEMS = 4096
/**
 * How long an idle loop looks by itself before it goes to sleep: about what a wake-up costs. Only while a core is left for it: with as
 * many producers as cores it would take one of them the time in which the next item is to be made.
 */
const POLL_MS = 0.05

/** Home ends with waiting calls: a promise alone does not keep its queue from being collected. */
const inUse = new Set<object>()

/** A home end that was forgotten takes nothing more: its producers must not wait for it. */
const forgotten = new FinalizationRegistry<{ hub: Int32Array<SharedArrayBuffer>; readers: readonly LaneReader[] }>(
  ({ hub, readers }) => {
    advanceState(hub, SHUT_DOWN)
    for (const { control } of readers) ringAlways(control, DOORBELL)
    ringAlways(hub, HOME_DOORBELL)
  },
)

/**
 * The home end of a fan-in: its lanes, who waits, and the transitions that everything public is built on.
 *
 * Invariants, true whenever nothing is under way:
 * - a getter waits only while no item is there that may be taken, or until the next turn when the loop's budget is spent;
 * - while a getter waits, the next turn is asked for, or the doorbell is raised and armed and every lane was looked at after that;
 * - the doorbell is armed, or a turn that arms it is asked for, as long as there are lanes, so openings, closings and shutdowns, which
 *   ring always, are always heard.
 */
export class FanInCore<T> implements LeaseSource<T>, WaitOwner, TurnTaker, ThreadWatcher {
  readonly hub: Int32Array<SharedArrayBuffer>
  readonly name: string | undefined
  readonly lanes: HomeLane<T>[] = []
  readonly getters: WaiterList<Getter<T, unknown>>
  readonly joiners: WaiterList<Waiter<void>>
  isInTurn = false
  /** Items that a call took and gave back: they come first. */
  private readonly front: T[] = []
  private readonly readers: LaneReader[] = []
  private readonly freeSlots: number[] = []
  /** Slots of threads that may run on although they have ended, and write to their counts once more: not used while others are left. */
  private readonly lateSlots: number[] = []
  private readonly doorbell: Doorbell
  private readonly hold = new Hold()
  /** What consumers have to be told, one each: lost producers, items that could not be decoded. */
  private readonly reports: unknown[] = []
  private readonly arrival: ArrivalOrder | undefined
  private readonly membership: WeakRef<ThreadWatcher>
  private at = 0
  /**
   * The lane from which items may be taken by the short way: the last one was its, a turn is asked for, nobody waits, no report and no
   * item given back is there. Whatever changes one of these unsets it.
   */
  private short: HomeLane<T> | undefined
  /** Whether items count for nothing but their lane: no `maxItems`, no order of arrival. */
  private readonly isPlain: boolean
  private quota = QUOTA_ITEMS
  /** Tickets whose items have left; TICKET_LIMIT follows it. */
  private gone: number
  private publishedGone: number
  /** Items that were taken from lanes that have ended; an Int32 that wraps. */
  private takenBefore: number
  /** The state whose consequences have been drawn. */
  private state: State = OPEN
  /** What ended the queue, when that was more than a shutdown. */
  private failure: { readonly error: unknown } | undefined
  private idleSince = 0
  /** Whether a ring has come that was not answered yet. */
  private isRung = false
  private openRemotes = 0
  private isHolding = true
  private closesWhenIdle = false
  private isDisposed = false
  private endedLanes = 0
  private lost = 0
  private dropped = 0

  constructor(
    readonly settings: BridgeSettings<T>,
    private readonly starts: Starts = {},
  ) {
    this.name = settings.name
    this.hub = createHub({
      kind: FAN_IN,
      homeThread: thisThread,
      order: settings.isArrival ? ORDER_ARRIVAL : ORDER_PRODUCER,
      maxItems: settings.maxItems,
      epoch: sharedNow(),
      ...(starts.ticket === undefined ? {} : { startTicket: starts.ticket }),
      ...(starts.count === undefined ? {} : { startCount: starts.count }),
    })
    this.gone = starts.ticket ?? 0
    this.publishedGone = this.gone
    this.takenBefore = starts.count ?? 0
    this.isPlain = !settings.isArrival && settings.maxItems === 0
    this.arrival = settings.isArrival ? new ArrivalOrder(this.hub, this.gone, () => this.leaveLimit(1)) : undefined
    const room = new WaitingRoom(this)
    this.getters = new WaiterList(room, 'get()')
    this.joiners = new WaiterList(room, 'join()')
    this.doorbell = new Doorbell(this.hub, HOME_DOORBELL)
    this.membership = liveness.join(this)
    forgotten.register(this, { hub: this.hub, readers: this.readers })
  }

  label(): string {
    return this.name === undefined ? 'FanInQueue' : `FanInQueue ${JSON.stringify(this.name)}`
  }

  // ── lanes ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @throws {RangeError} when as many lanes are open as a queue can have */
  addLane(name: string | undefined, port: MessagePort | undefined): HomeLane<T> {
    const used = Atomics.load(this.hub, SLOTS)
    const slot = this.freeSlots.pop() ?? (used < MAX_SLOTS ? used : this.lateSlots.shift())
    if (slot === undefined) {
      throw new RangeError(
        `expected at most ${MAX_SLOTS} producers at once on ${this.label()}, got one more: close some first`,
      )
    }
    const memory = createLane(this.hub, {
      capacity: this.settings.capacityBytes,
      slot,
      ...(this.starts.position === undefined ? {} : { start: this.starts.position }),
    })
    if (slot === used) Atomics.store(this.hub, SLOTS, used + 1)
    const lane = new HomeLane<T>(this.hub, memory, this.settings.codec, name, port, newLockName())
    lane.onLeaseEnd = () => turn.join(this)
    if (stateOf(this.hub) !== OPEN) lane.seal()
    this.lanes.push(lane)
    this.readers.push(lane.reader)
    this.listen()
    return lane
  }

  private removeLane(index: number): void {
    const lane = this.lanes[index]
    lane.settle()
    lane.dispose()
    this.endedLanes++
    this.takenBefore = advance(this.takenBefore, lane.delivered)
    this.short = undefined
    this.lanes.splice(index, 1)
    this.readers.splice(index, 1)
    if (this.at >= this.lanes.length) this.at = 0
    if (lane.death !== undefined) this.reckon(lane, lane.death.exitCode, lane.death.isLoss)
    if (lane.death !== undefined && isDeno) this.lateSlots.push(lane.reader.slot)
    else this.freeSlots.push(lane.reader.slot)
  }

  /** A dead producer's last item was taken: what is left is to set its count right and to report it. */
  private reckon(lane: HomeLane<T>, exitCode: number | undefined, isLoss: boolean): void {
    const lostItems = lane.correctAccepted()
    this.lost += lostItems
    if (countZero(this.hub) === 0) this.releaseJoiners()
    if (!this.settings.isLossThrown || !isLoss || this.state === SHUT_DOWN) return
    const threadId = lane.thread < 0 ? lane.expectedThread : lane.thread
    const loss = { name: lane.name, threadId, exitCode, deliveredItems: lane.delivered, lostItems }
    this.reports.push(new RemoteLost(loss, this.name))
  }

  /** Lets go of lanes that have ended, once nothing of theirs is left to take. */
  private letGoOfEnded(): void {
    for (let i = this.lanes.length - 1; i >= 0; i--) {
      if (!this.lanes[i].isOver()) continue
      this.lookAtLanes()
      return
    }
  }

  /** Looks which lanes were opened or closed meanwhile, and lets go of those that are over. */
  private lookAtLanes(): void {
    let open = 0
    let isIdle = true
    for (let i = this.lanes.length - 1; i >= 0; i--) {
      const lane = this.lanes[i]
      lane.look()
      if (lane.takesWatch()) this.watchLock(lane)
      if (lane.isOver()) {
        this.removeLane(i)
        continue
      }
      if (!lane.isEnding) {
        isIdle = false
        if (lane.isOpened && lane.thread !== thisThread) open++
      }
    }
    this.openRemotes = open
    this.updateHold()
    if (this.closesWhenIdle && isIdle && this.state === OPEN) this.shutdown(false)
  }

  /** The thread of `lane` holds a lock while it lives: has its end heard of. */
  private watchLock(lane: HomeLane<T>): void {
    const self = new WeakRef(this)
    const end = new WeakRef(lane)
    whenLockFree(lane.lock as string, () => {
      const lost = end.deref()
      if (lost === undefined) return
      lost.look()
      if (lost.isEnding) return
      const core = self.deref()
      lost.markDead(undefined, core !== undefined && stateOf(core.hub) === OPEN)
      core?.onRing()
    })
  }

  onThreadEnd(threadId: number, exitCode: number | undefined): void {
    let isOurs = false
    for (const lane of this.lanes) {
      lane.look()
      if (!lane.belongsTo(threadId)) continue
      if (!lane.isEnding) lane.markDead(exitCode, stateOf(this.hub) === OPEN)
      isOurs = true
    }
    // Without waiting for a ring: its thread may have died between winning the doorbell and notifying, or having closed and not rung.
    if (isOurs) this.onRing()
  }

  /** The handle of this lane goes with that thread: if it is unopened at the thread's end, it is lost with it. */
  expect(memory: SharedArrayBuffer, threadId: number): void {
    const lane = this.lanes.find((each) => each.memory === memory)
    if (lane === undefined) return
    lane.expectedThread = threadId
    lane.look()
    // That thread has ended before.
    if (threadId >= 0 || lane.isOpened || lane.isEnding) return
    lane.markDead(undefined, stateOf(this.hub) === OPEN)
    this.onRing()
  }

  // ── taking ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

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
    if (this.publishedGone !== this.gone) this.moveLimit()
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
    if (this.front.length > 0) {
      const { bytes } = pack(this.settings.codec, this.front.shift() as T)
      return new Lease(bytes)
    }
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

  /** @param had - items of `into` that were there before: without any beyond them, a failure is the caller's to know at once */
  takeManyInto(into: T[], max: number, had = into.length): void {
    if (this.front.length > 0) into.push(...this.front.splice(0, max - into.length))
    const enough = Math.min(max, had + BATCH_ITEMS)
    try {
      while (into.length < enough && this.ready()) this.takeFrom(this.lanes[this.at], into, enough)
    } catch (error) {
      if (into.length === had) throw error
      // What came before it is delivered; the next call hears of it.
      this.reports.push(error)
      this.short = undefined
    } finally {
      if (this.publishedGone !== this.gone) this.moveLimit()
      turn.spend(into.length - had)
      turn.join(this)
    }
  }

  /** Takes what is there in one lane, or, in order of arrival, in its next record. */
  private takeFrom(lane: HomeLane<T>, into: T[], enough: number): void {
    // The next lane has its turn after this one.
    this.quota = 0
    const { reader, items } = lane
    do {
      const before = reader.taken
      try {
        items.takeInto(into, enough - into.length, this.arrival === undefined)
      } finally {
        this.count(distance(reader.taken, before))
        lane.release()
      }
    } while (into.length < enough && this.arrival === undefined && items.ready())
  }

  /** What was taken and given back, in its order. */
  putBack(items: readonly T[]): void {
    this.front.unshift(...items)
    this.short = undefined
    if (items.length > 0) turn.join(this)
  }

  private count(items: number): void {
    this.idleSince = 0
    this.leaveLimit(items)
    this.arrival?.advance(items)
  }

  /** So many tickets are in nobody's way any more. */
  private leaveLimit(tickets: number): void {
    if (this.settings.maxItems === 0) return
    this.gone = advanceTicket(this.gone, tickets)
  }

  // ── waiting ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether `items` may be served now, as far as the loop's budget and those who wait already are concerned. */
  mayServe(items: number): boolean {
    return this.getters.size === 0 && this.reports.length === 0 && !turn.isSpent(items, this, this.settings.yieldAfter)
  }

  /** What a consumer has to be told before it takes anything more. */
  report(): { readonly error: unknown } | undefined {
    return this.reports.length > 0 ? { error: this.reports.shift() } : undefined
  }

  /** Serves those who wait already. @returns whether none of them is left, so that what is there may be taken */
  serveEarlier(): boolean {
    // Whatever the budget: the caller does not wait, and must not find nothing because others do.
    if (this.getters.size > 0) this.serve(Number.POSITIVE_INFINITY)
    return this.getters.size === 0
  }

  /** Why a call that finds nothing cannot wait: a lost producer, the end of the queue; undefined when it can. */
  endOf(operation: string): { readonly error: unknown } | undefined {
    if (stateOf(this.hub) !== this.state) this.applyState()
    this.letGoOfEnded()
    if (this.reports.length > 0) return { error: this.reports.shift() }
    return this.state !== OPEN && !this.ready() ? { error: this.endError(operation) } : undefined
  }

  /** Appends a getter; it is served in its turn. */
  wait<G extends Getter<T, unknown>>(getter: G, terms: WaitTerms): G['promise'] {
    this.short = undefined
    const promise = this.getters.append(getter, terms)
    this.updateHold()
    turn.join(this)
    return promise
  }

  /** To call by a getter that has settled. */
  afterWait(): void {
    // Most callers wait again before the turn comes; and whom this getter serves need not wait for our timer.
    if (this.getters.size === 0) turn.join(this)
  }

  private updateHold(): void {
    // Somebody waits for another thread: the queue lives although nothing but its doorbell may know of it.
    if (this.getters.size > 0 && this.lanes.length > 0) inUse.add(this)
    else inUse.delete(this)
    this.hold.set(this.isHolding && this.openRemotes > 0 && this.getters.size > 0)
  }

  setHolding(holding: boolean): void {
    this.isHolding = holding
    this.updateHold()
  }

  /** Serves who waits, first come first served, as long as there is something and the loop's budget lasts. */
  private serve(budgetMs = this.settings.yieldAfter): void {
    for (let getter = this.getters.first; getter !== undefined; getter = this.getters.first) {
      if (this.reports.length > 0) {
        getter.fail(this.reports.shift())
        continue
      }
      if (!this.ready()) {
        this.letGoOfEnded()
        if (this.reports.length > 0) continue
        break
      }
      if (turn.isSpent(1, this, budgetMs)) return
      getter.serve()
    }
    if (this.getters.size > 0 && this.state !== OPEN) this.getters.failAll((operation) => this.endError(operation))
  }

  onTurn(): void {
    this.short?.items.forgetAhead()
    this.short = undefined
    this.settleLanes()
    if (this.isRung) this.answer()
    if (stateOf(this.hub) !== this.state) this.applyState()
    this.letGoOfEnded()
    this.findLostTickets()
    if (this.getters.size === 0) {
      this.updateHold()
      return
    }
    this.serve()
    if (this.getters.size === 0 || this.isInTurn) return
    if (this.openRemotes >= parallelism) {
      this.park()
      return
    }
    const now = performance.now()
    if (this.idleSince === 0) this.idleSince = now
    if (now - this.idleSince < POLL_MS) turn.join(this)
    else this.park()
  }

  private park(): void {
    this.lookAtLanes()
    this.findLostTickets()
    this.idleSince = 0
    if (this.getters.size === 0 || this.isInTurn) return
    this.settleLanes()
    if (maySleep(this.doorbell, this.readers, this.hub, this.state)) {
      haveNeighboursLook()
      return
    }
    if (stateOf(this.hub) !== this.state) this.applyState()
    this.serve()
    // What is there may not be anybody's turn: in order of arrival it can wait for the ticket of a thread that has died, and only the
    // event loop tells of that. So look again in the next turn, never in a loop that keeps the news from coming.
    if (this.getters.size > 0) turn.join(this)
  }

  /** Keeps the one armed wait of this queue's life armed; it holds the queue by a weak reference only. */
  private listen(): void {
    if (this.doorbell.isArmed) return
    const self = new WeakRef(this)
    this.doorbell.arm(() => self.deref()?.onRing())
  }

  private onRing(): void {
    this.isRung = true
    // Who waits gets what has come at once; everything else that a ring can mean has time until the turn.
    this.serve()
    turn.join(this)
  }

  /** Looks at everything that a ring can mean, and waits for the next one. */
  private answer(): void {
    this.isRung = false
    if (!this.isDisposed || this.lanes.length > 0) this.listen()
    haveNeighboursLook()
    if (stateOf(this.hub) !== this.state) this.applyState()
    this.lookAtLanes()
    if (unfinishedItems(this.hub) === 0) this.releaseJoiners()
  }

  /** Gives back all space, and moves the limit of `maxItems` as far as it goes. */
  private settleLanes(): void {
    for (const lane of this.lanes) lane.settle()
    this.moveLimit()
  }

  /**
   * With `maxItems`, finds tickets that will never be used: their owners were killed between claiming and publishing, or gave up.
   * Known exactly when all that is there was taken and nobody is under way; that comes, for without it no more is given out.
   */
  private findLostTickets(): void {
    if (this.settings.maxItems === 0 || this.arrival !== undefined) return
    let partials = 0
    const slots: number[] = []
    for (const lane of this.lanes) {
      if (!lane.isSealed) slots.push(lane.reader.slot)
    }
    const next = quiescentTicket(this.hub, slots)
    if (next === NO_TICKET) return
    for (const lane of this.lanes) {
      if (lane.items.ready()) return
      if (lane.items.isPartial && !lane.isSealed) partials++
    }
    const gone = advanceTicket(next, -partials)
    if (ticketDistance(gone, this.gone) <= 0) return
    this.gone = gone
    this.moveLimit()
  }

  private moveLimit(): void {
    const { maxItems } = this.settings
    if (maxItems === 0 || this.publishedGone === this.gone) return
    this.publishedGone = this.gone
    Atomics.store(this.hub, TICKET_LIMIT, advanceTicket(this.gone, maxItems))
    for (const { reader } of this.lanes) ringRemote(reader.control)
  }

  // ── counting off ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @throws {RangeError} when that is more than there are */
  done(count: number): void {
    const left = markDone(this.hub, count)
    if (left < 0) {
      throw new RangeError(
        `taskDone() called too many times: ${count} done with ${unfinishedItems(this.hub)} unfinished on ${this.label()}`,
      )
    }
    if (left === 0) this.releaseJoiners()
  }

  private releaseJoiners(): void {
    for (const { reader } of this.lanes) ringRemote(reader.control)
    for (let joiner = this.joiners.first; joiner !== undefined; joiner = this.joiners.first) joiner.fulfil()
  }

  // ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  shutdown(immediate: boolean): void {
    advanceState(this.hub, immediate ? SHUT_DOWN : 1)
    if (stateOf(this.hub) !== this.state) this.applyState()
  }

  /** Shuts down; whoever finds nothing more gets `error` instead of the news of the shutdown. The first one counts. */
  fail(error: unknown): void {
    if (stateOf(this.hub) === SHUT_DOWN) return
    this.failure ??= { error }
    this.shutdown(false)
  }

  private endError(operation: string): unknown {
    return this.failure === undefined ? this.shutDownError(operation) : this.failure.error
  }

  /** Draws the consequences of a state that any end has set. */
  private applyState(): void {
    this.state = stateOf(this.hub)
    for (const lane of this.lanes) lane.seal()
    if (this.state === SHUT_DOWN) this.drop()
    for (const lane of this.lanes) lane.ringAlways()
    this.serve()
    this.lookAtLanes()
  }

  /** Throws away what nobody has taken. */
  private drop(): void {
    let dropped = this.front.length
    this.front.length = 0
    for (const lane of this.lanes) {
      const items = lane.items.skipAll()
      dropped += items
      this.count(items)
      lane.settle()
    }
    this.reports.length = 0
    this.dropped += dropped
    // Items that were counted off before they were taken have left the count already.
    dropped = Math.min(dropped, unfinishedItems(this.hub))
    Atomics.store(this.hub, DROPPED, advance(Atomics.load(this.hub, DROPPED), dropped))
    if (countZero(this.hub) === 0) this.releaseJoiners()
  }

  closeWhenIdle(): void {
    this.closesWhenIdle = true
    this.lookAtLanes()
  }

  get isShutdown(): boolean {
    return stateOf(this.hub) !== OPEN
  }

  /** Nothing of it is left running afterwards. */
  dispose(): void {
    if (this.isDisposed) return
    this.isDisposed = true
    this.shutdown(true)
    liveness.leave(this.membership)
    ringAlways(this.hub, HOME_DOORBELL)
  }

  shutDownError(operation: string): QueueShutDown {
    return new QueueShutDown(`${operation} on ${this.label()}: the queue is shut down`, this.name)
  }

  emptyError(operation: string): QueueEmpty {
    return new QueueEmpty(`${operation} on ${this.label()}: the queue is empty`, this.name)
  }

  /** Items taken in all, dropped ones included; an Int32 that wraps. */
  private get taken(): number {
    let sum = this.takenBefore
    for (const lane of this.lanes) sum = advance(sum, lane.delivered)
    return sum
  }

  /** Items put and not yet taken here. */
  qsize(): number {
    return Math.max(0, distance(acceptedItems(this.hub), this.taken)) + this.front.length
  }

  stats(): BridgeStats {
    const { hub } = this
    const start = this.starts.count ?? 0
    return {
      name: this.name ?? null,
      kind: 'fan-in',
      state: stateName(stateOf(hub)),
      size: this.qsize(),
      maxItems: this.settings.maxItems === 0 ? null : this.settings.maxItems,
      unfinished: unfinishedItems(hub),
      puts: distance(acceptedItems(hub), start),
      gets: distance(this.taken, start) - this.dropped,
      dropped: this.dropped,
      lost: this.lost,
      waiting: { gets: this.getters.size, puts: 0, joins: this.joiners.size },
      lanes: this.lanes.map((lane) => lane.stats()),
      endedLanes: this.endedLanes,
    }
  }
}
