/** So many are searched one by one. */
const SEARCHED = 24

/** Numbers the objects of one item in the order in which they are met. */
export class Identities {
  /** The first `count` are met; what lies behind them is undefined or is overwritten. */
  readonly #met: (object | undefined)[] = []
  /** Above a handful of objects a search is slower than a map. */
  #numbers: Map<object, number> | undefined
  count = 0

  /** The number of an object that was met before; -1 for a new one, which has the next number now. */
  find(object: object): number {
    const met = this.#met
    const number = this.#numbers === undefined ? this.#search(object) : (this.#numbers.get(object) ?? -1)
    if (number !== -1) return number
    this.#numbers?.set(object, this.count)
    met[this.count++] = object
    if (this.count === SEARCHED) this.#numbers = new Map(met.map((each, i) => [each as object, i]))
    return -1
  }

  #search(object: object): number {
    const met = this.#met
    for (let i = 0; i < this.count; i++) if (met[i] === object) return i
    return -1
  }

  /** Forgets all but the first `count`; keeps none of the others alive. */
  rewind(count: number): void {
    if (this.#numbers !== undefined) {
      if (count < SEARCHED) this.#numbers = undefined
      else for (let i = count; i < this.count; i++) this.#numbers.delete(this.#met[i] as object)
      // Short again: a search goes over no more than so many.
      this.#met.length = count
    } else for (let i = count; i < this.count; i++) this.#met[i] = undefined
    this.count = count
  }
}
