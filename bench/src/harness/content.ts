/** What arrived: how many items, and a sum that depends on all of them. */
export interface Digest {
  readonly count: number
  readonly sum: number
}

/** An item was lost, doubled, out of its producer's order, or changed on the way. */
export class ContentError extends Error {
  override readonly name = 'ContentError'
}

/** The digest of the numbers 0 to count - 1. The sum stays exact up to count = 1.3e8. */
export const digestOfSequence = (count: number): Digest => ({ count, sum: (count * (count - 1)) / 2 })

export function assertDigest(actual: Digest | undefined, expected: Digest, who: string): void {
  if (actual === undefined) throw new ContentError(`${who}: gave no digest of what arrived`)
  if (actual.count !== expected.count || actual.sum !== expected.sum) {
    throw new ContentError(
      `${who}: ${actual.count} items with sum ${actual.sum} arrived, ${expected.count} with ${expected.sum} were sent`,
    )
  }
}

/** One producer's numbers 0, 1, 2, ... in order. Cheap enough to stay inside what is timed: a compare and an add. */
export class SequenceCheck {
  #next = 0
  #sum = 0

  accept(value: number): void {
    if (value !== this.#next) throw new ContentError(`${value} arrived where ${this.#next} was due`)
    this.#next++
    this.#sum += value
  }

  get digest(): Digest {
    return { count: this.#next, sum: this.#sum }
  }
}

/** Numbers whose order is not promised (many producers, many consumers): count and sum only. */
export class SumCheck {
  #count = 0
  #sum = 0

  accept(value: number): void {
    this.#count++
    this.#sum += value
  }

  get digest(): Digest {
    return { count: this.#count, sum: this.#sum }
  }
}
