import { QueueEmpty } from '@millrace/queue'
import { WaiterList, type WaitingRoom, type WaitTerms } from '@millrace/queue/waiting'
import type { Codec } from '../codec.js'
import { ring, ringAlways } from '../doorbell.js'
import type { Getter } from '../fan-in/getters.js'
import type { Intake } from '../fan-in/intake.js'
import { NOTHING } from '../fan-in/item-source.js'
import { Receipts } from '../fan-out/receipts.js'
import { ItemReader } from '../item-reader.js'
import { LaneReader } from '../lane-reader.js'
import {
  HOME_DOORBELL,
  HUB_HOME_THREAD,
  HUB_MAX_ITEMS,
  HUB_PREFETCH,
  HUB_YIELD_AFTER_FLOAT64,
  JOINED,
} from '../layout.js'
import { countZero, isHomeLost, OPEN, SHUT_DOWN, stateOf } from '../lifecycle.js'
import { type PutCount, putsTo } from '../neighbours.js'
import { advance, distance } from '../position.js'
import { type TurnTaker, turn } from '../turn.js'

/** The consumer around it: what only the whole end knows. */
export interface ConsumerFrame {
  label(): string
  readonly name: string | undefined
  /** Has the loop woken when somebody's turn may have come. */
  beginWait(): void
  afterWait(): void
  /** Why nothing more will come; undefined as long as something may. */
  endOf(operation: string): { readonly error: unknown } | undefined
}

/** How a consumer takes items out of its lane, and what it says to the home end about them. */
export class ConsumerIntake<T> implements Intake<T>, TurnTaker {
  readonly getters: WaiterList<Getter<T, unknown>>
  readonly lane: LaneReader
  readonly receipts: Receipts
  isInTurn = false
  /** Whether taskDone() was ever called: then it says when an item is acknowledged. */
  countsOff = false
  private readonly items: ItemReader<T>
  private readonly front: T[] = []
  readonly prefetch: number
  private readonly isBounded: boolean
  private readonly yieldAfter: number
  /** Whether a run is decoded in one call, which never throws. */
  private readonly isDecodedAtOnce: boolean
  /** How many of the next items have been claimed already: by a `ready()` that no `take()` followed, or with a run. */
  private claimed = 0
  /** Which items could not be decoded, counted as they were taken, as long as they are not acknowledged: they never come to the front. */
  private readonly undecoded = new Set<number>()
  /** The call that was served last and waits for more. */
  private gatherer: Getter<T, unknown> | undefined
  private untold = 0
  /** Items taken when the home end was last told that none is left to take. */
  private takenTold = 0
  private isClosed = false
  /** What this thread puts to the thread of the home end, and how much that was when something was acknowledged last. */
  private readonly results: PutCount
  private resultsSeen = 0

  constructor(
    private readonly hub: Int32Array<SharedArrayBuffer>,
    memory: SharedArrayBuffer,
    codec: Codec<T>,
    room: WaitingRoom,
    private readonly frame: ConsumerFrame,
  ) {
    this.lane = new LaneReader(hub, memory)
    this.items = new ItemReader(this.lane, codec)
    this.receipts = new Receipts(hub, this.lane.control, this.lane.slot)
    this.getters = new WaiterList(room, 'get()')
    this.isDecodedAtOnce = codec.blankRun !== undefined
    this.prefetch = hub[HUB_PREFETCH]
    this.results = putsTo(hub[HUB_HOME_THREAD])
    this.isBounded = hub[HUB_MAX_ITEMS] > 0
    this.yieldAfter = new Float64Array(hub.buffer, 0, HUB_YIELD_AFTER_FLOAT64 + 1)[HUB_YIELD_AFTER_FLOAT64]
  }

