import type { Doorbell } from '../doorbell.js'
import type { LaneReader } from '../lane-reader.js'
import {
  ACKNOWLEDGED,
  acceptedWord,
  doneWord,
  GATE_SHUT,
  KEPT_POSITION,
  READ_POSITION,
  STATE,
  TAKE_GATE,
  takenWord,
} from '../layout.js'
import { SHUT_DOWN } from '../lifecycle.js'
import { advance, distance } from '../position.js'

type Words = Int32Array<SharedArrayBuffer>

/**
 * Who has an item of a fan-out: the words by which a consumer says "taken", "acknowledged" and "done", and the home end reads them,
 * of the living and of the dead.
 *
 * Invariants:
 * - done <= acknowledged <= taken <= sent, as soon as no call is under way. Each has one writer, the consumer; after its death or its
 *   close() the home end. TAKEN and DONE_HERE count in the whole queue: the consumer moves them by compare-exchange from what it stored
 *   last, and the home end to a value that is never that, so one whose thread runs on after its 'exit' changes nothing.
 * - An item is the consumer's from its compare-exchange of TAKE_GATE on. Before that the home end may shut the gate and give the item
 *   to somebody else: one of the two comes first, and both know which. So no item is delivered twice and none is dropped that was taken.
 * - READ_POSITION moves over an item when it is acknowledged, not when it is read. Until then its bytes stay in the ring, where the
 *   home end finds them when the consumer is gone. Of what lies before KEPT_POSITION it has copies: there READ_POSITION may move over
 *   what was read.
 * - Fragments are given back as they are read. Before the first of a long item the home end has made copies of all that is before it in
 *   the ring, and it keeps the long item: so nobody needs those bytes.
 * - A consumer that is killed inside `finish()` may have stored DONE_HERE and not yet ACKNOWLEDGED: what is done is acknowledged, so
 *   the larger of the two counts.
 */
export class Receipts {
  /** Items taken, acknowledged and counted off by this consumer; Int32s that wrap. */
  taken = 0
  acknowledged = 0
  private done = 0
  /**
   * Where the records of items that are taken and not acknowledged end, the oldest first, and how many items have been taken by then.
   * These ends do not wrap: what is held can be more than there are positions, when most of it has left the ring.
   */
  private ends: number[] = []
  private counts: number[] = []
  private oldest = 0
  /** Items whose end was noted. */
  private noted = 0
  /**
   * Which are settled although an older one is not: of each range of items, counted from 1 as they were taken, the last by the first.
   * None of them begins at or directly behind an acknowledged item.
   */
  private readonly settled = new Map<number, number>()
  /** Where READ_POSITION is; it does not wrap. */
  private released: number
  private readonly takenBefore: number
  private readonly doneBefore: number

  constructor(
    private readonly hub: Words,
    private readonly control: Words,
    private readonly slot: number,
  ) {
    this.released = Atomics.load(control, READ_POSITION)
    this.takenBefore = Atomics.load(hub, takenWord(slot))
    this.doneBefore = Atomics.load(hub, doneWord(slot))
  }

  /** Items that this consumer holds. */
  get held(): number {
    return distance(this.taken, this.acknowledged)
  }

  /** Items that may still be counted off. */
  get undone(): number {
    return distance(this.taken, this.done)
  }

  /**
   * Whether its lane has items that it has not counted off, taken or not. Then the whole queue has some: it takes no look at all counts
   * to know that there is no zero, and whoever counts off the last of these, or takes them from the lane, has one.
   */
  get isBehind(): boolean {
    return Atomics.load(this.hub, acceptedWord(this.slot)) !== advance(this.doneBefore, this.done)
  }

  /**
   * Makes the next `items` items of the lane the consumer's. `note()` follows.
   * @returns false when the home end has shut the gate: none of them is to be looked at.
   */
  claim(items: number): boolean {
    const gate = this.taken << 1
    // SYNC: against shutGate(); one of the two comes first.
    if (Atomics.compareExchange(this.control, TAKE_GATE, gate, advance(gate, items << 1)) !== gate) return false
    this.taken = advance(this.taken, items)
    this.move(takenWord(this.slot), advance(this.takenBefore, this.taken), items)
    return true
  }

  /** Where the next of the claimed items end: those of a run with the last one of it, and what was before it until then. */
  note(end: number, items: number): void {
    this.noted = advance(this.noted, items)
    this.ends.push(this.unwrapped(end))
    this.counts.push(this.noted)
  }

  /**
   * Settles the items from the `from`th to the `to`th that were taken, counted from 1; they are acknowledged as soon as all older ones
   * are, since the home end only knows of one position.
   * @returns how many items are acknowledged by that
   */
  settle(from: number, to: number): number {
    if (distance(from, this.acknowledged) <= 1) return this.acknowledge(to)
    this.settled.set(advance(from, 0), to)
    return 0
  }

