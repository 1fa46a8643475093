interface Waiting {
  readonly bytes: number
  readonly admit: () => void
}

/**
 * Keeps what is in work within a number of bytes. First come, first served: a large picture is not overtaken for ever by
 * small ones.
 */
export class MemoryBudget {
  readonly #limit: number
  readonly #waiting: Waiting[] = []
  #used = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get limit(): number {
    return this.#limit
  }

  /**
   * Waits until `bytes` fit.
   *
   * @throws {RangeError} when they never will
   * @throws the signal's reason when aborted; nothing is taken then
   */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    if (bytes > this.#limit) throw new RangeError(`${bytes} bytes exceed the budget of ${this.#limit}`)
    signal.throwIfAborted()
    if (this.#waiting.length === 0 && this.#used + bytes <= this.#limit) {
      this.#used += bytes
      return
    }
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        bytes,
        admit() {
          signal.removeEventListener('abort', abort)
          resolve()
        },
      }
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(signal.reason)
        this.#admit()
      }
      this.#waiting.push(waiting)
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  give(bytes: number): void {
    this.#used -= bytes
    this.#admit()
  }

  #admit(): void {
    while (this.#waiting.length > 0 && this.#used + this.#waiting[0]!.bytes <= this.#limit) {
      const next = this.#waiting.shift()!
      this.#used += next.bytes
      next.admit()
    }
  }
}
