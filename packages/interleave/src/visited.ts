// The states seen so far, by a 64-bit hash, each with one number. Two different states of the same hash would be taken for
// one: with n states that happens with a probability of about n² / 2^65 (1e-6 for six million).

export class Visited {
  #keys = new Uint32Array(1 << 17)
  #numbers = new Uint8Array(1 << 16)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** True unless the state was there with a number as low as this one. */
  add(low: number, high: number, number: number): boolean {
    if (this.#size * 2 > this.#numbers.length) this.#grow()
    const slot = this.#find(this.#keys, low, high)
    if (this.#isFree(this.#keys, slot)) {
      this.#keys[slot * 2] = low
      this.#keys[slot * 2 + 1] = high
      this.#numbers[slot] = number
      this.#size++
      return true
    }
    if (this.#numbers[slot]! <= number) return false
    this.#numbers[slot] = number
    return true
  }

  #isFree(keys: Uint32Array, slot: number): boolean {
    return keys[slot * 2] === 0 && keys[slot * 2 + 1] === 0
  }

  #find(keys: Uint32Array, low: number, high: number): number {
    const mask = keys.length / 2 - 1
    let slot = (low ^ (high >>> 7)) & mask
    while (!this.#isFree(keys, slot) && (keys[slot * 2] !== low >>> 0 || keys[slot * 2 + 1] !== high >>> 0)) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  #grow(): void {
    const keys = new Uint32Array(this.#keys.length * 2)
    const numbers = new Uint8Array(this.#numbers.length * 2)
    for (let slot = 0; slot < this.#numbers.length; slot++) {
      if (this.#isFree(this.#keys, slot)) continue
      const [low, high] = [this.#keys[slot * 2]!, this.#keys[slot * 2 + 1]!]
      const target = this.#find(keys, low, high)
      keys[target * 2] = low
      keys[target * 2 + 1] = high
      numbers[target] = this.#numbers[slot]!
    }
    this.#keys = keys
    this.#numbers = numbers
  }
}
