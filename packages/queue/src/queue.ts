import type { BatchesOptions, ConsumerEnd, ProducerEnd, ShutdownOptions } from './ends.js'
import { type GetManyOptions, getMany, takeUpTo } from './get-many.js'
import { type Permit, reserve } from './permit.js'
import { putMany } from './put-many.js'
import { ItemPutter } from './putters.js'
import { QueueCore } from './queue-core.js'
import { BatchIterator, ItemIterator } from './queue-iterator.js'
import { capacityOf, checkedMaxsize, type QueueOptions, readQueueOptions } from './queue-options.js'
import { QueueProducer } from './queue-producer.js'
import { debugText, type QueueStats, statsOf } from './stats.js'
import { enlist, hasFailed, paced, type Selectable } from './waiting/enlist.js'
import { readTerms, UNLIMITED, type WaitOptions, type WaitTerms } from './waiting/wait-terms.js'
import { Waiter } from './waiting/waiter-list.js'

/** What calls that need not wait and have nothing to say resolve with: one promise for all of them. */
const DONE: Promise<void> = Promise.resolve()

/**
 * An empty queue that nobody uses, kept for the shape of its objects. A program that makes a queue now and then has none at many a
 * collection. V8 then forgets the shape, and with it the code compiled for it; and if that befalls one of the first seven queues, it
 * takes their fields for superfluous and lays those of all later ones outside the object: 100 ns an item for good, instead of 60.
 */
let shape: Queue<unknown> | null | undefined

function keepShape(): void {
  if (shape !== undefined) return
  // It is made as every queue is, and must not make one, too.
  shape = null
  shape = new Queue()
}

/**
 * A first-in-first-out queue for coroutines on one event loop.
 *
 * Ordering:      items leave in the order in which they were put; waiting gets and waiting puts are served first come
 *                first served, and nobody who comes later overtakes them
 * Hand-off:      an item put while a get waits belongs to that get from then on; it is not in the queue
 * Back-pressure: a put on a full queue waits, or drops by policy
 * Waiting:       what waits takes `signal` and `timeout`; it rejects with the signal's own reason, or `QueueTimeout`
 * Cancellation:  a call that was given up took nothing and put nothing; one that was served before is not undone
 * Errors:        a waiting call always answers by its promise. In this order: bad options, a signal already aborted,
 *                an item that is there, the end of the queue, the timeout
 * Cost:          O(1) a call, waiting and giving up included; at most one promise
 * Methods need their queue: `const { get } = queue` does not work, `() => queue.get()` does.
 */
export class Queue<T> implements ProducerEnd<T>, ConsumerEnd<T>, Selectable<T>, AsyncDisposable, Disposable {
  readonly #core: QueueCore<T>

  /**
   * @param options - `maxsize` as a number, or all options
   * @throws {TypeError} code INVALID_OPTION: an unknown option, a value of the wrong kind, options that contradict each other
   * @throws {RangeError} code INVALID_OPTION: watermarks out of order or above `maxsize`
   */
  constructor(options?: number | QueueOptions<T>) {
    this.#core = new QueueCore<T>(new.target.name, readQueueOptions(options))
    keepShape()
  }

  /**
   * A queue that is filled from an iterable, in the background where it must wait for room or for items, and shut down
   * at the iterable's end. An error of the iterable's comes out of the queue, after the items before it (`fail`). When
   * the queue is shut down first, the iterable is closed.
   *
   * Give an iterable without end a `maxsize`.
   */
  static from<T>(items: Iterable<T> | AsyncIterable<T>, options?: number | QueueOptions<T>): Queue<T> {
    const queue = new this<T>(options)
    const core = queue.#core
    const filling = putMany(core, items).then(
      () => queue.shutdown(),
      (error: unknown) => {
        if (!core.isShutdown) queue.fail(error)
      },
    )
    core.background.add(filling)
    filling.finally(() => core.background.delete(filling))
    return queue
  }

