// Happens-before, in the form that fits into a state: vector clocks (vector-clocks.ts) up to what can still matter.
//
// A clock says which events happen before a thread's next step. Only the last plain write of a word and each thread's last
// reads of it since can still race; so of every clock only the comparison with these is kept, one bit each:
//   unknown[t] = { e : epoch(e) > clock[t][thread of e] }      covered[w] = { e : epoch(e) <= released[w][thread of e] }
// Two histories whose bits are equal race alike for ever, however far their clocks have counted. test/races.test.ts holds
// the two against each other, step by step.
//
// An event is the last plain write of a word, or a thread's last plain read of it since. `unknown` of a thread holds the events
// that do not happen before its next step; `covered` of an atomic word those that whoever reads its value gets to know. Once
// every living thread knows an event it is dropped. So two histories that differ in no future race have the same state, which
// clocks with counters would not give.
//
// Not counted as ordering: notify and the waiter list. Code that needs them to be ordered is reported; it ought not to.
import type { StateVector } from './state.js'

export type AccessKind = 'plain read' | 'plain write' | 'atomic read' | 'atomic write'

export interface RaceEvent {
  readonly word: number
  readonly kind: AccessKind
  /** The thread; -1 for a plain write, of which there is one event over all threads. */
  readonly thread: number
}

/** What knows which accesses are ordered. */
export interface HappensBefore {
  /** A plain access: the event that it races with, or undefined. */
  plain(thread: number, word: number, isWrite: boolean): RaceEvent | undefined
  /** An atomic access: the plain event that it races with, or undefined; and what it gets to know and tells. */
  atomic(thread: number, word: number, reads: boolean, writes: boolean): RaceEvent | undefined
  /** All that `from` knows, `to` knows from now on. */
  join(to: number, from: number): void
  /** The thread is gone and nobody will hear of it. */
  drop(thread: number): void
  /** Another run begins. */
  restart(): void
}

const EVENTS_OF_THREADS: readonly AccessKind[] = ['plain read', 'atomic read', 'atomic write']

export class Races implements HappensBefore {
  readonly #state: StateVector
  readonly #threads: number
  readonly #isMixed: (word: number) => boolean
  readonly #events: RaceEvent[] = []
  /** Of each word: the ids of its events, by `#index`; -1 for none yet. */
  readonly #eventIds = new Map<number, Int32Array>()
  /** Slots of `unknown`, [thread][column]; of `covered`, [column] = word -> slot. */
  readonly #unknown: number[][]
  readonly #covered: Map<number, number>[] = []
  /** Threads whose knowledge still counts; others know nothing that matters. */
  isRetained: (thread: number) => boolean = () => true
  isLive: (thread: number) => boolean = () => true

  constructor(state: StateVector, threads: number, isMixed: (word: number) => boolean) {
    this.#state = state
    this.#threads = threads
    this.#isMixed = isMixed
    this.#unknown = Array.from({ length: threads }, () => [])
  }

  plain(thread: number, word: number, isWrite: boolean): RaceEvent | undefined {
    const race = this.#unknownConflict(thread, word, isWrite, true)
    this.#happen(thread, isWrite ? this.#event(word, 'plain write', -1) : this.#event(word, 'plain read', thread))
    return race
  }

  atomic(thread: number, word: number, reads: boolean, writes: boolean): RaceEvent | undefined {
    // First: a value that was read brings what was before it, accesses of the same word too.
    if (reads) this.#acquire(thread, word)
    const race = this.#unknownConflict(thread, word, writes, false)
    if (this.#isMixed(word)) {
      if (reads) this.#happen(thread, this.#event(word, 'atomic read', thread))
      if (writes) this.#happen(thread, this.#event(word, 'atomic write', thread))
    }
    // Last: whoever reads this value knows of this access too.
    if (writes) this.#release(thread, word)
    return race
  }

