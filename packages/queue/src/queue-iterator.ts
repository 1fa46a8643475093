import { takeUpTo } from './get-many.js'
import type { QueueCore } from './queue-core.js'
import { readTerms, UNLIMITED, type WaitOptions } from './waiting/wait-terms.js'
import { Waiter } from './waiting/waiter-list.js'

/** A pending `next()`: the end of the queue is an end for it, not an error. */
class IterationWaiter<T, V> extends Waiter<T, IteratorResult<V, undefined>> {
  readonly iterator: QueueIterator<T, V>

  constructor(iterator: QueueIterator<T, V>) {
    super()
    this.iterator = iterator
  }

  override get operation(): string {
    return 'next()'
  }

  protected override onFulfil(item: T): void {
    this.iterator.pending--
    this.resolve({ value: this.iterator.handedOver(item), done: false })
  }

  protected override onFail(reason: unknown): void {
    this.iterator.pending--
    this.iterator.done = true
    if (this.iterator.core.failure === undefined) this.end()
    else this.reject(reason)
  }

  protected override onWithdraw(reason: unknown): void {
    this.iterator.pending--
    this.reject(reason)
  }

  end(): void {
    this.resolve({ value: undefined, done: true })
  }
}

/**
 * What `for await (const value of queue)` drives. Written out rather than an async generator: a generator would await
 * items that are thenables, and would queue `return()` behind a `next()` that may never settle.
 */
abstract class QueueIterator<T, V> implements AsyncIterableIterator<V, undefined> {
  readonly core: QueueCore<T>
  /** Set when the iteration is over; nothing is taken from then on. */
  done: boolean
  /** How many `next()` calls wait. */
  pending: number
  readonly #options: WaitOptions | undefined

  /** @param options - of each single wait */
  constructor(core: QueueCore<T>, options: WaitOptions | undefined) {
    this.core = core
    this.done = false
    this.pending = 0
    this.#options = options
  }

  /** The value of a step that finds something there; called only then. */
  protected abstract takeNow(): V
  /** The value of a step that waited and was handed an item. */
  abstract handedOver(item: T): V

  next(): Promise<IteratorResult<V, undefined>> {
    const { core } = this
    if (this.done) return Promise.resolve({ value: undefined, done: true })
    const terms = this.#options === undefined ? UNLIMITED : readTerms(this.#options)
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    if (core.storage.size > 0 || core.available()) {
      try {
        const result: IteratorResult<V, undefined> = { value: this.takeNow(), done: false }
        return core.fairness === undefined ? Promise.resolve(result) : core.fairness.pace(result)
      } catch (error) {
        return Promise.reject(error)
      }
    }
    if (core.ended) {
      this.done = true
      return core.failure === undefined
        ? Promise.resolve({ value: undefined, done: true })
        : Promise.reject(core.failure.error)
    }
    if (terms.timeout === 0) return Promise.reject(core.getters.timedOut(0, 'next()'))
    this.pending++
    core.dated?.idle()
    return core.getters.append(new IterationWaiter<T, V>(this), terms)
  }

  /** Ends the iteration, pending `next()` calls included. The queue stays as it is: nothing is taken, nothing shut down. */
  return(value?: PromiseLike<undefined> | undefined): Promise<IteratorResult<V, undefined>> {
    this.done = true
    if (this.pending > 0) {
      this.pending = 0
      for (const waiter of this.core.getters.all()) {
        if (!(waiter instanceof IterationWaiter) || waiter.iterator !== this) continue
        waiter.leave()
        waiter.end()
      }
    }
    return Promise.resolve(value).then((settled) => ({ value: settled, done: true }))
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/** Item by item. */
export class ItemIterator<T> extends QueueIterator<T, T> {
  constructor(core: QueueCore<T>, options?: WaitOptions) {
    super(core, options)
  }

  protected override takeNow(): T {
    return this.core.take()
  }

  override handedOver(item: T): T {
    return item
  }
}

/** By what is there at each step. */
export class BatchIterator<T> extends QueueIterator<T, T[]> {
  readonly #max: number

  constructor(core: QueueCore<T>, max: number, options?: WaitOptions) {
    super(core, options)
    this.#max = max
  }

  protected override takeNow(): T[] {
    return takeUpTo(this.core, this.#max)
  }

  override handedOver(item: T): T[] {
    return [item]
  }
}
