import { acceptedWord, MAX_SLOTS, SLOTS } from '../layout.js'
import { createLane } from '../memory.js'
import { advance } from '../position.js'
import { Backlog, type Delivery } from './backlog.js'
import type { FanOutSettings } from './options.js'
import { OutLane } from './out-lane.js'

/** The slot whose ACCEPTED counts what waits at home. */
const HOME_SLOT = 0

/** First values of counters that wrap; for tests. */
export interface Starts {
  readonly position?: number
  readonly count?: number
}

/** The consumers' lanes, the backlog, and who of the one gets what of the other. */
export class Lanes<T> {
  open: OutLane<T>[] = []
  /** How many are over. */
  ended = 0
  readonly backlog = new Backlog()
  private readonly freeSlots: number[] = []
  /** Where the search for a consumer begins, so that equal ones take turns. */
  private next = 0

  constructor(
    private readonly hub: Int32Array<SharedArrayBuffer>,
    private readonly settings: FanOutSettings<T>,
    private readonly starts: Starts,
  ) {
    Atomics.store(hub, SLOTS, HOME_SLOT + 1)
  }

  /** @throws {RangeError} when as many lanes are open as a queue can have */
  add(name: string | undefined, label: string): OutLane<T> {
    const { hub, settings, starts } = this
    const used = Atomics.load(hub, SLOTS)
    const slot = this.freeSlots.pop() ?? used
    if (slot >= MAX_SLOTS) {
      throw new RangeError(
        `expected at most ${MAX_SLOTS - 1} consumers at once on ${label}, got one more: close some first`,
      )
    }
    const memory = createLane(hub, {
      capacity: settings.capacityBytes,
      slot,
      ...(starts.position === undefined ? {} : { start: starts.position }),
    })
    if (slot === used) Atomics.store(hub, SLOTS, used + 1)
    const lane = new OutLane<T>(hub, memory, settings.codec, name, settings.prefetch)
    this.open.push(lane)
    return lane
  }

  remove(lane: OutLane<T>): void {
    this.open = this.open.filter((each) => each !== lane)
    this.freeSlots.push(lane.slot)
    this.ended++
  }

  /** Whether an item is under way or in somebody's hands. */
  get hasUnacknowledged(): boolean {
    return this.open.some((lane) => lane.unacknowledged > 0)
  }

  /** The consumer with most credit left; of several the one that comes after the last one chosen. */
  best(except?: ReadonlySet<OutLane<T>>): OutLane<T> | undefined {
    const { open } = this
    let best: OutLane<T> | undefined
    let most = 0
    let chosen = 0
    for (let i = 0; i < open.length; i++) {
      const at = (this.next + i) % open.length
      const lane = open[at]
      const { credit } = lane
      if (credit <= most || except?.has(lane) === true) continue
      best = lane
      most = credit
      chosen = at
    }
    if (best !== undefined) this.next = chosen + 1
    return best
  }

  /**
   * How many of so many items the best consumer gets, with the others waiting for their part: as many as if each of them went to the
   * one that is the best then. So all of them end with the same credit left, as far as that goes.
   */
  share(best: OutLane<T>, items: number, except?: ReadonlySet<OutLane<T>>): number {
    let level = 0
    for (;;) {
      let credits = 0
      let lanes = 0
      for (const lane of this.open) {
        const { credit } = lane
        if (credit <= level || except?.has(lane) === true) continue
        credits += credit
        lanes++
      }
      const next = (credits - items) / lanes
      // Those that are below that get nothing, so that it is above that for the others.
      if (lanes === 0 || next <= level) break
      level = next
    }
    return Math.min(items, Math.ceil(best.credit - level))
  }

  /** Hands the backlog to consumers as far as they have credit and room. @returns whether anything has left */
  dispatch(): boolean {
    let hasSent = false
    for (const lane of this.open) if (lane.goOn()) hasSent = true
    for (let first = this.backlog.first; first !== undefined; first = this.backlog.first) {
      const items = this.dispatchSome(first)
      if (items === 0) break
      hasSent = true
      this.backlog.shift(items)
    }
    if (hasSent) this.count()
    return hasSent
  }

  /** @returns how many items of it have left */
  private dispatchSome(delivery: Delivery): number {
    let tried: Set<OutLane<T>> | undefined
    for (;;) {
      const lane = this.best(tried)
      if (lane === undefined) {
        for (const full of tried ?? []) full.makeRoom()
        return 0
      }
      const { items } = delivery
      const sent = items > 1 ? lane.sendRun(delivery, this.share(lane, items, tried)) : Number(lane.send(delivery))
      if (sent > 0) return sent
      tried ??= new Set()
      tried.add(lane)
    }
  }

  /**
   * Counts what waits at home, in a slot of its own: after it was counted into a lane, before it is counted out of one, so that
   * nobody sees a zero in between. A long item waits here until its last fragment was sent.
   */
  count(): void {
    let waiting = this.backlog.size
    for (const lane of this.open) if (lane.isSending) waiting++
    Atomics.store(this.hub, acceptedWord(HOME_SLOT), advance(this.starts.count ?? 0, waiting))
  }
}