  /** Acknowledges the oldest items, so that `oldest` in all are, and those behind them that are settled. @returns how many that were */
  acknowledge(oldest: number): number {
    if (distance(oldest, this.acknowledged) <= 0) return 0
    const count = this.settled.size === 0 ? oldest : this.endOfSettled(oldest)
    const items = distance(count, this.acknowledged)
    const { ends, counts } = this
    let end = this.released
    while (this.oldest < ends.length && distance(count, counts[this.oldest]) >= 0) end = ends[this.oldest++]
    if (this.oldest === ends.length || this.oldest >= 1024) {
      ends.splice(0, this.oldest)
      counts.splice(0, this.oldest)
      this.oldest = 0
    }
    this.acknowledged = count
    // SYNC: pairs with acknowledgedItems(). Before the space: what may be overwritten is not looked for any more.
    Atomics.store(this.control, ACKNOWLEDGED, count)
    this.giveBack(end)
    return items
  }

  /** How many are settled without a gap once `oldest` are: forgets the ranges up to there. An item is looked at once in its life. */
  private endOfSettled(oldest: number): number {
    const { settled } = this
    let end = oldest
    for (let item = advance(this.acknowledged, 1); distance(item, end) <= 1; ) {
      const last = settled.get(item)
      if (last !== undefined) {
        settled.delete(item)
        if (distance(last, end) > 0) end = last
      }
      item = advance(last ?? item, 1)
    }
    return end
  }

  /** Gives back the space before `end`, if a fragment behind it has not given it back already. */
  release(end: number): void {
    this.giveBack(this.unwrapped(end))
  }

  private giveBack(end: number): void {
    if (end <= this.released) return
    this.released = end
    // SYNC: pairs with LaneWriter.refresh(): all plain loads of these bytes came before.
    Atomics.store(this.control, READ_POSITION, end | 0)
  }

  /** A position in the ring, or the end of what was last read there, as a count that does not wrap. */
  private unwrapped(position: number): number {
    return this.released + distance(position, this.released)
  }

  /**
   * Gives back the space of what was read, up to `position`, as far as the home end has copies of it.
   * @returns whether there was any: the home end may wait for it
   */
  releaseKept(position: number): boolean {
    if (!this.hasKept(position)) return false
    this.release(this.endOfKept(position))
    return true
  }

  /** Whether `releaseKept()` has something to give back. */
  hasKept(position: number): boolean {
    return distance(this.endOfKept(position), this.released) > 0
  }

  private endOfKept(position: number): number {
    // SYNC: pairs with OutLane.keep().
    const kept = Atomics.load(this.control, KEPT_POSITION)
    return distance(kept, position) < 0 ? kept : position
  }

  /** Counts off `count` items, the oldest first, and acknowledges them. At most `undone`. */
  finish(count: number): void {
    this.done = advance(this.done, count)
    // Before the acknowledgement: a kill in between leaves a done item, which is not delivered again.
    if (this.move(doneWord(this.slot), advance(this.doneBefore, this.done), count)) this.acknowledge(this.done)
  }

  /** Moves a count of the queue by `items` to `to`. @returns false when it is not this consumer's any more */
  private move(word: number, to: number, items: number): boolean {
    const from = advance(to, -items)
    // SYNC: against OutLane.settleCounts().
    return Atomics.compareExchange(this.hub, word, from, to) === from
  }
}

/** Home: how many items the consumer has acknowledged; an Int32 that wraps. */
export function acknowledgedItems(control: Words): number {
  // SYNC: pairs with Receipts.acknowledge().
  return Atomics.load(control, ACKNOWLEDGED)
}

/** Home: how many items the consumer has taken, modulo 2^31. */
export function takenItems(control: Words): number {
  return Atomics.load(control, TAKE_GATE) >>> 1
}

/** Home: lets the consumer take no further item. @returns how many it has taken in all, modulo 2^31 */
export function shutGate(control: Words): number {
  // SYNC: against Receipts.take().
  return Atomics.or(control, TAKE_GATE, GATE_SHUT) >>> 1
}

/**
 * Sleeps until something was published, unless something is there by now, space can be given back for it, or the queue is shut down for
 * good. This THREAD stops, for `timeoutMs` at most. Returns spuriously: the caller looks again.
 */
export function sleepForItem(lane: LaneReader, receipts: Receipts, doorbell: Doorbell, timeoutMs: number): void {
  doorbell.raise()
  // SYNC: the second look after raise(); the home end publishes, keeps, and stores the state, before it looks at the doorbell.
  const hasNews = lane.hasNews() || receipts.hasKept(lane.position)
  if (!hasNews && Atomics.load(lane.hub, STATE) !== SHUT_DOWN) doorbell.sleep(timeoutMs)
  doorbell.lower()
}