  // ── taking ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  ready(): boolean {
    // What was not given out by then is others'.
    if (this.isClosed) return false
    if (this.front.length > 0) return true
    if (this.claimed > 0) return this.items.ready()
    // Of a home end that is gone, what has come is what there is left.
    if (stateOf(this.hub) === SHUT_DOWN && !isHomeLost(this.hub)) return false
    const { receipts, items, lane } = this
    const isReady = items.ready()
    if (items.isPartial) {
      // The rest of a long item needs the room.
      receipts.release(lane.position)
      ring(this.hub, HOME_DOORBELL)
    } else if (!isReady) this.findRoom()
    this.claimed = isReady && receipts.claim(1) ? 1 : 0
    return this.claimed > 0
  }

  /** Nothing is there: what this consumer holds may leave no room for more. */
  private findRoom(): void {
    const { receipts, lane } = this
    // With nothing left to take the home end keeps what is held, and says so; whoever does not wait for that finds it the next time.
    const hasTaken = receipts.taken !== this.takenTold
    this.takenTold = receipts.taken
    // With acknowledgements that it was not told of it has credit for more, however few they are.
    if (receipts.releaseKept(lane.position) || hasTaken || this.untold > 0) this.tellHome()
  }

  take(): T {
    if (this.front.length > 0) return this.front.shift() as T
    try {
      return this.items.take()
    } catch (error) {
      this.undecoded.add(advance(this.receipts.taken, 1 - this.claimed))
      throw error
    } finally {
      this.hasTaken(1)
    }
  }

  private hasTaken(items: number): void {
    this.claimed -= items
    this.receipts.note(this.lane.position, items)
    if (this.isBounded) ring(this.hub, HOME_DOORBELL)
    turn.join(this)
  }

  /** Each item has to be claimed of the home end: there is no short way. */
  takeNext(): typeof NOTHING {
    return NOTHING
  }

  takeMany(max: number): T[] {
    const items = (this.front.length === 0 && this.ready() && this.takeRun(max)) || []
    try {
      this.takeManyInto(items, max)
    } catch (error) {
      // One that cannot be decoded takes no others with it.
      this.putBack(items)
      throw error
    }
    return items
  }

  takeManyInto(into: T[], max: number): void {
    while (into.length < max && this.ready()) {
      const count = this.front.length > 0 ? 1 : this.claimRun(max - into.length)
      if (count > 1 && this.isDecodedAtOnce) {
        this.items.takeInto(into, count)
        this.hasTaken(count)
      } else for (let i = 0; i < count; i++) into.push(this.take())
    }
  }

  /** Takes items that lie side by side into an array that is made for them; undefined where that has no advantage. */
  private takeRun(max: number): T[] | undefined {
    const count = this.isDecodedAtOnce ? this.claimRun(max) : 1
    if (count === 1) return undefined
    const items = this.items.takeRuns(count, false)
    this.hasTaken(count)
    return items
  }

  /** Claims those that lie side by side with the item that `ready()` found. @returns how many are claimed and lie so, `max` at most */
  private claimRun(max: number): number {
    const count = this.items.countRecord(max)
    const more = count - this.claimed
    if (more > 0 && this.receipts.claim(more)) this.claimed += more
    return Math.min(count, this.claimed)
  }

  putBack(items: readonly T[]): void {
    this.front.unshift(...items)
    if (items.length > 0) turn.join(this)
  }

  /** Items given out in all: those taken, but for what is claimed only, came back, or waits for more in a `getMany()`. */
  get given(): number {
    const { undecoded, receipts } = this
    let given = advance(receipts.taken, -this.claimed)
    // Those that came back are taken first, so all of these are the last that were taken.
    let left = this.front.length + this.gathered
    if (undecoded.size === 0) return advance(given, -left)
    for (const item of undecoded) if (distance(item, receipts.acknowledged) <= 0) undecoded.delete(item)
    for (; left > 0; given = advance(given, -1)) if (!undecoded.has(given)) left--
    return given
  }

  /** Items that a call has taken which waits for more. */
  private get gathered(): number {
    return this.gatherer?.list === undefined ? 0 : this.gatherer.gathering
  }

  // ── acknowledging ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Before others are asked for: whoever holds so many that these are more than a consumer may have is done with the oldest. */
  makeRoom(items = 1): void {
    const { receipts } = this
    const excess = distance(this.given, receipts.acknowledged) - this.prefetch + items
    if (excess > 0) this.hasAcknowledged(receipts.acknowledge(advance(receipts.acknowledged, excess)))
  }

  /** The items from the `from`th to the `to`th that were given out are dealt with. */
  settle(from: number, to: number): void {
    this.hasAcknowledged(this.receipts.settle(from, to))
  }

  private acknowledgeGiven(): void {
    this.hasAcknowledged(this.receipts.acknowledge(this.given))
  }

  /** Gives out nothing more; what was given out is dealt with. */
  close(): void {
    this.acknowledgeGiven()
    this.isClosed = true
  }

  private hasAcknowledged(items: number): void {
    if (items === 0) return
    this.untold += items
    const { puts } = this.results
    const hasResult = puts !== this.resultsSeen
    this.resultsSeen = puts
    if (stateOf(this.hub) !== OPEN) this.tellHome()
    // With an item at hand, a thread that puts a result for each item tells it with the next result: that rings the same loop.
    else if (this.untold * 2 >= this.prefetch && !(hasResult && this.lane.refresh())) this.tellHome()
  }

  /** @throws {RangeError} when that is more than this consumer has taken and not counted off */
  finish(count: number): void {
    const { receipts } = this
    if (count > receipts.undone) {
      throw new RangeError(
        `taskDone() called too many times: ${count} done with ${receipts.undone} unfinished on ${this.frame.label()}`,
      )
    }
    this.countsOff = true
    receipts.finish(count)
    if (receipts.isBehind || !this.findZero()) this.hasAcknowledged(count)
  }

  /** Looks whether nothing is unfinished any more. @returns whether that is so; then the home end knows */
  private findZero(): boolean {
    const { hub } = this
    const joined = Atomics.load(hub, JOINED)
    if (countZero(hub) > 0) return false
    this.tellHome()
    // Other threads may wait for that which only the home end can wake, and it may wait for nothing itself.
    if (Atomics.load(hub, JOINED) !== joined) ringAlways(hub, HOME_DOORBELL)
    return true
  }

  /** Wakes the home end, should it wait for what this consumer has acknowledged. */
  tellHome(): void {
    this.untold = 0
    ring(this.hub, HOME_DOORBELL)
  }

  // ── waiting ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  mayServe(items: number): boolean {
    this.makeRoom()
    return this.getters.size === 0 && !turn.isSpent(items, this, this.yieldAfter)
  }

  serveEarlier(): boolean {
    this.makeRoom()
    // Whatever the budget: the caller does not wait for the loop, and must not find nothing because others do.
    if (this.getters.size > 0) this.serve(Number.POSITIVE_INFINITY)
    return this.getters.size === 0
  }

  report(): { readonly error: unknown } | undefined {
    return undefined
  }

  endOf(operation: string): { readonly error: unknown } | undefined {
    return this.ready() ? undefined : this.frame.endOf(operation)
  }

  wait<G extends Getter<T, unknown>>(getter: G, terms: WaitTerms): G['promise'] {
    const promise = this.getters.append(getter, terms)
    this.prepareToSleep(false)
    this.frame.beginWait()
    return promise
  }

  /**
   * Tells the home end what it may wait for. While the queue is shutting down it waits until every item is acknowledged: a consumer
   * that has come back for more is done with those it has, unless it counts off and goes on elsewhere on this loop.
   */
  prepareToSleep(isThreadStopped: boolean): void {
    if (stateOf(this.hub) !== OPEN && (isThreadStopped || !this.countsOff)) this.acknowledgeGiven()
    this.tellHome()
  }

  afterWait(): void {
    if (this.gatherer?.list === undefined) this.gatherer = undefined
    this.frame.afterWait()
  }

  /** Serves who waits, first come first served, as long as there is something and the loop's budget lasts. */
  serve(budgetMs = this.yieldAfter): void {
    for (let getter = this.getters.first; getter !== undefined; getter = this.getters.first) {
      if (!this.ready()) {
        const end = this.frame.endOf(getter.operation ?? 'get()')
        if (end !== undefined) getter.fail(end.error)
        // The end of the queue waits for those that it has, and nobody may be done with them before they are given out.
        else if (stateOf(this.hub) === OPEN || !getter.settleEarly()) {
          this.prepareToSleep(false)
          return
        }
      } else {
        if (turn.isSpent(1, this, budgetMs)) return
        getter.serve()
        this.gatherer = getter.list === undefined ? undefined : getter
      }
    }
  }

  onTurn(): void {
    this.serve()
    if (this.getters.size > 0 && !this.isInTurn) this.frame.beginWait()
  }

  emptyError(operation: string): QueueEmpty {
    return new QueueEmpty(`${operation} on ${this.frame.label()}: nothing is there for this consumer`, this.frame.name)
  }
}
