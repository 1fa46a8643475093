import type { MessagePort } from 'node:worker_threads'
import type { LaneReader } from '../lane-reader.js'
import { MAX_SLOTS, SLOTS } from '../layout.js'
import { OPEN, stateOf } from '../lifecycle.js'
import { liveness, type ThreadWatcher } from '../liveness.js'
import { createLane } from '../memory.js'
import type { BridgeSettings } from '../options.js'
import { advance } from '../position.js'
import { isDeno, thisThread } from '../runtime.js'
import { newLockName, whenLockFree } from '../web-locks.js'
import { HomeLane } from './home-lane.js'
import type { Starts } from './starts.js'

type Words = Int32Array<SharedArrayBuffer>

/** What the roster has to tell the home end that it belongs to. */
export interface RosterHost<T> {
  /** How errors name the queue. */
  label(): string
  /** Something has happened that no doorbell tells of. */
  onRing(): void
  /** Space may have become free that nothing else would give back. */
  onLeaseEnd(): void
  /** A lane is over, and all of it was taken; `lostItems` were begun by a thread that died, and never put. */
  onLaneEnd(lane: HomeLane<T>, lostItems: number): void
}

/** The lanes of a fan-in: which there are, who opened them, and which of them have ended. */
export class Roster<T> implements ThreadWatcher {
  readonly lanes: HomeLane<T>[] = []
  readonly readers: LaneReader[] = []
  /** Lanes that other threads have opened and not closed, when last looked at. */
  openRemotes = 0
  /** Lanes that are over. */
  ended = 0
  /** Items that threads had begun and not put when they died. */
  lost = 0
  private readonly freeSlots: number[] = []
  /** Slots of threads that may run on although they have ended, and write to their counts once more: not used while others are left. */
  private readonly lateSlots: number[] = []
  /** Items that were taken from lanes that have ended; an Int32 that wraps. */
  private takenBefore: number
  private readonly membership: WeakRef<ThreadWatcher>

  constructor(
    private readonly hub: Words,
    private readonly settings: BridgeSettings<T>,
    private readonly starts: Starts,
    private readonly host: RosterHost<T>,
  ) {
    this.takenBefore = starts.count ?? 0
    this.membership = liveness.join(this)
  }

  /** @throws {RangeError} when as many lanes are open as a queue can have */
  add(name: string | undefined, port: MessagePort | undefined): HomeLane<T> {
    const used = Atomics.load(this.hub, SLOTS)
    const slot = this.freeSlots.pop() ?? (used < MAX_SLOTS ? used : this.lateSlots.shift())
    if (slot === undefined) {
      throw new RangeError(
        `expected at most ${MAX_SLOTS} producers at once on ${this.host.label()}, got one more: close some first`,
      )
    }
    const memory = createLane(this.hub, {
      capacity: this.settings.capacityBytes,
      slot,
      ...(this.starts.position === undefined ? {} : { start: this.starts.position }),
    })
    if (slot === used) Atomics.store(this.hub, SLOTS, used + 1)
    const lane = new HomeLane<T>(this.hub, memory, this.settings.codec, name, port, newLockName())
    lane.onLeaseEnd = () => this.host.onLeaseEnd()
    if (stateOf(this.hub) !== OPEN) lane.seal()
    this.lanes.push(lane)
    this.readers.push(lane.reader)
    return lane
  }

  private remove(index: number): void {
    const lane = this.lanes[index]
    lane.settle()
    lane.dispose()
    this.ended++
    this.takenBefore = advance(this.takenBefore, lane.delivered)
    this.lanes.splice(index, 1)
    this.readers.splice(index, 1)
    const lostItems = lane.death === undefined ? 0 : lane.correctAccepted()
    this.lost += lostItems
    this.host.onLaneEnd(lane, lostItems)
    if (lane.death !== undefined && isDeno) this.lateSlots.push(lane.reader.slot)
    else this.freeSlots.push(lane.reader.slot)
  }

  /** Items taken in all, dropped ones included; an Int32 that wraps. */
  get taken(): number {
    let sum = this.takenBefore
    for (const lane of this.lanes) sum = advance(sum, lane.delivered)
    return sum
  }

  /** Whether a lane is over that nobody was told of yet: then `look()`. */
  hasEnded(): boolean {
    // From the last, as `look()` goes.
    for (let i = this.lanes.length - 1; i >= 0; i--) if (this.lanes[i].isOver()) return true
    return false
  }

  /**
   * Looks which lanes were opened or closed meanwhile, and lets go of those that are over.
   * @returns whether every lane has ended
   */
  look(): boolean {
    let open = 0
    let isIdle = true
    for (let i = this.lanes.length - 1; i >= 0; i--) {
      const lane = this.lanes[i]
      lane.look()
      if (lane.takesWatch()) this.watchLock(lane)
      if (lane.isOver()) {
        this.remove(i)
        continue
      }
      if (!lane.isEnding) {
        isIdle = false
        if (lane.isOpened && lane.thread !== thisThread) open++
      }
    }
    this.openRemotes = open
    return isIdle
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
      const roster = self.deref()
      lost.markDead(undefined, roster !== undefined && stateOf(roster.hub) === OPEN)
      roster?.host.onRing()
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
    if (isOurs) this.host.onRing()
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
    this.host.onRing()
  }

  /** Hears of the end of threads no more. */
  leave(): void {
    liveness.leave(this.membership)
  }
}
