import { Queue } from '@millrace/queue'
import { PipelineStopped } from './errors.js'
import type { Outlet } from './outlet.js'
import type { Receipt } from './receipt.js'
import type { Run } from './run.js'

interface Result<T> {
  readonly value: T
  readonly receipt: Receipt | undefined
}

/** Results that may wait for the consumer of a `for await` loop before the last stage has to. */
const resultsSize = 16

/**
 * The results of a run as an iterator. The run starts at the first `next()`. After an error what had been finished is delivered first;
 * after an abort nothing is. A result counts as consumed when the next one is asked for: its receipt is released then.
 */
export class Results<T> implements AsyncIterableIterator<T>, Outlet<T> {
  readonly #queue = new Queue<Result<T>>(resultsSize)
  readonly #items = this.#queue[Symbol.asyncIterator]()
  readonly #held: Receipt[] = []
  #run: Run<T> | undefined
  #working = false

  constructor(private readonly start: (outlet: Outlet<T>) => Run<T>) {}

  async put(value: T, _index: number, receipt: Receipt | undefined): Promise<void> {
    try {
      await this.#queue.put({ value, receipt })
    } catch (error) {
      receipt?.release()
      throw error
    }
  }

  end(): void {
    this.#queue.shutdown()
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const run = this.#open()
    this.#consumed(run)
    const { done, value: result } = await this.#items.next()
    if (done) {
      await run.finished
      return { done: true, value: undefined }
    }
    if (result.receipt !== undefined) this.#held.push(result.receipt)
    this.#working = true
    run.consumer.enter()
    return { done: false, value: result.value }
  }

  async return(value?: unknown): Promise<IteratorResult<T, undefined>> {
    const run = this.#open()
    this.#consumed(run)
    run.scope.stop(new PipelineStopped())
    // An error that came before is nobody's any more: the loop was left on purpose.
    await run.finished.catch(() => {})
    return { done: true, value: value as undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #open(): Run<T> {
    if (this.#run !== undefined) return this.#run
    const run = this.start(this)
    this.#run = run
    run.scope.onStop(() => {
      const queue = this.#queue
      while (!run.scope.hasError && !queue.empty()) queue.getNowait().receipt?.release()
      queue.shutdown()
    })
    return run
  }

  #consumed(run: Run<T>): void {
    if (this.#working) run.consumer.leave()
    this.#working = false
    for (const receipt of this.#held.splice(0)) receipt.release()
  }
}
