import { Queue } from '@millrace/queue'
import type { Meter } from '../meter.js'
import type { Outlet } from '../outlet.js'
import type { Receipt } from '../receipt.js'
import type { Scope } from '../scope.js'

/** An item in front of a stage. */
export interface Arrival<T> {
  readonly value: T
  /** Position in the source. */
  readonly index: number
  readonly receipt: Receipt | undefined
  /** Position among all that arrived at this stage, in the order of its queue. */
  readonly place: number
  readonly at: number
}

/** The bounded queue in front of a stage: where its back-pressure comes from. */
export class Inlet<T> implements Outlet<T>, AsyncIterable<Arrival<T>> {
  readonly queue: Queue<Arrival<T>>
  #arrived = 0

  constructor(
    name: string,
    readonly size: number,
    scope: Scope,
    meter: Meter,
    private readonly pace = scope.pace,
  ) {
    this.queue = new Queue<Arrival<T>>({ name, maxsize: size })
    scope.onStop(() => {
      // Taking lets waiting puts in, so nothing is left outside either.
      while (!this.queue.empty()) {
        this.queue.getNowait().receipt?.release()
        meter.dropped++
      }
      this.queue.shutdown()
    })
  }

  async put(value: T, index: number, receipt: Receipt | undefined): Promise<void> {
    const turn = this.pace.breathe()
    if (turn !== undefined) await turn
    // The place is taken together with the place in the queue: nothing is awaited between.
    const arrival = { value, index, receipt, place: this.#arrived++, at: performance.now() }
    try {
      await this.queue.put(arrival)
    } catch (error) {
      receipt?.release()
      throw error
    }
  }

  end(): void {
    this.queue.shutdown()
  }

  /** May be iterated by several workers at once; each arrival goes to one of them. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Arrival<T>> {
    return this.queue[Symbol.asyncIterator]()
  }
}
