import { type QueueError, QueueFull, QueueShutDown } from '@millrace/queue'
import { type Waiter, WaiterList, WaitingRoom, type WaitOwner } from '@millrace/queue/waiting'
import { describeCodec } from '../codecs/description.js'
import { Doorbell, ringAlways, ringRemote } from '../doorbell.js'
import { RemoteLost } from '../errors.js'
import { Hold } from '../keep-alive.js'
import {
  DOORBELL,
  FAN_OUT,
  HOME_DOORBELL,
  HUB_PREFETCH,
  HUB_YIELD_AFTER_FLOAT64,
  JOINED,
  ORDER_PRODUCER,
} from '../layout.js'
import {
  acceptedItems,
  advanceState,
  countZero,
  isJoined,
  OPEN,
  SHUT_DOWN,
  SHUTTING_DOWN,
  type State,
  stateOf,
  takenItems,
  unfinishedItems,
} from '../lifecycle.js'
import { liveness, type ThreadWatcher } from '../liveness.js'
import { createHub } from '../memory.js'
import { type Neighbour, neighbours } from '../neighbours.js'
import { bytesOfParcel, type Parcel, pack, packNumber, packRun } from '../parcel.js'
import { distance } from '../position.js'
import { sharedNow, thisThread } from '../runtime.js'
import type { Backlog, Delivery } from './backlog.js'
import { Lanes, type Starts } from './lanes.js'
import { LedgerBook } from './ledger.js'
import type { FanOutSettings } from './options.js'
import type { OutLane } from './out-lane.js'
import type { JoinWaiter, PutWaiter } from './waiters.js'

/** A home end that was forgotten gives nothing more: its consumers must not wait for it. */
const forgotten = new FinalizationRegistry<{
  hub: Int32Array<SharedArrayBuffer>
  doorbells: Int32Array<SharedArrayBuffer>[]
}>(({ hub, doorbells }) => {
  advanceState(hub, SHUT_DOWN)
  for (const control of doorbells) ringAlways(control, DOORBELL)
  ringAlways(hub, HOME_DOORBELL)
})

/**
 * The home end of a fan-out: its lanes, its backlog, who waits, and the transitions that everything public is built on.
 *
 * An accepted item is in the backlog, in one lane, in the hands of one consumer, or in the ledger as ended, never in two of these.
 *
 * Invariants, true whenever nothing is under way:
 * - an item waits in the backlog only while no consumer that could take it has credit and room;
 * - a putter waits only while the backlog has no room for its item;
 * - while anything here waits for consumers (backlog, putters, joiners, the drain before the end), the doorbell is raised and every
 *   lane was looked at after that; openings, closings and shutdowns ring always.
 */
export class FanOutCore<T> implements WaitOwner, ThreadWatcher, Neighbour {
  readonly hub: Int32Array<SharedArrayBuffer>
  readonly name: string | undefined
  readonly epoch: number
  readonly ledger = new LedgerBook()
  readonly putters: WaiterList<PutWaiter>
  readonly joiners: WaiterList<JoinWaiter>
  /** Calls that wait for a source of items. */
  readonly feeders: WaiterList<Waiter<never>>
  readonly lanes: Lanes<T>
  readonly backlog: Backlog
  /** Why this queue takes nothing more, other than a shutdown. */
  failure: RemoteLost | undefined
  /** The control words of the lanes that were ever made; for whoever finds this end forgotten. */
  private readonly doorbells: Int32Array<SharedArrayBuffer>[] = []
  private readonly doorbell: Doorbell
  private readonly hold = new Hold()
  /** Whether any number is an item that takes eight bytes. */
  private readonly isNumeric: boolean
  private readonly membership: WeakRef<ThreadWatcher>
  /** The state whose consequences have been drawn. */
  private state: State = OPEN
  private isHolding = true
  private isDisposed = false
  /** What JOINED was when consumers that joined were last woken. */
  private joined: number
  private isPutting = false
  private hasMissedPump = false

