/** Longest time in ms that a run keeps the event loop to itself. */
const budgetMs = 4

const { setImmediate } = globalThis

/**
 * Lets timers and I/O have a turn. Ready promises never leave the microtask queue, so a pipeline of quick functions over an array
 * would stop every timer of the process until its end, its own `signal` and progress included. All stages of a run share one budget:
 * who finds it used up waits for a macrotask, and everyone who comes by until then waits with it.
 */
export class Pace {
  #turn: Promise<void> | undefined
  #startedAt = performance.now()
  #calls = 0

  /** `undefined` when there is no need to wait. */
  breathe(): Promise<void> | undefined {
    if (this.#turn !== undefined) return this.#turn
    // The clock costs 40 ns; reading it at every 16th item is often enough for all but long functions, which bring promises of their own.
    if (++this.#calls % 16 !== 0 || performance.now() - this.#startedAt < budgetMs) return undefined
    this.#turn = new Promise((resolve) => {
      setImmediate(() => {
        this.#turn = undefined
        this.#startedAt = performance.now()
        resolve()
      })
    })
    return this.#turn
  }
}
