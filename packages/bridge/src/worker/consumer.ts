import type { ConsumerEnd, GetManyOptions, QueueError } from '@millrace/queue'
import { enlist, readTerms, type Selectable, type Waiter, type WaitOptions } from '@millrace/queue/waiting'
import type { Codec } from '../codec.js'
import { codecFromDescription } from '../codecs/description.js'
import { enlistIn } from '../fan-in/enlisted.js'
import { batchLimit, doneCount, get, getMany, refusalOfMany } from '../fan-in/taking.js'
import { sleepForItem } from '../fan-out/receipts.js'
import { type ConsumerHandle, type HandleData, readHandle } from '../handle.js'
import { PARKED_FOR_ITEM } from '../layout.js'
import { SHUT_DOWN, stateOf } from '../lifecycle.js'
import { isWorkerThread } from '../runtime.js'
import { AcknowledgingBatches, AcknowledgingItems } from './acknowledging-iterators.js'
import { BlockingIterator } from './blocking-iterator.js'
import { ConsumerIntake } from './consumer-intake.js'
import { RemoteEnd } from './remote-end.js'

/** About one wake-up: sleeping for less costs more than it saves. */
const SPIN_MS = 0.03

/**
 * Opens the consumer that `handle` stands for, in the thread that is to get.
 *
 * @param options - codec: a codec of one's own, as the queue has it; a built-in one travels in the handle
 * @throws {BadHandle} code BAD_HANDLE: forged, cut short, or made by another version
 * @throws {QueueError} code HANDLE_OPENED: opened before, here or elsewhere
 * @throws {CodecError} code CODEC_MISMATCH
 */
export function openConsumer<T>(
  handle: ConsumerHandle<T>,
  options: { codec?: Codec<T> | undefined } = {},
): Consumer<T> {
  const data = readHandle(handle, 'consumer')
  return new Consumer<T>(data, codecFromDescription(data.codec, options.codec))
}

/**
 * One of the ends of a `FanOutQueue` that get, in whatever thread opened it.
 *
 * Acknowledgement: what this consumer took and has not acknowledged is delivered again should its thread die. An item is acknowledged
 *                  - by `taskDone()`, the oldest first;
 *                  - by the next step of the iterator that gave it, blocking or not;
 *                  - by the next get when this consumer holds `prefetch` items: the oldest of them;
 *                  - by close(), all that were given out.
 *                  Whoever calls taskDone() for one item should do so for all: the queue's end waits for them.
 * Waiting:         get() and iteration wait on this thread's loop; getBlocking() and `for of` stop this THREAD
 * Shutdown:        gets go on until every item of the queue has ended, so that what a dying consumer held still finds another
 * Threads:         only the one that opened it
 */
export class Consumer<T> extends RemoteEnd implements ConsumerEnd<T>, Selectable<T>, Disposable {
  readonly #intake: ConsumerIntake<T>

