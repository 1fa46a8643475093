import type { Worker } from 'node:worker_threads'
import type { ProducerEnd } from '@millrace/queue'
import { readTerms, type WaitOptions } from '@millrace/queue/waiting'
import { describeCodec } from '../codecs/description.js'
import { type ConsumerHandle, type HandleData, readOwnHandle } from '../handle.js'
import { LAYOUT_VERSION } from '../layout.js'
import { beginJoin } from '../lifecycle.js'
import { liveness } from '../liveness.js'
import { checkEndOptions } from '../options.js'
import { requireSharedMemory } from '../runtime.js'
import { FanOutCore } from './fan-out-core.js'
import { type FanOutOptions, readFanOutOptions } from './options.js'
import { putMany } from './put-many.js'
import { type FanOutStats, readStats } from './stats.js'
import { JoinWaiter, PutWaiter } from './waiters.js'

const DONE: Promise<void> = Promise.resolve()

/**
 * A queue into threads: one event loop puts, many threads get, each item goes to exactly one of them.
 *
 * Back-pressure: an item goes to the consumer with most credit left, of `prefetch` each; what no consumer can take waits here, up to
 *                `capacityBytes` and `maxItems`; beyond that put() waits
 * Ordering:      items are handed out in the order in which they were put; what a lost consumer held comes first again
 * Loss:          an item is acknowledged by its consumer (see `Consumer`); what was not when the thread died is delivered again, up
 *                to `maxDeliveries` times, then it is poisoned. Each item ends in exactly one way, which `stats().ledger` counts
 * Threads:       only the one that made it; its consumers are opened from handles
 */
export class FanOutQueue<T> implements ProducerEnd<T>, AsyncDisposable {
  readonly #core: FanOutCore<T>

  /** @throws {TypeError | RangeError} code INVALID_OPTION. {TypeError} where threads cannot share memory */
  constructor(options?: FanOutOptions<T>) {
    requireSharedMemory()
    this.#core = new FanOutCore<T>(readFanOutOptions(options))
  }

  /** Makes the handle of a further consumer, one per thread. @throws {RangeError} beyond 1,023 at once */
  consumer(options: { readonly name?: string | undefined } = {}): ConsumerHandle<T> {
    const core = this.#core
    checkEndOptions(options, ['name'])
    const { name } = options
    const lane = core.addLane(name)
    const data: HandleData = {
      millrace: 'consumer',
      version: LAYOUT_VERSION,
      hub: core.hub.buffer,
      lane: lane.memory,
      codec: describeCodec(core.settings.codec),
      ...(core.name === undefined ? {} : { queueName: core.name }),
      ...(name === undefined ? {} : { name }),
      transferList: [],
    }
    return data as ConsumerHandle<T>
  }

  /**
   * Watches for the end of a thread that this one did not start itself: those that it did are watched anyway.
   *
   * @param handle - goes with this worker: if the thread dies before it has opened it, its lane ends with it
   * @throws {BadHandle} code BAD_HANDLE: no handle of this queue's
   */
  watch(worker: Worker, handle?: ConsumerHandle<T>): this {
    const lane = handle === undefined ? undefined : readOwnHandle(handle, 'consumer', this.#core.hub)
    const threadId = liveness.watch(worker)
    if (lane !== undefined) this.#core.expect(lane, threadId)
    return this
  }

  /** Items waiting to be taken at most; 0 when only bytes limit them. */
  get maxsize(): number {
    return this.#core.settings.maxItems
  }

  /** Items put and not yet taken. */
  qsize(): number {
    return this.#core.qsize()
  }

  /** Whether put() would wait, as far as can be told without the item. */
  full(): boolean {
    this.#core.pump()
    return this.#core.isFull()
  }

  /**
   * Puts an item in; waits while nobody can take it and there is no room for it here. The item is encoded now: changes to it after
   * this call do not matter.
   *
   * @throws {QueueShutDown} code QUEUE_SHUT_DOWN @throws {QueueTimeout} code QUEUE_TIMEOUT
   * @throws {RemoteLost} code REMOTE_LOST, once the queue has failed @throws whatever the codec refuses the item with
   */
  put(item: T, options?: WaitOptions): Promise<void> {
    const core = this.#core
    const terms = readTerms(options)
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    try {
      const refusal = core.refusal('put()')
      if (refusal !== undefined) return Promise.reject(refusal)
      const parcel = core.tryPut(item, 'put()')
      if (parcel === undefined) return DONE
      if (terms.timeout === 0) return Promise.reject(core.putters.timedOut(0))
      const promise = core.putters.append(new PutWaiter(core, parcel), terms)
      core.awaitConsumers()
      return promise
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Puts an item in now. @throws {QueueFull} @throws {QueueShutDown} @throws {RemoteLost} */
  putNowait(item: T): void {
    const core = this.#core
    const refusal = core.refusal('putNowait()')
    if (refusal !== undefined) throw refusal
    const parcel = core.tryPut(item, 'putNowait()')
    if (parcel !== undefined) throw core.fullError('putNowait()', parcel)
  }

  /**
   * Puts all items in, in their order; waits while there is no room, and between the items of an asynchronous source.
   *
   * @returns how many were accepted: all of them, or as many as were when the signal or the timeout ended it. With none it rejects
   * @throws as put()
   */
  putMany(items: Iterable<T> | AsyncIterable<T>, options?: WaitOptions): Promise<number> {
    return putMany(this.#core, items, options)
  }

  /** Resolves when every item has been counted off with `taskDone()`, or has ended otherwise. @throws {RemoteLost} */
  join(options?: WaitOptions): Promise<void> {
    const core = this.#core
    const terms = readTerms(options)
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    core.pump()
    if (core.failure !== undefined) return Promise.reject(core.failure)
    if (core.unfinished === 0) return DONE
    if (terms.timeout === 0) return Promise.reject(core.joiners.timedOut(0))
    const promise = core.joiners.append(new JoinWaiter(core, beginJoin(core.hub)), terms)
    core.awaitConsumers()
    return promise
  }

  /** Items put and not yet counted off, by whatever consumer. */
  get unfinishedTasks(): number {
    return this.#core.unfinished
  }

  /**
   * Refuses further puts. Consumers go on until every item has ended, then their gets fail and their iterations end; with
   * `immediate` at once, and items that nobody has taken are dropped.
   */
  shutdown(options?: { immediate?: boolean | undefined }): void {
    this.#core.shutdown(options?.immediate === true)
  }

  get isShutdown(): boolean {
    return this.#core.isShutdown
  }

  /** Waiting calls hold the process while a consumer is open; `unref()` lets it end. */
  ref(): this {
    this.#core.setHolding(true)
    return this
  }

  unref(): this {
    this.#core.setHolding(false)
    return this
  }

  /** What happens in it now, read from the shared words: plain JSON. */
  stats(): FanOutStats {
    this.#core.pump()
    return readStats(this.#core)
  }

  toJSON(): FanOutStats {
    return this.stats()
  }

  toString(): string {
    const { size, unfinished, lanes, state } = this.stats()
    const ending = state === 'open' ? '' : ` ${state}`
    return `<${this.#core.label()} size=${size} tasks=${unfinished} consumers=${lanes.length}${ending}>`
  }

  /** Shuts down at once and lets go of everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#core.dispose()
  }
}
