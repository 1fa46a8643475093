import { Queue } from '@millrace/queue'

/** Parts that may wait for their reader before whoever sends them has to. */
const partsSize = 16

/** The results of one call of a generator in a thread, as they come. */
export class Parts<R> implements AsyncIterable<R> {
  /** How many have come. */
  count = 0
  readonly #queue = new Queue<R>()
  #behind: Promise<void> | undefined
  #release: (() => void) | undefined

  /** A promise while the reader is far behind: until it has read all that there is, or will read no more. */
  push(value: R): Promise<void> | undefined {
    this.count++
    if (this.#queue.isShutdown) return undefined
    this.#queue.putNowait(value)
    if (this.#queue.qsize() < partsSize) return undefined
    this.#behind ??= new Promise((resolve) => {
      this.#release = resolve
    })
    return this.#behind
  }

  end(): void {
    this.#queue.shutdown()
  }

  fail(error: unknown): void {
    this.#queue.fail(error)
    this.#catchUp()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<R, void> {
    try {
      for await (const value of this.#queue) {
        yield value
        if (this.#queue.empty()) this.#catchUp()
      }
    } finally {
      // A reader that leaves must not hold back the results of other calls.
      this.#queue.shutdown({ immediate: true })
      this.#catchUp()
    }
  }

  /** Nobody has to wait for the reader any more. */
  #catchUp(): void {
    this.#release?.()
    this.#release = undefined
    this.#behind = undefined
  }
}