  constructor(
    readonly settings: FanOutSettings<T>,
    starts: Starts = {},
  ) {
    this.name = settings.name
    this.epoch = sharedNow()
    const { builtIn } = describeCodec(settings.codec)
    this.isNumeric = builtIn === 'auto' || builtIn === 'float64'
    this.hub = createHub({
      kind: FAN_OUT,
      homeThread: thisThread,
      order: ORDER_PRODUCER,
      maxItems: settings.maxItems,
      epoch: this.epoch,
      ...(starts.count === undefined ? {} : { startCount: starts.count }),
    })
    this.joined = Atomics.load(this.hub, JOINED)
    this.hub[HUB_PREFETCH] = settings.prefetch
    new Float64Array(this.hub.buffer, 0, HUB_YIELD_AFTER_FLOAT64 + 1)[HUB_YIELD_AFTER_FLOAT64] = settings.yieldAfter
    this.lanes = new Lanes(this.hub, settings, starts)
    this.backlog = this.lanes.backlog
    const room = new WaitingRoom(this)
    this.putters = new WaiterList(room, 'put()')
    // There may be room for those behind it.
    this.putters.onGivenUp = () => this.pump()
    this.joiners = new WaiterList(room, 'join()')
    this.feeders = new WaiterList(room, 'putMany()')
    this.doorbell = new Doorbell(this.hub, HOME_DOORBELL)
    this.membership = liveness.join(this)
    forgotten.register(this, { hub: this.hub, doorbells: this.doorbells })
  }

  label(): string {
    return this.name === undefined ? 'FanOutQueue' : `FanOutQueue ${JSON.stringify(this.name)}`
  }

  // ── lanes ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @throws {RangeError} when as many lanes are open as a queue can have */
  addLane(name: string | undefined): OutLane<T> {
    const lane = this.lanes.add(name, this.label())
    this.doorbells.push(lane.control)
    this.listen()
    return lane
  }

  onThreadEnd(threadId: number, exitCode: number | undefined): void {
    let isOurs = false
    for (const lane of this.lanes.open) {
      if (!lane.belongsTo(threadId)) continue
      if (!lane.isClosed) lane.markDead(exitCode)
      isOurs = true
    }
    // Without waiting for a ring: its thread may have died between winning the doorbell and notifying, or having closed and not rung.
    if (isOurs) this.pump()
  }

  /** The handle of this lane goes with that thread: if it is unopened at the thread's end, it ends with it. */
  expect(memory: SharedArrayBuffer, threadId: number): void {
    const lane = this.lanes.open.find((each) => each.memory === memory)
    if (lane === undefined) return
    lane.expectedThread = threadId
    // That thread has ended before.
    if (threadId >= 0 || lane.thread >= 0) return
    lane.markDead(undefined)
    this.pump()
  }

  /** Looks what consumers have done meanwhile, and takes leave of those that are gone. @returns whether that changed anything */
  private lookAtLanes(): boolean {
    let hasChanged = false
    let ended: OutLane<T>[] | undefined
    for (const lane of this.lanes.open) {
      const wasOpened = lane.isOpened
      const acknowledged = lane.look()
      this.ledger.acknowledged += acknowledged
      if (acknowledged > 0 || lane.isOpened !== wasOpened) hasChanged = true
      if (lane.isEnding) {
        ended ??= []
        ended.push(lane)
      }
    }
    for (const lane of ended ?? []) this.retire(lane)
    return hasChanged || ended !== undefined
  }

  private retire(lane: OutLane<T>): void {
    this.lanes.remove(lane)
    this.doorbells.splice(this.doorbells.indexOf(lane.control), 1)
    const { acknowledged, held, untouched } = lane.leave()
    const { ledger, settings } = this
    ledger.acknowledged += acknowledged
    const back: Delivery[] = []
    const poisoned: Delivery[] = []
    let failed = 0
    for (const delivery of held) {
      if (this.state === SHUT_DOWN || !settings.isRedelivered) failed += delivery.items
      else if (delivery.deliveries < settings.maxDeliveries) back.push(delivery)
      else if (settings.onPoisoned === undefined) failed += delivery.items
      else poisoned.push(delivery)
    }
    ledger.redelivered += countOf(back)
    ledger.failed += failed
    ledger.poisoned += countOf(poisoned)
    if (this.state === SHUT_DOWN) ledger.dropped += countOf(untouched)
    else back.push(...untouched)
    this.backlog.giveBack(back)
    this.lanes.count()
    lane.settleCounts()
    countZero(this.hub)
    this.forgo()
    if (failed > 0 && this.state !== SHUT_DOWN) this.fail(lane, failed)
    // The caller's code not in the middle of a transition, and each by itself: what it throws for one keeps no other from it.
    for (const delivery of poisoned) {
      for (let i = 0; i < delivery.items; i++) queueMicrotask(() => this.givePoisoned(delivery, i))
    }
  }

