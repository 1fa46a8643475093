import { Parts } from './parts.js'

/** A call of a thread's function that has not settled: what it hears of. */
export interface Call<R> {
  /** Threads that ended while they worked on it. */
  deaths: number
  /** Results of a generator that have come. */
  readonly delivered: number
  succeed(value: R): void
  /**
   * One of a generator's results, the `index`th. After a death the generator begins again, and those that have come already are left out:
   * it is taken to yield the same ones. @returns a promise while the reader is far behind
   */
  part(value: R, index: number): Promise<void> | undefined
  end(): void
  fail(error: unknown): void
}

/** A call that somebody awaits. */
export class PromisedCall<R> implements Call<R> {
  readonly answer: Promise<R | Parts<R>>
  deaths = 0
  #resolve!: (answer: R | Parts<R>) => void
  #reject!: (error: unknown) => void
  #parts: Parts<R> | undefined

  /** @param whole - results of a generator are given only when all of them are there */
  constructor(private readonly whole: boolean) {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  get delivered(): number {
    return this.#parts?.count ?? 0
  }

  succeed(value: R): void {
    this.#resolve(value)
  }

  part(value: R, index: number): Promise<void> | undefined {
    const parts = this.#open()
    if (index !== parts.count) return undefined
    const behind = parts.push(value)
    return this.whole ? undefined : behind
  }

  end(): void {
    const parts = this.#open()
    parts.end()
    this.#resolve(parts)
  }

  fail(error: unknown): void {
    this.#reject(error)
    this.#parts?.fail(error)
  }

  #open(): Parts<R> {
    if (this.#parts === undefined) {
      this.#parts = new Parts<R>()
      if (!this.whole) this.#resolve(this.#parts)
    }
    return this.#parts
  }
}
