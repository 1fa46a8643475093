import { macrotask } from './macrotask.js'

interface Held {
  readonly resolve: (value: never) => void
  readonly value: unknown
}

/** Services between two readings of the clock. */
const READ_EVERY = 16

/**
 * Lets the event loop turn when a queue has served calls at once for longer than `limit` milliseconds.
 *
 * A stretch of service begins with the first call in a turn of the loop and ends when the loop turns, which a macrotask
 * asked for at its beginning tells. Past the limit, results are held until that macrotask: what was taken is taken, only
 * the caller's continuation waits, and all that follow wait with it, so that results keep their order.
 */
export class Fairness {
  readonly #limit: number
  #startedAt: number | undefined
  #untilReading = 0
  #held: Held[] | undefined

  /** @param limit - milliseconds of uninterrupted service */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** A promise of `value`: at once, or in the next turn of the event loop. */
  pace<V>(value: V): Promise<Awaited<V>> {
    if (this.#held === undefined && !this.#exceeded()) return Promise.resolve(value) as Promise<Awaited<V>>
    this.#held ??= []
    const held = this.#held
    return new Promise<Awaited<V>>((resolve) => held.push({ resolve: resolve as (value: never) => void, value }))
  }

  #exceeded(): boolean {
    if (this.#startedAt === undefined) {
      this.#startedAt = performance.now()
      this.#untilReading = READ_EVERY
      macrotask(() => this.#turned())
      return false
    }
    if (--this.#untilReading > 0) return false
    this.#untilReading = READ_EVERY
    return performance.now() - this.#startedAt > this.#limit
  }

  #turned(): void {
    const held = this.#held
    this.#held = undefined
    this.#startedAt = undefined
    if (held !== undefined) for (const { resolve, value } of held) resolve(value as never)
  }
}