  private givePoisoned({ parcel, items, deliveries }: Delivery, index: number): void {
    const { codec, onPoisoned } = this.settings
    const size = parcel.length / items
    onPoisoned?.(codec.decode(bytesOfParcel(parcel), index * size, (index + 1) * size), deliveries)
  }

  private fail(lane: OutLane<T>, lostItems: number): void {
    this.failure ??= new RemoteLost(
      { name: lane.name, threadId: lane.thread, exitCode: lane.exitCode, deliveredItems: lane.acknowledged, lostItems },
      this.name,
    )
    const { failure } = this
    this.putters.failAll(() => failure)
    this.feeders.failAll(() => failure)
    this.joiners.failAll(() => failure)
    // The rest of the consequences with the next step.
    advanceState(this.hub, SHUTTING_DOWN)
  }

  // ── putting ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Why nothing can be put any more; undefined when it can. */
  refusal(operation: string): QueueError | undefined {
    if (stateOf(this.hub) !== this.state) this.pump()
    return this.failure ?? (this.state === OPEN ? undefined : this.shutDownError(operation))
  }

  /**
   * Accepts an item if there is room for it.
   * @returns undefined when it was accepted, else the item as bytes, to wait with. Throws what the codec throws, and the refusal of the
   *   queue if it has ended meanwhile.
   */
  tryPut(item: T, operation: string): Parcel | undefined {
    if (this.backlog.size === 0 && this.putters.size === 0 && this.putDirectly(item)) return undefined
    const parcel =
      typeof item === 'number' && this.isNumeric ? packNumber(item as number) : pack(this.settings.codec, item)
    // The item's own code may have ended the queue, or a consumer that was looked at: its consequences are drawn once.
    const refusal = this.state === OPEN ? undefined : this.refusal(operation)
    if (refusal !== undefined) throw refusal
    if (this.putters.size > 0 || !this.accept(parcel)) return parcel
    // With others before it in the backlog, and nothing heard of the consumers since they were looked at, there is nothing to do.
    if (this.backlog.size === 1 || !this.isListening) this.pump()
    return undefined
  }

  /**
   * Accepts some of `items[from]` to `items[to - 1]`, all of the codec's fixed size, if there is room for them.
   * @returns how many: with 0, `tryPut()` says of the first what is to be done. Throws what the codec throws; then it is none of them.
   */
  tryPutRun(items: ArrayLike<T>, from: number, to: number): number {
    const { backlog, putters, settings } = this
    if (putters.size > 0) return 0
    const most = Math.min(to - from, this.freeItems)
    if (most < 1) return 0
    if (backlog.size === 0) {
      const sent = this.sendDirectly((lane) => lane.putRun(items, from, from + this.lanes.share(lane, most)))
      if (sent > 0) return sent
    }
    const size = settings.codec.fixedSize as number
    const count = Math.min(most, Math.floor((settings.capacityBytes - backlog.bytes) / size))
    if (count < 1) return 0
    const parcel = packRun(settings.codec, items, from, from + count)
    // Its code may have put items, too, or ended the queue.
    if (putters.size > 0 || count > this.freeItems || this.state !== OPEN) return 0
    const isFirst = backlog.size === 0
    this.add({ parcel, items: count, deliveries: 0 })
    if (isFirst || !this.isListening) this.pump()
    return count
  }