  /**
   * The limit as it was given; 0, a negative number and Infinity mean none. Setting it admits waiting puts into new
   * room; lowering it drops nothing, and puts wait until there is room below it.
   * @throws {TypeError} no number, or a rendezvous queue; @throws {RangeError} a limit not above a given `lowWater`, or below a given `highWater`
   */
  get maxsize(): number {
    return this.#core.maxsize
  }

  set maxsize(maxsize: number) {
    this.#core.resize(checkedMaxsize(maxsize), capacityOf(maxsize))
  }

  /** How many items are there to be taken. Items handed to a waiting get are not: they are that get's. */
  qsize(): number {
    return this.#core.size
  }

  empty(): boolean {
    return this.#core.size === 0
  }

  /** Whether a put would wait, be refused or drop something. Always true for a rendezvous. */
  full(): boolean {
    return this.#core.full
  }

  /** How many gets wait: pending steps of iterators and `getMany` included. */
  get getting(): number {
    return this.#core.getters.size
  }

  /** How many puts wait: `putMany` and `reserve` included, as one each. */
  get putting(): number {
    return this.#core.putters.size
  }

  /** How many joins wait. */
  get joining(): number {
    return this.#core.joiners.size
  }

  /**
   * Puts an item in; waits while the queue is full, unless it drops by policy (what was dropped `onDropped` tells).
   * An immediate put does not let the event loop turn: a loop of them on a queue without limit never ends (`yieldAfter`).
   * @throws {QueueShutDown} rejects, code QUEUE_SHUT_DOWN, also when the queue is shut down during the wait
   * @throws {QueueTimeout} rejects, code QUEUE_TIMEOUT
   * @throws {RangeError} rejects: an item that weighs more than `maxsize`
   */
  put(item: T, options?: WaitOptions): Promise<void> {
    try {
      return options === undefined && this.#core.putPlainly(item) ? DONE : this.#put(item, readTerms(options))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #put(item: T, terms: WaitTerms): Promise<void> {
    const core = this.#core
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    if (core.isShutdown) return Promise.reject(core.endError('put()'))
    if (core.tryPut(item) !== 'no room') return core.fairness === undefined ? DONE : core.fairness.pace(undefined)
    if (terms.timeout === 0) return Promise.reject(core.putters.timedOut(0))
    return core.wait(new ItemPutter<T>(item, core.weightOf(item)), terms)
  }

  /**
   * Puts an item in now.
   * @throws {QueueFull} code QUEUE_FULL
   * @throws {QueueShutDown} code QUEUE_SHUT_DOWN
   * @throws {RangeError} an item that weighs more than `maxsize`
   */
  putNowait(item: T): void {
    const core = this.#core
    if (core.putPlainly(item)) return
    if (core.isShutdown) throw core.endError('putNowait()')
    if (core.tryPut(item) === 'no room') throw core.fullError('putNowait()')
  }

  /**
   * Puts all items in, in one place of the line: no other put gets between those that wait.
   *
   * @returns how many were accepted: fewer than given when a policy dropped some, or when the call was cut short by its
   * signal or timeout after at least one was in. The rest was not touched; an iterator is closed.
   * @throws what `put` throws, when nothing was accepted before the signal or timeout, and at the end of the queue;
   * and what the iterable throws. What was accepted before stays in.
   */
  putMany(items: Iterable<T> | AsyncIterable<T>, options?: WaitOptions): Promise<number> {
    return putMany(this.#core, items, options)
  }

  /**
   * Waits for room for an item that is not there yet, and holds it.
   * @param options - `weight`: how much room, where the queue weighs its items. @default 1
   * @returns a permit; each must be sent or released
   * @throws what `put` throws; {TypeError} for a rendezvous queue, which has no room to hold
   */
  reserve(options?: WaitOptions & { weight?: number | undefined }): Promise<Permit<T>> {
    return reserve(this.#core, options)
  }

  /**
   * Takes the next item; waits while there is none. An item that is a promise or another thenable is adopted, as
   * promises do: `getNowait`, `getMany` and iteration give it as it is.
   *
   * Never race a get (`Promise.race`): it stays pending and takes the next item. Use `signal`, `timeout` or `select`.
   * @throws {QueueShutDown} rejects, code QUEUE_SHUT_DOWN, when the queue is shut down and empty
   * @throws {QueueTimeout} rejects, code QUEUE_TIMEOUT
   */
  get(options?: WaitOptions): Promise<T> {
    const core = this.#core
    try {
      if (options === undefined && core.takesPlainly()) return Promise.resolve(core.takePlainly())
      return this.#get(readTerms(options))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #get(terms: WaitTerms): Promise<T> {
    const core = this.#core
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    if (core.available()) return core.paced(core.take()) as Promise<T>
    if (core.ended) return Promise.reject(core.endError('get()'))
    if (terms.timeout === 0) return Promise.reject(core.getters.timedOut(0))
    core.dated?.idle()
    return core.getters.append(new Waiter<T>(), terms)
  }

  /**
   * Takes the next item now.
   * @throws {QueueEmpty} code QUEUE_EMPTY
   * @throws {QueueShutDown} code QUEUE_SHUT_DOWN: empty, and nothing will come
   */
  getNowait(): T {
    const core = this.#core
    if (core.available()) return core.take()
    throw core.ended ? core.endError('getNowait()') : core.emptyError('getNowait()')
  }

  /**
   * Takes several items: what is there, up to `max`, and as many as room for waiting puts brings; waits for at least `min`.
   * While it waits it holds what it has. When the timeout passes or the queue ends, what it has is the result; when it is
   * aborted, what it has goes back to the head of the queue in its order, for a moment beyond `maxsize` if need be; should
   * the storage refuse some of it (a comparator that throws), that is the result.
   * @throws what `get` throws, when it has nothing; {RangeError} rejects: `max` below `min`
   */
  getMany(options?: GetManyOptions): Promise<T[]> {
    return getMany(this.#core, options)
  }

  /** Iterates by what is there at each step: arrays that are never empty, of `max` items at most. Ends as iteration does. */
  batches(options: BatchesOptions = {}): AsyncIterableIterator<T[], undefined> {
    const { max = Number.POSITIVE_INFINITY, signal } = options
    if (typeof max !== 'number' || !(max >= 1) || (!Number.isInteger(max) && max !== Number.POSITIVE_INFINITY)) {
      throw new RangeError(`expected max to be a whole number of at least 1, got ${String(max)}`)
    }
    return new BatchIterator(this.#core, max, signal && { signal })
  }

  /** Takes everything that is there now, and one item of each put that waits; an empty array when there is nothing. */
  drain(): T[] {
    return takeUpTo(this.#core, Number.POSITIVE_INFINITY)
  }

  /** The next item, which stays; waits while there is none. @throws what `get` throws */
  peek(options?: WaitOptions): Promise<T> {
    const core = this.#core
    const terms = options === undefined ? UNLIMITED : readTerms(options)
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    if (core.available()) {
      try {
        return core.paced(core.next()) as Promise<T>
      } catch (error) {
        return Promise.reject(error)
      }
    }
    if (core.ended) return Promise.reject(core.endError('peek()'))
    if (terms.timeout === 0) return Promise.reject(core.peekers.timedOut(0))
    return core.waitToSee(terms)
  }

  /** The next item now, which stays. @throws what `getNowait` throws */
  peekNowait(): T {
    const core = this.#core
    if (core.available()) return core.next()
    throw core.ended ? core.endError('peekNowait()') : core.emptyError('peekNowait()')
  }

  /** Drops everything that is there, and lets waiting puts in. @returns how many items were dropped */
  clear(): number {
    return this.#core.drops.everything('clear')
  }

  /**
   * Counts off `count` items that were taken and are dealt with. At zero unfinished items, `join` resolves.
   * @throws {RangeError} more than are unfinished, or no whole number; nothing is counted then
   */
  taskDone(count = 1): void {
    this.#core.taskDone(count)
  }

  /** Items accepted and not yet counted off. */
  get unfinishedTasks(): number {
    return this.#core.unfinished
  }

  /**
   * Resolves when every item that was put has been counted off with `taskDone()`; at once when there is none. Items put
   * after that moment do not hold it back. Not concerned by shutdown, unless that drops the items that it waits for.
   */
  join(options?: WaitOptions): Promise<void> {
    const core = this.#core
    const terms = options === undefined ? UNLIMITED : readTerms(options)
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    if (core.unfinished === 0) return DONE
    if (terms.timeout === 0) return Promise.reject(core.joiners.timedOut(0))
    return core.joiners.append(new Waiter<void>(), terms)
  }

  /**
   * Refuses puts from now on, waiting ones included. Gets and iteration go on until the queue is empty; with `immediate`
   * what is there is dropped and they end at once. May be called again, to make a graceful shutdown immediate.
   */
  shutdown(options?: ShutdownOptions): void {
    this.#core.shutdown(options?.immediate === true)
  }

  get isShutdown(): boolean {
    return this.#core.isShutdown
  }

  /**
   * Shuts down because of an error: what is there is delivered, then every get, iterator and put rejects with `error`
   * itself. Nothing if the queue is shut down already.
   */
  fail(error: unknown): void {
    const core = this.#core
    if (core.isShutdown) return
    core.failure = { error }
    core.shutdown(false)
  }

  /** Whether producers should pause: from when the load reaches `highWater` until it has fallen to `lowWater`. */
  get paused(): boolean {
    return this.#core.marks.paused
  }

  /** Waits while the queue is paused. @throws {QueueShutDown} rejects when the queue is shut down meanwhile */
  resumed(options?: WaitOptions): Promise<void> {
    const core = this.#core
    const terms = options === undefined ? UNLIMITED : readTerms(options)
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    if (!core.marks.paused) return DONE
    if (core.isShutdown) return Promise.reject(core.endError('resumed()'))
    if (terms.timeout === 0) return Promise.reject(core.marks.waiters.timedOut(0))
    return core.marks.waiters.append(new Waiter<void>(), terms)
  }

  /** Called when the queue becomes `paused`. What it throws is reported as uncaught, as an event listener's error is. */
  get onPaused(): (() => void) | null {
    return this.#core.marks.onPaused
  }

  set onPaused(callback: (() => void) | null) {
    this.#core.marks.onPaused = callback
  }

  /** Called when the queue is no longer `paused`. */
  get onResumed(): (() => void) | null {
    return this.#core.marks.onResumed
  }

  set onResumed(callback: (() => void) | null) {
    this.#core.marks.onResumed = callback
  }

  /** A handle for one producer: when the last of those that were handed out is closed, the queue is shut down. */
  producer(): QueueProducer<T> {
    return QueueProducer.open(this, this.#core)
  }

  /** Iterates under a signal, or with a timeout for each wait; a wait that ends so rejects, and the queue stays as it is. */
  iterate(options?: WaitOptions): AsyncIterableIterator<T, undefined> {
    return new ItemIterator(this.#core, options)
  }

  /**
   * Takes items until the queue is shut down and empty. Leaving the loop early leaves the rest in the queue. Does not
   * call `taskDone`; `consume` does.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return new ItemIterator(this.#core)
  }

  /** For `select`, `merge`, and whoever else brings a waiter along. */
  [enlist](waiter: Waiter<T, unknown>): void {
    this.#core.enlist(waiter)
  }

  [paced]<V>(answer: Promise<V>): Promise<V> {
    return this.#core.held(answer)
  }

  [hasFailed](): boolean {
    return this.#core.failure !== undefined
  }

  stats(): QueueStats {
    return statsOf(this.#core)
  }

  toJSON(): QueueStats {
    return statsOf(this.#core)
  }

  /** `<Queue "jobs" maxsize=2 size=1 tasks=1>`: never the items themselves. */
  toString(): string {
    return debugText(this.#core)
  }

  /** What `console.log` shows in Node, Bun and Deno. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return debugText(this.#core)
  }

  /** Shuts down at once. */
  [Symbol.dispose](): void {
    this.#core.shutdown(true)
  }

  /** Shuts down at once; resolves when nothing of the queue is left running, such as filling it from an iterable. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#core.shutdown(true)
    await Promise.all(this.#core.background)
  }
}
