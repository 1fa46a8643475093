// What is known so far of the words of shared memory: who accesses each, who writes it. A word that one thread only accesses, or
// that nobody writes, cannot be told from private memory: an access of it need not be a scheduling point. That is assumed until
// it proves wrong; then the search starts again, knowing better (`Reconsider`). What it ends with held throughout.

export interface Knowledge {
  /** Of each word: a bit a thread, and OBSERVER. */
  readonly accessors: Map<string, number>
  readonly written: Set<string>
  /** Accessed both plainly and atomically. */
  readonly mixed: Set<string>
  /** Threads whose end somebody asks for after it. */
  readonly heardLate: Set<string>
}

export const OBSERVER = 1 << 15

export function newKnowledge(): Knowledge {
  return { accessors: new Map(), written: new Set(), mixed: new Set(), heardLate: new Set() }
}

/** Something that the search relied on is not so; the knowledge holds what is. */
export class Reconsider extends Error {}

/** The knowledge of one search, by slot of its state. */
export class Sharing {
  readonly #knowledge: Knowledge
  readonly #nameOf: (slot: number) => string
  readonly #accessors: number[] = []
  readonly #isWritten: boolean[] = []
  readonly #wasReliedOn: boolean[] = []
  readonly #sawPlain = new Set<number>()
  readonly #sawAtomic = new Set<number>()
  readonly #isMixed: boolean[] = []

  constructor(knowledge: Knowledge, nameOf: (slot: number) => string) {
    this.#knowledge = knowledge
    this.#nameOf = nameOf
  }

  /** Notes an access; `accessor` is a bit. */
  access(slot: number, accessor: number, isWrite: boolean): void {
    this.#load(slot)
    const isKnown = (this.#accessors[slot]! & accessor) !== 0 && (!isWrite || this.#isWritten[slot])
    if (isKnown) return
    const name = this.#nameOf(slot)
    this.#accessors[slot]! |= accessor
    this.#knowledge.accessors.set(name, this.#accessors[slot]!)
    if (isWrite) {
      this.#isWritten[slot] = true
      this.#knowledge.written.add(name)
    }
    if (this.#wasReliedOn[slot] && !this.isPrivate(slot)) throw new Reconsider(`${name} is shared`)
  }

  /** Notes of which kind the accesses of a word are. */
  mode(slot: number, isAtomic: boolean): void {
    this.#load(slot)
    ;(isAtomic ? this.#sawAtomic : this.#sawPlain).add(slot)
    if (this.#isMixed[slot] || !this.#sawPlain.has(slot) || !this.#sawAtomic.has(slot)) return
    this.#knowledge.mixed.add(this.#nameOf(slot))
    throw new Reconsider(`${this.#nameOf(slot)} is accessed both plainly and atomically`)
  }

  isMixed(slot: number): boolean {
    this.#load(slot)
    return this.#isMixed[slot]!
  }

  /** Whether, as far as known, an access of this word cannot be told from one of private memory. */
  isPrivate(slot: number): boolean {
    const accessors = this.#accessors[slot]!
    return !this.#isWritten[slot] || (accessors & (accessors - 1)) === 0
  }

  relyOn(slot: number): void {
    this.#wasReliedOn[slot] = true
  }

  #load(slot: number): void {
    if (this.#accessors[slot] !== undefined) return
    const name = this.#nameOf(slot)
    this.#accessors[slot] = this.#knowledge.accessors.get(name) ?? 0
    this.#isWritten[slot] = this.#knowledge.written.has(name)
    this.#isMixed[slot] = this.#knowledge.mixed.has(name)
    this.#wasReliedOn[slot] = false
  }
}