  /** Encodes an item into the ring of a consumer that can take it now. @returns whether there is one */
  private putDirectly(item: T): boolean {
    return this.freeItems > 0 && this.sendDirectly((lane) => Number(lane.put(item))) > 0
  }

  /** Encodes items into the ring of the consumer that can take most now, if one can. @returns how many */
  private sendDirectly(send: (lane: OutLane<T>) => number): number {
    // A getter of an item that is being put may put another: that one goes by the backlog, not into the place being written to.
    if (this.isPutting) return 0
    if (this.lookAtLanes()) this.pump()
    const lane = this.state === OPEN ? this.lanes.best() : undefined
    if (lane === undefined) return 0
    this.isPutting = true
    try {
      const sent = send(lane)
      if (sent === 0) return 0
      this.ledger.put += sent
      neighbours.add(this)
      return sent
    } finally {
      this.isPutting = false
      if (this.hasMissedPump) this.pump()
    }
  }

  /** Takes a packed item in, if the backlog has room. */
  private accept(parcel: Parcel): boolean {
    const { backlog, settings } = this
    // What is larger than all the room there is goes alone.
    if (backlog.size > 0 && backlog.bytes + parcel.length > settings.capacityBytes) return false
    if (this.freeItems < 1) return false
    this.add({ parcel, items: 1, deliveries: 0 })
    return true
  }

  private add(delivery: Delivery): void {
    this.backlog.push(delivery)
    this.ledger.put += delivery.items
    this.lanes.count()
  }

  /** How many more items may wait to be taken. */
  private get freeItems(): number {
    const { maxItems } = this.settings
    return maxItems > 0 ? maxItems - this.qsize() : Number.POSITIVE_INFINITY
  }

  /** Items put and not yet taken. */
  qsize(): number {
    return Math.max(0, distance(acceptedItems(this.hub), takenItems(this.hub)))
  }

  isFull(): boolean {
    const { maxItems, capacityBytes } = this.settings
    return (maxItems > 0 && this.qsize() >= maxItems) || this.backlog.bytes >= capacityBytes
  }

  // ── waiting ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** To call by a waiter that has settled. */
  afterWait(): void {
    this.updateHold()
  }

  /** Whether anything here waits for what consumers do. */
  private get isAwaiting(): boolean {
    if (this.putters.size > 0 || this.joiners.size > 0 || this.backlog.size > 0 || this.state === SHUTTING_DOWN)
      return true
    return this.lanes.open.some((lane) => lane.isSending)
  }

  /** Whether the doorbell is raised: then every lane was looked at after that, and no consumer has had anything to tell since. */
  private get isListening(): boolean {
    return Atomics.load(this.hub, HOME_DOORBELL) === 1
  }

  /** Raises the doorbell if anything waits, and looks once more at all that it waits for. */
  awaitConsumers(): void {
    this.updateHold()
    if (this.isAwaiting && this.isListening) return
    while (this.isAwaiting) {
      this.doorbell.raise()
      // SYNC: the second look after raise(); a consumer stores what it did before it looks at the doorbell. Once more if it changed
      // anything, raised or not: that nobody has rung says nothing about what follows from the change.
      if (!this.step()) return
    }
    this.doorbell.lower()
  }

  /** Keeps the one armed wait of this queue's life armed; it holds the queue by a weak reference only. */
  private listen(): void {
    if (this.doorbell.isArmed || this.isForgone) return
    const self = new WeakRef(this)
    this.doorbell.arm(() => self.deref()?.onRing())
  }

  private onRing(): void {
    this.listen()
    this.pump()
  }

  /** Draws the consequences of whatever consumers have done, until nothing changes any more. */
  pump(): void {
    // Not while an item is being written into a lane: its code has called this.
    this.hasMissedPump = this.isPutting
    if (this.isPutting) return
    while (this.step());
    this.awaitConsumers()
  }

  /** @returns whether anything has changed */
  private step(): boolean {
    let hasChanged = this.applyState()
    if (this.lookAtLanes()) hasChanged = true
    if (this.state !== SHUT_DOWN && this.lanes.dispatch()) hasChanged = true
    for (let first = this.putters.first; first !== undefined && this.accept(first.parcel); first = this.putters.first) {
      first.fulfil()
      hasChanged = true
    }
    if (this.endJoins()) hasChanged = true
    if (this.state === SHUTTING_DOWN && this.isDrained()) {
      advanceState(this.hub, SHUT_DOWN)
      hasChanged = true
    }
    return hasChanged
  }

