import { Queue } from '@millrace/queue'

/** Parts that may wait for their reader before whoever sends them has to. */
const partsSize = 16

/** The results of one call of a generator in a thread, as they come. */
export class Parts<R> implements AsyncIterable<R> {
  /** How many have come. */
  count = 0
  readonly #queue = new Queue<R>()

  /** A promise while the reader is far behind. */
  push(value: R): Promise<void> | undefined {
    this.count++
    if (this.#queue.isShutdown) return undefined
    this.#queue.putNowait(value)
    return this.#queue.qsize() < partsSize ? undefined : this.#queue.join()
  }

  end(): void {
    this.#queue.shutdown()
  }

  fail(error: unknown): void {
    this.#queue.fail(error)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<R, void> {
    try {
      for await (const value of this.#queue) {
        yield value
        this.#queue.taskDone()
      }
    } finally {
      // A reader that leaves must not hold back the results of other calls.
      this.#queue.shutdown({ immediate: true })
    }
  }
}
