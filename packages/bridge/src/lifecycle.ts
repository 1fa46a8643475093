import type { Doorbell } from './doorbell.js'
import {
  acceptedWord,
  DONE,
  DROPPED,
  doneWord,
  FAN_OUT,
  HOME_LOST,
  HUB_KIND,
  JOINED,
  JOINS,
  SLOTS,
  STATE,
  takenWord,
} from './layout.js'
import { advance, distance } from './position.js'

/**
 * The state of the whole queue and the counts that its ends share.
 *
 * Invariants:
 * - STATE only advances, by compare-exchange, from whichever end comes first. Whoever advances it rings the home end, which
 *   seals the lanes and wakes every remote: remotes cannot see each other.
 * - unfinished = sum of ACCEPTED - DONE - DROPPED. Every addend has one writer or is changed by compare-exchange only, and an
 *   item is in ACCEPTED before anyone can take it: the difference never falls below what is really in work, whatever the
 *   order in which it is read, as long as DONE and DROPPED are read first.
 * - Whoever changes a count looks how many joins have begun, then at the counts; if those make zero, all these joins have seen a zero
 *   and JOINED says so, even if the next put came first. A join that began after that look is not among them: the zero may be older
 *   than what it waits for. A zero that nobody counted (its thread was killed) is seen as the zero it still is.
 */
export const OPEN = 0
export const SHUTTING_DOWN = 1
export const SHUT_DOWN = 2
export type State = typeof OPEN | typeof SHUTTING_DOWN | typeof SHUT_DOWN

type Words = Int32Array<SharedArrayBuffer>

/** @returns whether this call is the one that advanced the state. */
export function advanceState(hub: Words, to: State): boolean {
  for (;;) {
    const from = Atomics.load(hub, STATE)
    if (from >= to) return false
    if (Atomics.compareExchange(hub, STATE, from, to) === from) return true
  }
}

/** Whether the thread of the home end is gone: nobody counts anything off any more. */
export function isHomeLost(hub: Words): boolean {
  return Atomics.load(hub, HOME_LOST) !== 0
}

export function stateOf(hub: Words): State {
  return Atomics.load(hub, STATE) as State
}

/** Items ever put, over all lanes; an Int32 that wraps. */
export function acceptedItems(hub: Words): number {
  let sum = 0
  const slots = Atomics.load(hub, SLOTS)
  for (let slot = 0; slot < slots; slot++) sum = advance(sum, Atomics.load(hub, acceptedWord(slot)))
  return sum
}

/** Items ever taken, over all lanes; an Int32 that wraps. */
export function takenItems(hub: Words): number {
  let sum = 0
  const slots = Atomics.load(hub, SLOTS)
  for (let slot = 0; slot < slots; slot++) sum = advance(sum, Atomics.load(hub, takenWord(slot)))
  return sum
}

/** Items that the consumers of a fan-out have counted off, each in a word of its own. */
export function doneItems(hub: Words): number {
  let sum = 0
  const slots = Atomics.load(hub, SLOTS)
  for (let slot = 0; slot < slots; slot++) sum = advance(sum, Atomics.load(hub, doneWord(slot)))
  return sum
}

/** Items that were put and neither done nor dropped. */
export function unfinishedItems(hub: Words): number {
  let gone = advance(Atomics.load(hub, DONE), Atomics.load(hub, DROPPED))
  if (hub[HUB_KIND] === FAN_OUT) gone = advance(gone, doneItems(hub))
  const unfinished = distance(acceptedItems(hub), gone)
  return Math.max(unfinished, 0)
}

/**
 * Marks `count` items as done.
 * @returns how many are unfinished now, or -1 when that was more than there were: then nothing has changed.
 */
export function markDone(hub: Words, count: number): number {
  for (;;) {
    const done = Atomics.load(hub, DONE)
    const dropped = Atomics.load(hub, DROPPED)
    if (distance(acceptedItems(hub), advance(done, dropped)) < count) return -1
    if (Atomics.compareExchange(hub, DONE, done, advance(done, count)) === done) break
  }
  return countZero(hub)
}

/** After a count has changed: tells joiners if that made it zero. @returns how many are unfinished. */
export function countZero(hub: Words): number {
  // SYNC: before the counts; pairs with beginJoin(): a zero seen after this is one that all these joins may end with.
  const joins = Atomics.load(hub, JOINS)
  const unfinished = unfinishedItems(hub)
  if (unfinished === 0) endJoins(hub, joins)
  return unfinished
}

function endJoins(hub: Words, joins: number): void {
  for (;;) {
    const joined = Atomics.load(hub, JOINED)
    if (distance(joins, joined) <= 0) return
    // SYNC: before the joiners are rung; pairs with sleepForJoin().
    if (Atomics.compareExchange(hub, JOINED, joined, joins) === joined) return
  }
}

/** Begins a join. @returns its number, for `isJoined()`. */
export function beginJoin(hub: Words): number {
  return advance(Atomics.add(hub, JOINS, 1), 1)
}

/** Whether nothing was unfinished at some time since the join began. */
export function isJoined(hub: Words, join: number): boolean {
  return distance(Atomics.load(hub, JOINED), join) >= 0 || unfinishedItems(hub) === 0
}

/** Sleeps unless the join is over by now. This THREAD stops, for `timeoutMs` at most. Returns spuriously. */
export function sleepForJoin(hub: Words, join: number, doorbell: Doorbell, timeoutMs: number): void {
  doorbell.raise()
  // SYNC: the second look after raise(); whoever counts a zero, or hears of the home's end, says so before the joiners are rung.
  if (!isJoined(hub, join) && !isHomeLost(hub)) doorbell.sleep(timeoutMs)
  doorbell.lower()
}