  /** Ends the joins that have seen a zero, and wakes consumers where theirs may have: they cannot wake one another. */
  private endJoins(): boolean {
    // SYNC: whoever ends joins stores that before it rings this end; the joiner raises its doorbell before its second look.
    const joined = Atomics.load(this.hub, JOINED)
    // Those of this end that were given up are among them: consumers look once more for nothing then.
    let others = distance(joined, this.joined)
    this.joined = joined
    let hasEnded = false
    for (
      let first = this.joiners.first;
      first !== undefined && isJoined(this.hub, first.join);
      first = this.joiners.first
    ) {
      if (distance(joined, first.join) >= 0) others--
      first.fulfil()
      hasEnded = true
    }
    if (others > 0) for (const lane of this.lanes.open) ringRemote(lane.control)
    return hasEnded
  }

  /** Whether every item has ended; as long as one has not, its consumer may be lost and another be needed for it. */
  private isDrained(): boolean {
    return this.backlog.size === 0 && !this.lanes.hasUnacknowledged
  }

  private updateHold(): void {
    const { open, hasUnacknowledged } = this.lanes
    const isWaiting = this.putters.size > 0 || this.joiners.size > 0 || this.backlog.size > 0
    if (open.length > 0 && (isWaiting || hasUnacknowledged)) neighbours.add(this)
    else neighbours.delete(this)
    this.hold.set(this.isHolding && isWaiting && open.some((lane) => lane.isOpened && lane.thread !== thisThread))
  }

  setHolding(holding: boolean): void {
    this.isHolding = holding
    this.updateHold()
  }

  // ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  shutdown(immediate: boolean): void {
    advanceState(this.hub, immediate ? SHUT_DOWN : SHUTTING_DOWN)
    this.pump()
  }

  /** Draws the consequences of a state that any end has set. */
  private applyState(): boolean {
    const state = stateOf(this.hub)
    if (state === this.state) return false
    this.state = state
    this.putters.failAll((operation) => this.shutDownError(operation))
    this.feeders.failAll((operation) => this.shutDownError(operation))
    if (state === SHUT_DOWN) this.drop()
    for (const lane of this.lanes.open) lane.ringAlways()
    return true
  }

  /** Throws away what nobody has taken; after a drain there is none. */
  private drop(): void {
    this.lookAtLanes()
    let dropped = this.backlog.size
    this.backlog.clear()
    for (const lane of this.lanes.open) dropped += lane.drop()
    this.lanes.count()
    this.ledger.dropped += dropped
    countZero(this.hub)
  }

  get isShutdown(): boolean {
    return stateOf(this.hub) !== OPEN
  }

  /** Nothing of it is left running afterwards. */
  dispose(): void {
    if (this.isDisposed) return
    this.shutdown(true)
    this.isDisposed = true
    this.forgo()
    ringAlways(this.hub, HOME_DOORBELL)
  }

  /** Whether nothing can happen any more. Until then consumers finish what they hold, and whoever joins waits for that. */
  private get isForgone(): boolean {
    return this.isDisposed && this.lanes.open.length === 0
  }

  private forgo(): void {
    if (this.isForgone) liveness.leave(this.membership)
  }

  get unfinished(): number {
    return unfinishedItems(this.hub)
  }

  shutDownError(operation: string): QueueShutDown {
    return new QueueShutDown(`${operation} on ${this.label()}: the queue is shut down`, this.name)
  }

  fullError(operation: string, parcel: Parcel): QueueFull {
    return new QueueFull(
      `${operation} on ${this.label()}: no consumer can take ${parcel.length} bytes more, and ${this.backlog.bytes} wait already`,
      this.name,
    )
  }
}

function countOf(deliveries: readonly Delivery[]): number {
  return deliveries.reduce((sum, { items }) => sum + items, 0)
}