  /** Use `openConsumer()`. */
  constructor(data: HandleData, codec: Codec<T>) {
    super('Consumer', data)
    this.#intake = new ConsumerIntake<T>(this.hub, data.lane, codec, this.room, {
      name: this.name,
      label: () => this.label(),
      beginWait: () => this.beginWait(PARKED_FOR_ITEM),
      afterWait: () => this.afterWait(),
      endOf: (operation) => this.endOf(operation),
    })
  }

  empty(): boolean {
    return this.qsize() === 0
  }

  /** Takes the next item; waits while there is none. An item that is a thenable is adopted, as promises do. */
  get(options?: WaitOptions): Promise<T> {
    const terms = readTerms(options)
    if (this.isClosed && terms.refusal === undefined) return Promise.reject(this.closedError('get()'))
    return get(this.#intake, terms)
  }

  /**
   * Takes the next item; stops this THREAD while there is none.
   * @param options - timeout: milliseconds, default none
   * @throws {QueueShutDown} @throws {QueueTimeout} @throws {WrongThread} on the thread of the queue's home end
   */
  getBlocking(options?: { timeout?: number | undefined }): T {
    if (this.isClosed) throw this.closedError('getBlocking()')
    this.assertMayBlock('getBlocking()')
    const timeout = this.timeoutOf(options)
    const intake = this.#intake
    if (intake.serveEarlier() && intake.ready()) return intake.take()
    const deadline = performance.now() + timeout
    const spinUntil = isWorkerThread ? performance.now() + SPIN_MS : 0
    let since = 0
    try {
      for (;;) {
        if (intake.serveEarlier() && intake.ready()) return intake.take()
        const end = this.endOf('getBlocking()')
        if (end !== undefined) throw end.error
        const now = performance.now()
        if (now >= deadline) throw this.timedOut('getBlocking()', timeout)
        intake.prepareToSleep(true)
        if (now < spinUntil) continue
        if (since === 0) since = this.park(PARKED_FOR_ITEM)
        sleepForItem(intake.lane, intake.receipts, this.doorbell, deadline - now)
      }
    } finally {
      if (since !== 0) this.unpark(since)
      this.afterBlocking()
    }
  }

  /** Takes the next item now. @throws {QueueEmpty} @throws {QueueShutDown} */
  getNowait(): T {
    const intake = this.#intake
    if (this.isClosed) throw this.closedError('getNowait()')
    if (intake.serveEarlier() && intake.ready()) return intake.take()
    const end = intake.endOf('getNowait()')
    throw end === undefined ? intake.emptyError('getNowait()') : end.error
  }

  /**
   * Takes several items: waits for `min`, takes what is there up to `max`. No more than `prefetch` are ever there, and the oldest of those
   * that this consumer holds are acknowledged as far as they are in the way of `min`.
   * A timeout, or a shutdown once nothing more is there, gives those that there are; with none, or on an abort, they stay with this
   * consumer.
   *
   * @param options - min, default 1; 0 never waits. max, default all that is there
   * @throws {RangeError} for a min above `prefetch`
   */
  getMany(options: GetManyOptions = {}): Promise<T[]> {
    const terms = readTerms(options)
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    if (this.isClosed) return Promise.reject(this.closedError('getMany()'))
    const { min = 1 } = options
    const { prefetch } = this.#intake
    if (min > prefetch) {
      return Promise.reject(
        new RangeError(
          `expected min to be at most the ${prefetch} items that a consumer may hold (prefetch), got ${min}`,
        ),
      )
    }
    const refusal = refusalOfMany(options)
    if (refusal !== undefined) return Promise.reject(refusal)
    this.#intake.makeRoom(min)
    return getMany(this.#intake, options, terms)
  }

  /** Everything that is there for this consumer now, without waiting. */
  drain(): T[] {
    const intake = this.#intake
    if (this.isClosed) throw this.closedError('drain()')
    return intake.serveEarlier() ? intake.takeMany(Number.POSITIVE_INFINITY) : []
  }

  /** Iterates over non-empty arrays of what is there, each acknowledged when the next is asked for. */
  batches(
    options: { max?: number | undefined; signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<T[], undefined> {
    const { max, signal } = options
    return new AcknowledgingBatches(this.#intake, signal === undefined ? undefined : { signal }, batchLimit(max))
  }

  /** Takes items until the queue has ended, each acknowledged when the next is asked for. Leaving the loop leaves the rest. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new AcknowledgingItems(this.#intake, undefined)
  }

  /** As `for await`, stopping this THREAD while there is nothing. */
  [Symbol.iterator](): IterableIterator<T, undefined> {
    return new BlockingIterator<T>(this, this.#intake)
  }

  /** For `select` and `merge`; what they take is acknowledged as what `get()` gives is. */
  [enlist](waiter: Waiter<T, unknown>, isOnce = false): void {
    if (this.isClosed) waiter.fail(this.closedError('get()'))
    else enlistIn(this.#intake, waiter, isOnce)
  }

  /** Counts off, and acknowledges, the `count` oldest items of this consumer's. @throws {RangeError} beyond what it has taken */
  taskDone(count = 1): void {
    this.#intake.finish(doneCount(count))
  }

  protected get waiting(): number {
    return this.#intake.getters.size
  }

  protected serve(): void {
    this.#intake.serve()
  }

  protected refuseAll(reasonFor: (operation: string) => QueueError): void {
    this.#intake.getters.failAll(reasonFor)
  }

  /** What was given out is acknowledged; the rest goes to others. */
  protected override beforeClose(): void {
    this.#intake.close()
  }

  private endOf(operation: string): { readonly error: unknown } | undefined {
    if (this.isCutOff) return { error: this.closedError(operation) }
    if (stateOf(this.hub) !== SHUT_DOWN) return undefined
    return { error: this.homeLoss() ?? this.shutDownError(operation) }
  }
}
