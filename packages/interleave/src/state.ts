// The state of an exploration: one vector of words, with a hash that follows every change. A slot may be added at any time:
// it holds its initial value in every state seen before, which counts for nothing in the hash.

export class StateVector {
  #values = new Int32Array(1024)
  #initial = new Int32Array(1024)
  #used = 0
  low = 0
  high = 0
  readonly #pool: Int32Array[] = []

  get(slot: number): number {
    return this.#values[slot]!
  }

  set(slot: number, value: number): void {
    const old = this.#values[slot]!
    if (old === value) return
    const initial = this.#initial[slot]!
    if (old !== initial) this.#toggle(slot, old)
    if (value !== initial) this.#toggle(slot, value)
    this.#values[slot] = value
  }

  allocate(initial: number): number {
    const slot = this.#used++
    if (slot === this.#values.length) {
      const [values, initials] = [this.#values, this.#initial]
      this.#values = new Int32Array(slot * 2)
      this.#values.set(values)
      this.#initial = new Int32Array(slot * 2)
      this.#initial.set(initials)
      this.#pool.length = 0
    }
    this.#values[slot] = initial
    this.#initial[slot] = initial
    return slot
  }

  save(): Int32Array {
    const length = this.#used + 3
    let saved = this.#pool.pop()
    if (!saved || saved.length < length) saved = new Int32Array(Math.ceil(length / 64) * 64 + 64)
    saved.set(this.#values.subarray(0, this.#used), 3)
    saved[0] = this.#used
    saved[1] = this.low
    saved[2] = this.high
    return saved
  }

  restore(saved: Int32Array): void {
    const used = saved[0]!
    this.#values.set(saved.subarray(3, used + 3))
    for (let slot = used; slot < this.#used; slot++) this.#values[slot] = this.#initial[slot]!
    this.low = saved[1]!
    this.high = saved[2]!
  }

  release(saved: Int32Array): void {
    if (this.#pool.length < 256) this.#pool.push(saved)
  }

  #toggle(slot: number, value: number): void {
    let a = (Math.imul(slot + 1, 0x9e3779b1) + value) | 0
    a = Math.imul(a ^ (a >>> 16), 0x85ebca6b)
    a = Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
    this.low ^= a ^ (a >>> 16)
    let b = Math.imul(value, 0x2c1b3c6d) ^ Math.imul(slot + 1, 0x297a2d39)
    b = Math.imul(b ^ (b >>> 15), 0x2c1b3c6d)
    b = Math.imul(b ^ (b >>> 12), 0x27d4eb2d)
    this.high ^= b ^ (b >>> 15)
  }
}

/** A short list in the state: entries are not 0. */
export class StateList {
  readonly #state: StateVector
  readonly #slots: readonly number[]
  readonly #what: string

  constructor(state: StateVector, capacity: number, what: string) {
    this.#state = state
    this.#what = what
    this.#slots = Array.from({ length: capacity }, () => state.allocate(0))
  }

  at(index: number): number {
    const slot = this.#slots[index]
    return slot === undefined ? 0 : this.#state.get(slot)
  }

  push(entry: number): void {
    const slot = this.#slots.find((candidate) => this.#state.get(candidate) === 0)
    if (slot === undefined) throw new Error(`more than ${this.#slots.length} ${this.#what}`)
    this.#state.set(slot, entry)
  }

  remove(index: number): number {
    const removed = this.at(index)
    for (let i = index; i < this.#slots.length; i++) {
      const next = this.at(i + 1)
      this.#state.set(this.#slots[i]!, next)
      if (next === 0) break
    }
    return removed
  }

  clear(): void {
    while (this.at(0) !== 0) this.remove(0)
  }
}
