// Happens-before by the book: a clock a thread, a clock a word that was written atomically, an epoch an access. For single
// runs (random ones, replays, reports), where a clock that only grows makes no state different from another.
//
// A thread's clock says of each thread how many of its accesses happen before the next one of its own. An access that another
// thread's clock does not cover, and that conflicts with the one being made, is a race.
import type { AccessKind, HappensBefore, RaceEvent } from './races.js'

type Clock = number[]

/** The last accesses of a word, by kind, then by thread: the how-manieth of its thread each was, from 1 on. */
type Epochs = Record<AccessKind, Clock>

export class VectorClocks implements HappensBefore {
  readonly #threads: number
  #clocks: Clock[] = []
  /** What whoever reads a word atomically gets to know: the clock of its last atomic write. */
  #released = new Map<number, Clock>()
  #words = new Map<number, Epochs>()

  constructor(threads: number) {
    this.#threads = threads
    this.restart()
  }

  restart(): void {
    this.#clocks = Array.from({ length: this.#threads }, () => this.#zero())
    this.#released = new Map()
    this.#words = new Map()
  }

  plain(thread: number, word: number, isWrite: boolean): RaceEvent | undefined {
    const kinds: AccessKind[] = isWrite
      ? ['plain write', 'plain read', 'atomic read', 'atomic write']
      : ['plain write', 'atomic write']
    const race = this.#unordered(thread, word, kinds)
    this.#happen(thread, word, isWrite ? 'plain write' : 'plain read')
    return race
  }

  atomic(thread: number, word: number, reads: boolean, writes: boolean): RaceEvent | undefined {
    if (reads) this.#learn(thread, this.#released.get(word))
    const race = this.#unordered(thread, word, writes ? ['plain write', 'plain read'] : ['plain write'])
    if (reads) this.#happen(thread, word, 'atomic read')
    if (writes) {
      this.#happen(thread, word, 'atomic write')
      this.#released.set(word, [...this.#clocks[thread]!])
    }
    return race
  }

  join(to: number, from: number): void {
    this.#learn(to, this.#clocks[from])
  }

  drop(): void {}

  /** The clocks behind a race, in words. */
  explain(thread: number, { word, kind }: RaceEvent, names: readonly string[]): string {
    const clock = this.#clocks[thread]!
    const epochs = this.#words.get(word)![kind]
    const unseen = names.flatMap((name, other) =>
      other !== thread && epochs[other]! > clock[other]! ? [`the ${kind} is access ${epochs[other]} of ${name}`] : [],
    )
    const known = names.map((name, other) => `${name} ${clock[other]}`)
    return `clock of ${names[thread]}: ${known.join(', ')}; ${unseen.join(', ')}`
  }

  #zero(): Clock {
    return new Array<number>(this.#threads).fill(0)
  }

  #unordered(thread: number, word: number, kinds: readonly AccessKind[]): RaceEvent | undefined {
    const epochs = this.#words.get(word)
    if (!epochs) return undefined
    const clock = this.#clocks[thread]!
    for (const kind of kinds) {
      const other = epochs[kind].findIndex((epoch, index) => index !== thread && epoch > clock[index]!)
      if (other >= 0) return { word, kind, thread: other }
    }
    return undefined
  }

  #happen(thread: number, word: number, kind: AccessKind): void {
    let epochs = this.#words.get(word)
    if (!epochs) {
      epochs = {
        'plain read': this.#zero(),
        'plain write': this.#zero(),
        'atomic read': this.#zero(),
        'atomic write': this.#zero(),
      }
      this.#words.set(word, epochs)
    }
    const clock = this.#clocks[thread]!
    clock[thread]!++
    epochs[kind][thread] = clock[thread]!
  }

  #learn(thread: number, news: Clock | undefined): void {
    const clock = this.#clocks[thread]!
    for (const [index, time] of (news ?? []).entries()) clock[index] = Math.max(clock[index]!, time)
  }
}
