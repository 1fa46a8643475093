import type { MessagePort } from 'node:worker_threads'
import { QueueEmpty, QueueShutDown } from '@millrace/queue'
import { type Waiter, WaiterList, WaitingRoom, type WaitOwner, type WaitTerms } from '@millrace/queue/waiting'
import { Doorbell, ringAlways, ringRemote } from '../doorbell.js'
import { RemoteLost } from '../errors.js'
import { Hold } from '../keep-alive.js'
import { type LaneReader, maySleep } from '../lane-reader.js'
import { DOORBELL, DROPPED, FAN_IN, HOME_DOORBELL, ORDER_ARRIVAL, ORDER_PRODUCER } from '../layout.js'
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
import { createHub } from '../memory.js'
import { haveNeighboursLook } from '../neighbours.js'
import type { BridgeSettings } from '../options.js'
import { advance, distance } from '../position.js'
import { parallelism, sharedNow, thisThread } from '../runtime.js'
import { type BridgeStats, stateName } from '../stats.js'
import { turn } from '../turn.js'
import type { Getter } from './getters.js'
import type { HomeLane } from './home-lane.js'
import { IdleLook } from './idle-look.js'
import type { LeaseSource } from './item-source.js'
import { LaneMerge } from './lane-merge.js'
import type { Starts } from './starts.js'

/**
 * How long an idle loop looks by itself before it goes to sleep, if it does: about what a wake-up costs. Only while a core is left for it:
 * with as many producers as cores it would take one of them the time in which the next item is to be made.
 */
const POLL_MS = 0.05

/**
 * A home end as its armed doorbell holds it: strongly while calls wait, for a promise alone does not keep its queue from being
 * collected, otherwise by a weak reference.
 */
class Ear<T> {
  held: FanInCore<T> | undefined
  readonly weak: WeakRef<FanInCore<T>>

  constructor(core: FanInCore<T>) {
    this.held = undefined
    this.weak = new WeakRef(core)
  }
}

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
export class FanInCore<T> extends LaneMerge<T> implements LeaseSource<T>, WaitOwner {
  readonly getters: WaiterList<Getter<T, unknown>>
  readonly joiners: WaiterList<Waiter<void>>
  private readonly doorbell: Doorbell
  private readonly ear: Ear<T>
  private readonly hold = new Hold()
  private readonly look = new IdleLook()
  /** The state whose consequences have been drawn. */
  private state: State = OPEN
  /** What ended the queue, when that was more than a shutdown. */
  private failure: { readonly error: unknown } | undefined
  /** Whether a ring has come that was not answered yet. */
  private isRung = false
  private isHolding = true
  private closesWhenIdle = false
  private isDisposed = false
  private dropped = 0

  constructor(
    settings: BridgeSettings<T>,
    private readonly starts: Starts = {},
  ) {
    const hub = createHub({
      kind: FAN_IN,
      homeThread: thisThread,
      order: settings.isArrival ? ORDER_ARRIVAL : ORDER_PRODUCER,
      maxItems: settings.maxItems,
      epoch: sharedNow(),
      ...(starts.ticket === undefined ? {} : { startTicket: starts.ticket }),
      ...(starts.count === undefined ? {} : { startCount: starts.count }),
    })
    super(settings, hub, starts)
    const room = new WaitingRoom(this)
    this.getters = new WaiterList(room, 'get()')
    this.joiners = new WaiterList(room, 'join()')
    this.doorbell = new Doorbell(hub, HOME_DOORBELL)
    this.ear = new Ear(this)
    forgotten.register(this, { hub, readers: this.roster.readers })
  }

  label(): string {
    return this.name === undefined ? 'FanInQueue' : `FanInQueue ${JSON.stringify(this.name)}`
  }

  // ── lanes ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @throws {RangeError} when as many lanes are open as a queue can have */
  addLane(name: string | undefined, port: MessagePort | undefined): HomeLane<T> {
    const lane = this.roster.add(name, port)
    this.listen()
    return lane
  }

  /** The handle of this lane goes with that thread: if it is unopened at the thread's end, it is lost with it. */
  expect(memory: SharedArrayBuffer, threadId: number): void {
    this.roster.expect(memory, threadId)
  }

  /** Of a dead producer the last item was taken: what is left is to report it. */
  onLaneEnd(lane: HomeLane<T>, lostItems: number): void {
    this.forgetLane()
    if (lane.death === undefined) return
    const { exitCode, isLoss } = lane.death
    if (countZero(this.hub) === 0) this.releaseJoiners()
    if (!this.settings.isLossThrown || !isLoss || this.state === SHUT_DOWN) return
    const threadId = lane.thread < 0 ? lane.expectedThread : lane.thread
    const loss = { name: lane.name, threadId, exitCode, deliveredItems: lane.delivered, lostItems }
    this.reports.push(new RemoteLost(loss, this.name))
  }

