import type { MessagePort, Worker } from 'node:worker_threads'
import type { GetManyOptions } from '@millrace/queue'
import { enlist, readTerms, type Selectable, Waiter, type WaitOptions } from '@millrace/queue/waiting'
import { describeCodec } from '../codecs/description.js'
import { type HandleData, type ProducerHandle, readOwnHandle } from '../handle.js'
import { LAYOUT_VERSION } from '../layout.js'
import { unfinishedItems } from '../lifecycle.js'
import { liveness } from '../liveness.js'
import { type BridgeOptions, checkEndOptions, readBridgeOptions } from '../options.js'
import { requireSharedMemory, workerThreads } from '../runtime.js'
import type { BridgeStats } from '../stats.js'
import { enlistIn } from './enlisted.js'
import { FanInCore } from './fan-in-core.js'
import { BatchIterator, ItemIterator, LeaseBatchIterator, LeaseIterator } from './iterators.js'
import type { Lease } from './lease.js'
import type { LeaseBatch } from './lease-batch.js'
import { STARTS, type Starts } from './starts.js'
import { batchLimit, doneCount, get, getMany } from './taking.js'

const DONE: Promise<void> = Promise.resolve()

/**
 * Many threads put, one event loop gets.
 *
 * Ordering:      first in, first out per producer; over all of them with `order: 'arrival'`
 * Back-pressure: a producer waits while its lane of `capacityBytes` is full, or `maxItems` are in flight
 * Loss:          none: what a put returned for is delivered, whatever happens to its thread
 * Threads:       this end lives where it was made; the other ends are opened from handles
 * Cancellation:  a call that was aborted or timed out took nothing
 */
export class FanInQueue<T> implements AsyncIterable<T>, Selectable<T>, AsyncDisposable {
  readonly #core: FanInCore<T>

  /** @throws {TypeError | RangeError} code INVALID_OPTION. {TypeError} where threads cannot share memory */
  constructor(options?: BridgeOptions<T>) {
    requireSharedMemory()
    const starts = (options as { [STARTS]?: Starts } | undefined)?.[STARTS]
    this.#core = new FanInCore<T>(readBridgeOptions(options), starts)
  }

  /**
   * A handle for one producer: send it to the thread that is to put, and open it there with `openProducer()`.
   *
   * @param options - name: shows in errors and stats. transferable: lets it `put(item, { transfer })`; its `transferList` must then
   *   travel along with it: `worker.postMessage(handle, handle.transferList)`
   * @throws {RangeError} beyond 1024 producers at once
   */
  producer(options: { name?: string | undefined; transferable?: boolean | undefined } = {}): ProducerHandle<T> {
    const core = this.#core
    checkEndOptions(options, ['name', 'transferable'])
    const { name, transferable = false } = options
    const ports = transferable ? createPorts() : undefined
    const lane = core.addLane(name, ports?.home)
    const handle: HandleData = {
      millrace: 'producer',
      version: LAYOUT_VERSION,
      hub: core.hub.buffer,
      lane: lane.memory,
      codec: describeCodec(core.settings.codec),
      ...(core.name === undefined ? {} : { queueName: core.name }),
      ...(name === undefined ? {} : { name }),
      ...(lane.lock === undefined ? {} : { lock: lane.lock }),
      ...(ports === undefined ? {} : { port: ports.remote }),
      transferList: ports === undefined ? [] : [ports.remote],
    }
    return handle
  }