  join(to: number, from: number): void {
    for (let column = 0; column < this.#covered.length; column++) {
      const slot = this.#unknown[to]![column]!
      this.#state.set(slot, this.#state.get(slot) & this.#state.get(this.#unknown[from]![column]!))
      this.#forgetKnown(column)
    }
  }

  drop(thread: number): void {
    for (let column = 0; column < this.#covered.length; column++) {
      this.#state.set(this.#unknown[thread]![column]!, 0)
      this.#forgetKnown(column)
    }
  }

  /** All is in the state. */
  restart(): void {}

  #unknownConflict(thread: number, word: number, isWrite: boolean, isPlain: boolean): RaceEvent | undefined {
    const ids = this.#eventIds.get(word)
    if (!ids) return undefined
    for (let index = 0; index < ids.length; index++) {
      const id = ids[index]!
      if (id < 0) continue
      if ((this.#state.get(this.#unknown[thread]![id >> 5]!) & (1 << (id & 31))) === 0) continue
      const event = this.#events[id]!
      const isRead = event.kind === 'plain read' || event.kind === 'atomic read'
      if (isRead && !isWrite) continue
      if (event.kind.startsWith('atomic') && !isPlain) continue
      return event
    }
    return undefined
  }

  #event(word: number, kind: AccessKind, thread: number): number {
    let ids = this.#eventIds.get(word)
    if (!ids) {
      ids = new Int32Array(1 + this.#threads * 3).fill(-1)
      this.#eventIds.set(word, ids)
    }
    const index = kind === 'plain write' ? 0 : 1 + EVENTS_OF_THREADS.indexOf(kind) * this.#threads + thread
    const known = ids[index]!
    if (known >= 0) return known
    const id = this.#events.length
    ids[index] = id
    this.#events.push({ word, kind, thread })
    if (id % 32 === 0) {
      this.#covered.push(new Map())
      for (const row of this.#unknown) row.push(this.#state.allocate(0))
    }
    return id
  }

  #happen(thread: number, id: number): void {
    const [column, bit] = [id >> 5, 1 << (id & 31)]
    let others = 0
    for (let other = 0; other < this.#threads; other++) {
      const slot = this.#unknown[other]![column]!
      const value = this.#state.get(slot)
      if (other === thread || !this.isRetained(other)) this.#state.set(slot, value & ~bit)
      else {
        this.#state.set(slot, value | bit)
        others++
      }
    }
    for (const slot of this.#covered[column]!.values()) this.#state.set(slot, this.#state.get(slot) & ~bit)
    if (others === 0) this.#forgetKnown(column)
  }

  #acquire(thread: number, word: number): void {
    for (let column = 0; column < this.#covered.length; column++) {
      const covered = this.#covered[column]!.get(word)
      if (covered === undefined) continue
      const slot = this.#unknown[thread]![column]!
      const before = this.#state.get(slot)
      const after = before & ~this.#state.get(covered)
      if (after === before) continue
      this.#state.set(slot, after)
      this.#forgetKnown(column)
    }
  }

  #release(thread: number, word: number): void {
    for (let column = 0; column < this.#covered.length; column++) {
      const told = this.#outstanding(column) & ~this.#state.get(this.#unknown[thread]![column]!)
      const words = this.#covered[column]!
      let slot = words.get(word)
      if (slot === undefined) {
        if (told === 0) continue
        slot = this.#state.allocate(0)
        words.set(word, slot)
      }
      this.#state.set(slot, told)
    }
  }

  /** The events of a column that some living thread does not know. */
  #outstanding(column: number): number {
    let bits = 0
    for (let thread = 0; thread < this.#threads; thread++) {
      if (this.isLive(thread)) bits |= this.#state.get(this.#unknown[thread]![column]!)
    }
    return bits
  }

  #forgetKnown(column: number): void {
    const outstanding = this.#outstanding(column)
    for (const slot of this.#covered[column]!.values()) this.#state.set(slot, this.#state.get(slot) & outstanding)
  }
}