  /** Lets go of lanes that have ended, once nothing of theirs is left to take. */
  private letGoOfEnded(): void {
    if (this.roster.hasEnded()) this.lookAtLanes()
  }

  private lookAtLanes(): void {
    const isIdle = this.roster.look()
    this.updateHold()
    if (this.closesWhenIdle && isIdle && this.state === OPEN) this.shutdown(false)
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
    this.endShortWay()
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
    this.ear.held = this.getters.size > 0 && this.lanes.length > 0 ? this : undefined
    this.hold.set(this.isHolding && this.roster.openRemotes > 0 && this.getters.size > 0)
  }

  /** Takes everything that is there now. */
  takeAll(): T[] {
    const items: T[] = []
    // What is there now: a producer that goes on putting would keep it from ever coming to an end.
    const count = this.qsize()
    // Looked at in any case: what has come of a long item has to be read, or the rest never comes.
    while (this.ready() && items.length < count) this.takeManyInto(items, count)
    this.settleEmpty()
    return items
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
    this.endShortWay()
    this.settleLanes()
    if (this.isRung) this.answer()
    if (stateOf(this.hub) !== this.state) this.applyState()
    this.letGoOfEnded()
    if (this.arrival === undefined) this.limit.findLost()
    if (this.getters.size === 0) {
      this.updateHold()
      return
    }
    this.serve()
    if (this.getters.size === 0 || this.isInTurn) return
    if (this.looksOn()) turn.join(this)
    else this.park()
  }

  /** Whether to look for items in the next turn rather than to go to sleep: nothing is there now. */
  private looksOn(): boolean {
    if (this.roster.openRemotes >= parallelism) return false
    const isFirst = this.idleSince === 0
    if (isFirst && !this.look.begins()) return false
    const now = performance.now()
    if (isFirst) this.idleSince = now
    if (now - this.idleSince < POLL_MS) return true
    this.look.wasInVain()
    return false
  }

  private park(): void {
    this.lookAtLanes()
    if (this.arrival === undefined) this.limit.findLost()
    this.idleSince = 0
    if (this.getters.size === 0 || this.isInTurn) return
    this.settleLanes()
    if (maySleep(this.doorbell, this.roster.readers, this.hub, this.state)) {
      this.noteFresh()
      haveNeighboursLook()
      return
    }
    if (stateOf(this.hub) !== this.state) this.applyState()
    this.serve()
    // What is there may not be anybody's turn: in order of arrival it can wait for the ticket of a thread that has died, and only the
    // event loop tells of that. So look again in the next turn, never in a loop that keeps the news from coming.
    if (this.getters.size > 0) turn.join(this)
  }

  /**
   * Keeps the one armed wait of this queue's life armed. Who waits gets at once what has come with a ring; everything else that it can
   * mean has time until the turn.
   *
   * The item that ends a sleep has a short way of its own, as long as nothing is in it: in a thread that has slept, every function and
   * every object is a visit to memory that has gone cold.
   */
  private listen(): void {
    const { ear } = this
    if (this.doorbell.isArmed) return
    this.doorbell.arm(
      () => {
        const core = ear.held ?? ear.weak.deref()
        if (core !== undefined && !core.serveFresh()) core.serve()
      },
      () => (ear.held ?? ear.weak.deref())?.afterHearing(),
    )
  }

  /** Those who were waiting have gone on. */
  private afterHearing(): void {
    this.isRung = true
    turn.join(this)
  }

  onRing(): void {
    this.serve()
    this.afterHearing()
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
    this.roster.leave()
    ringAlways(this.hub, HOME_DOORBELL)
  }

  shutDownError(operation: string): QueueShutDown {
    return new QueueShutDown(`${operation} on ${this.label()}: the queue is shut down`, this.name)
  }

  emptyError(operation: string): QueueEmpty {
    return new QueueEmpty(`${operation} on ${this.label()}: the queue is empty`, this.name)
  }

  /** Items put and not yet taken here. */
  qsize(): number {
    return Math.max(0, distance(acceptedItems(this.hub), this.roster.taken)) + this.front.length
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
      gets: distance(this.roster.taken, start) - this.front.length - this.dropped,
      dropped: this.dropped,
      lost: this.roster.lost,
      waiting: { gets: this.getters.size, puts: 0, joins: this.joiners.size },
      lanes: this.lanes.map((lane) => lane.stats()),
      endedLanes: this.roster.ended,
    }
  }
}