  /** Takes the next item; waits while there is none. An item that is a thenable is adopted, as promises do. */
  get(options?: WaitOptions): Promise<T> {
    return get(this.#core, readTerms(options))
  }

  /** Takes the next item now. @throws {QueueEmpty} @throws {QueueShutDown} @throws {RemoteLost} */
  getNowait(): T {
    const core = this.#core
    if (core.serveEarlier()) {
      const report = core.report()
      if (report !== undefined) throw report.error
      if (core.ready()) return core.takeNow()
    }
    const end = core.endOf('getNowait()')
    if (end !== undefined) throw end.error
    throw core.emptyError('getNowait()')
  }

  /**
   * Takes several items: waits for `min`, takes what is there up to `max`.
   * A timeout or the end of the queue gives those that there are; with none, or on an abort, they stay in the queue.
   *
   * @param options - min, default 1; 0 never waits. max, default all that is there, 4096 items or 1 MiB of them
   */
  getMany(options: GetManyOptions = {}): Promise<T[]> {
    return getMany(this.#core, options, readTerms(options))
  }

  /** Everything that is there now, without waiting. */
  drain(): T[] {
    const core = this.#core
    return core.serveEarlier() ? core.takeAll() : []
  }

  /**
   * Iterates over non-empty arrays of what is there, as fast as memory.
   *
   * @param options - max: longest array, default 4096 items or those that reach 1 MiB
   */
  batches(
    options: { max?: number | undefined; signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<T[], undefined> {
    const { max, signal } = options
    return new BatchIterator(this.#core, signal === undefined ? undefined : { signal }, batchLimit(max))
  }

  /**
   * Iterates over items where they lie, without a copy: `lease.bytes` is a view of the ring until `lease.release()`.
   * Leases that are held hold their space; the producer waits when all of it is held.
   */
  leases(): AsyncIterableIterator<Lease, undefined> {
    return new LeaseIterator(this.#core)
  }

  /**
   * Iterates over batches of items where they lie, without a copy: what is there of one producer, `batch.at(i)` or `for (const bytes of
   * batch)`, until `batch.release()`. What a promise, a lease and a look at the other thread cost is paid once for each batch.
   *
   * A batch holds its space until it is released, and is therefore no more than a quarter of a lane, or one item; held batches together
   * can be all of it, and then the producer waits. With `order: 'arrival'` and several producers putting at once batches are short.
   *
   * Cancellation: an aborted wait took nothing; leaving the loop leaves the rest in the queue, and a batch that is held stays held
   *
   * @param options - max: most items of a batch, default 1024, which is also the limit. signal: ends the iteration's waits
   * @throws {RangeError} for a max below 1
   */
  leaseBatches(
    options: { max?: number | undefined; signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<LeaseBatch, undefined> {
    const { max, signal } = options
    return new LeaseBatchIterator(this.#core, signal === undefined ? undefined : { signal }, batchLimit(max))
  }

  /** Takes items until the queue is shut down and empty. Leaving the loop early leaves the rest in the queue. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new ItemIterator(this.#core, undefined)
  }

  /** For `select` and `merge`. */
  [enlist](waiter: Waiter<T, unknown>, isOnce = false): void {
    enlistIn(this.#core, waiter, isOnce)
  }

  /** Items put and not yet taken, over all lanes. */
  qsize(): number {
    return this.#core.qsize()
  }

  empty(): boolean {
    return this.qsize() === 0
  }

  /** Counts off `count` items that were taken and are dealt with. @throws {RangeError} past zero */
  taskDone(count = 1): void {
    this.#core.done(doneCount(count))
  }

  /** Items put and not yet counted off, over all lanes. */
  get unfinishedTasks(): number {
    return unfinishedItems(this.#core.hub)
  }

  /** Resolves when every item that was put has been counted off. */
  join(options?: WaitOptions): Promise<void> {
    const core = this.#core
    const terms = readTerms(options)
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    if (unfinishedItems(core.hub) === 0) return DONE
    if (terms.timeout === 0) return Promise.reject(core.joiners.timedOut(0))
    return core.joiners.append(new Waiter<void>(), terms)
  }

  /**
   * Refuses further puts, on every thread, and wakes whoever waits.
   * @param options - immediate: items that nobody has taken are dropped; otherwise gets go on until the queue is empty
   */
  shutdown(options?: { immediate?: boolean | undefined }): void {
    this.#core.shutdown(options?.immediate === true)
  }

  /** Shuts down, delivers what is there, then has every get and iteration reject with `error`. The first error counts. */
  fail(error: unknown): void {
    this.#core.fail(error)
  }

  get isShutdown(): boolean {
    return this.#core.isShutdown
  }

  /** Shuts the queue down by itself when every producer handed out so far has closed. */
  closeWhenIdle(): void {
    this.#core.closeWhenIdle()
  }

  /**
   * Has the end of a thread noticed that this thread did not start itself: a worker of a worker.
   *
   * A thread that dies before it has opened its handle leaves no trace of having had it: then `closeWhenIdle()` waits for ever. Say so
   * where the worker is made, `queue.watch(new Worker(file, { workerData: handle }), handle)`, and the handle ends with its thread.
   *
   * In a browser there is nothing to do: the end of every producer's thread is heard of by itself.
   *
   * @param handle - goes with this worker and with no other
   * @throws {BadHandle} code BAD_HANDLE: no handle of this queue's
   */
  watch(worker: Worker, handle?: ProducerHandle<T>): this {
    if (workerThreads === undefined) return this
    const lane = handle === undefined ? undefined : readOwnHandle(handle, 'producer', this.#core.hub)
    const threadId = liveness.watch(worker)
    if (lane !== undefined) this.#core.expect(lane, threadId)
    return this
  }

  /** Waiting here holds the process while a producer is open: the default. */
  ref(): this {
    this.#core.setHolding(true)
    return this
  }

  /** Waiting here holds no process. */
  unref(): this {
    this.#core.setHolding(false)
    return this
  }

  /** What is known of it now, from the shared words: true even of threads that are stopped. Plain JSON. Cost: O(producers). */
  stats(): BridgeStats {
    return this.#core.stats()
  }

  toJSON(): BridgeStats {
    return this.stats()
  }

  toString(): string {
    const { size, unfinished, lanes, state } = this.stats()
    const ending = state === 'open' ? '' : ` ${state}`
    return `<${this.#core.label()} size=${size} tasks=${unfinished} producers=${lanes.length}${ending}>`
  }

  /** Shuts down at once; afterwards nothing of it is left running. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#core.dispose()
  }
}

function createPorts(): { home: MessagePort; remote: MessagePort } {
  if (workerThreads === undefined) {
    throw new TypeError(
      'producer({ transferable }) needs receiveMessageOnPort(), which a browser lacks: put copies instead',
    )
  }
  const { port1, port2 } = new workerThreads.MessageChannel()
  return { home: port1, remote: port2 }
}
