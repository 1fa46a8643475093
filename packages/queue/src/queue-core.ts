import { type Admission, Drops, type Stock } from './drops.js'
import { QueueEmpty, QueueFull, QueueShutDown } from './errors.js'
import { Fairness } from './fairness.js'
import { capacityOf, type QueueOptions } from './queue-options.js'
import { FifoStorage } from './storage/fifo-storage.js'
import { type DatedStorage, isDated, type Storage } from './storage/storage.js'
import { UNLIMITED, type WaitTerms } from './waiting/wait-terms.js'
import { Waiter, WaiterList, WaitingRoom, type WaitOwner } from './waiting/waiter-list.js'
import { Watermarks } from './watermarks.js'
import { Weights } from './weights.js'

/**
 * A call that waits for room. It is admitted when there is some: it then uses it, and settles when it needs no more.
 * Each admission must use room or settle, so that admitting ends.
 */
export interface Putter<T, Out> extends Waiter<Out> {
  /** How much room it waits for. */
  readonly weight: number
  /** The item that it would put next; undefined for a call that only wants the room. */
  offer(): { readonly item: T } | undefined
  admit(core: QueueCore<T>): void
}

/** A level that no queue reaches; a small integer for the engine, unlike Infinity. */
const UNREACHED = 2 ** 30

/**
 * What a queue is made of, and the few transitions that everything else is built on: `offer`, `accept`, `take`, `admit`,
 * `finish`, `shutdown`; what it drops is in `drops.ts`. The public classes put these into words.
 *
 * Invariants, true whenever no transition is under way:
 * - a getter waits only while there is nothing to take; a putter waits only while there is no room for it, or behind
 *   one for which there is none;
 * - every accepted item is handed to exactly one call, or dropped exactly once;
 * - `unfinished` = accepted - done - dropped, never below 0.
 *
 * An item moves straight from a put to the longest waiting get, and freed room straight to the longest waiting put
 * (direct hand-off), so that nobody who comes later can take what somebody waits for. A caller's own code (callbacks,
 * iterables) runs when a transition is complete, or where running the next one from inside is safe.
 */
export class QueueCore<T> implements Stock<T>, WaitOwner {
  readonly name: string | undefined
  readonly className: string
  readonly storage: Storage<T>
  readonly dated: DatedStorage<T> | undefined
  maxsize: number
  /** What fits in: `maxsize` as a number of items or a weight; 0 for a rendezvous. */
  capacity: number
  /** Room that permits hold. */
  reserved: number
  /** How many permits hold it. Weights tell less: one may be 0, and sums of fractions keep a rounding error. */
  #permits = 0
  /**
   * Below this size, while no get waits, a put is nothing but a push; above this size, while no put waits, a get is
   * nothing but a shift. Whatever makes more of it (a limit, a watermark, weights, pending peeks, fairness, shutdown) is in
   * these levels, which `relevel` sets: they may be too cautious for a while, never too generous.
   */
  #plainBelow = 0
  #plainAbove = UNREACHED
  readonly weights: Weights<T> | undefined
  readonly fairness: Fairness | undefined
  readonly marks: Watermarks
  readonly drops: Drops<T>

  isShutdown: boolean
  /** Set by an immediate shutdown: what permits would still send is refused. */
  isDiscarding: boolean
  failure: { readonly error: unknown } | undefined

  puts: number
  gets: number
  peak: number
  /** Accepted items that nobody has to count off any more: they were, or were dropped, or the storage did not keep them. */
  #settled: number

  readonly getters: WaiterList<Waiter<T, unknown>>
  readonly putters: WaiterList<Putter<T, unknown>>
  readonly joiners: WaiterList<Waiter<void>>
  readonly peekers: WaiterList<Waiter<T>>
  /** Calls that take from a source of items in the background, to be told when no more are wanted. */
  readonly feeders: WaiterList<Waiter<never>>
  #admitting: boolean
  /** Open handles of `queue.producer()`. */
  handles = 0
  /** Work that goes on in the background for the queue, such as filling it from an iterable. */
  readonly background = new Set<Promise<void>>()

  constructor(className: string, options: QueueOptions<T>) {
    this.className = className
    this.name = options.name
    this.storage = options.storage ?? new FifoStorage<T>()
    this.dated = isDated(this.storage) ? this.storage : undefined
    this.maxsize = options.maxsize ?? 0
    this.capacity = options.rendezvous ? 0 : capacityOf(this.maxsize)
    this.reserved = 0
    this.weights = options.weigh && new Weights(options.weigh, () => this.label())
    const { yieldAfter = Number.POSITIVE_INFINITY } = options
    this.fairness = yieldAfter < Number.POSITIVE_INFINITY ? new Fairness(yieldAfter) : undefined
    this.isShutdown = false
    this.isDiscarding = false
    this.failure = undefined
    this.puts = 0
    this.gets = 0
    this.peak = this.storage.size
    this.#settled = 0
    const room = new WaitingRoom(this)
    this.getters = new WaiterList(room, 'get()')
    this.putters = new WaiterList(room, 'put()')
    // Only where items differ in weight can there be room behind the one that gave up.
    if (this.weights !== undefined) this.putters.onGivenUp = () => this.admit()
    this.joiners = new WaiterList(room, 'join()')
    this.peekers = new WaiterList(room, 'peek()')
    this.peekers.onGivenUp = () => this.#relevel()
    this.feeders = new WaiterList(room, 'putMany()')
    this.#admitting = false
    this.drops = new Drops(this, options.overflow, options.onDropped)
    this.marks = new Watermarks(room, this.capacity, options.highWater, options.lowWater, () => this.#relevel())
    this.#relevel()
  }

  #relevel(): void {
    // Undefined while it is being made.
    if (this.marks === undefined) return
    const { pauseAt, resumeAt } = this.marks
    const isPlain = this.weights === undefined && this.fairness === undefined
    const takesPuts = isPlain && !this.isShutdown && this.peekers.size === 0
    this.#plainBelow = takesPuts ? Math.ceil(Math.min(this.capacity - this.reserved, pauseAt - 1, UNREACHED)) : 0
    this.#plainAbove = isPlain ? Math.max(0, Math.floor(resumeAt + 1)) : UNREACHED
  }

  label(): string {
    return this.name === undefined ? this.className : `${this.className} ${JSON.stringify(this.name)}`
  }

  get unfinished(): number {
    return this.puts - this.#settled
  }

  /** What is there, in the unit of `capacity`. */
  get load(): number {
    return this.weights === undefined ? this.storage.size : this.weights.total
  }

  get full(): boolean {
    return this.load + this.reserved >= this.capacity
  }

  /** Whether nothing is there to take and nothing can come any more. */
  get ended(): boolean {
    return this.isShutdown && this.storage.size === 0 && this.#permits === 0
  }

  hasRoom(weight: number): boolean {
    if (this.load + this.reserved + weight <= this.capacity) return true
    // A rendezvous has room for an item exactly while somebody waits for it.
    return this.capacity === 0 && this.getters.first !== undefined
  }

  /** @throws what `weigh` throws, and `RangeError` for an item that could never fit */
  weightOf(item: T): number {
    return this.weights === undefined ? 1 : this.weights.of(item, this.capacity)
  }

  /** Puts an item in if that is nothing but a push, as most puts are. Throws what the storage throws. */
  putPlainly(item: T): boolean {
    if (this.storage.size >= this.#plainBelow || this.getters.size > 0) return false
    this.store(item)
    return true
  }

  /** Puts an item into the storage and counts it. Throws what the storage throws. */
  store(item: T): void {
    const { storage } = this
    const before = storage.size
    storage.push(item)
    const { size } = storage
    this.puts++
    if (size - before !== 1) this.#settled += 1 - (size - before)
    if (size > this.peak) this.peak = size
  }

  /** Lets an item in, or drops what the overflow policy says. Throws what the storage or `onDropped` throws. */
  tryPut(item: T): Admission {
    if (this.weights === undefined && this.storage.size + this.reserved < this.capacity) {
      this.accept(item, 1)
      return 'accepted'
    }
    return this.#tryPutFull(item)
  }

  #tryPutFull(item: T): Admission {
    const weight = this.weightOf(item)
    // Behind one that waits for much room there may be room for this, which is not for those who come later.
    const isBehind = this.weights !== undefined && this.putters.size > 0 && this.putters.first !== undefined
    if (!isBehind && this.hasRoom(weight)) {
      this.accept(item, weight)
      return 'accepted'
    }
    return this.drops.overflow(item, weight)
  }

  /** Takes an item in, for which there must be room: to the longest waiting getter, or into the storage. */
  accept(item: T, weight: number): void {
    const getter = this.getters.size === 0 ? undefined : this.getters.first
    if (getter !== undefined) {
      this.puts++
      this.gets++
      if (this.peekers.size > 0) this.#show(item)
      getter.fulfil(item)
      return
    }
    const { storage } = this
    const before = storage.size
    this.store(item)
    if (this.weights !== undefined && storage.size > before) this.weights.add(item, weight)
    if (this.peekers.size > 0 && storage.size > 0) this.#showNext()
    const { load } = this
    if (load >= this.marks.pauseAt && !this.#admitting) this.marks.update(load)
  }

  /** How many items are there; a storage is told of who finds none, for the age of the next item. */
  get size(): number {
    const { size } = this.storage
    if (size === 0) this.dated?.idle()
    return size
  }

  /** The next item, which must be there and stays. */
  next(): T {
    const offered = this.storage.size > 0 ? undefined : this.putters.first?.offer()
    return offered === undefined ? this.storage.peek() : offered.item
  }

  /** Whether something is there to take. On a rendezvous that is what a waiting put offers. */
  available(): boolean {
    return this.storage.size > 0 || (this.capacity === 0 && this.putters.size > 0 && this.putters.first !== undefined)
  }

  /** Whether an item is there, and taking it is nothing but a shift, as it is mostly. */
  takesPlainly(): boolean {
    return this.storage.size > this.#plainAbove && this.putters.size === 0
  }

  takePlainly(): T {
    const item = this.storage.shift()
    this.gets++
    return item
  }

  /** Takes the next item, which must be there, and lets waiting putters into the room that this made. */
  take(): T {
    if (this.takesPlainly()) return this.takePlainly()

    // A rendezvous lets one putter in past its capacity, for the item to be taken right here.
    if (this.storage.size === 0) this.putters.first?.admit(this)
    const item = this.storage.shift()
    this.gets++
    if (this.weights !== undefined) this.weights.remove(item, this.storage.size)
    if (this.putters.size > 0) this.admit()
    else if (this.load <= this.marks.resumeAt) this.marks.update(this.load)
    return item
  }

  /** Takes the next `count` items, which must be there; only while no putter waits. */
  takeSome(count: number): T[] {
    const { storage, weights } = this
    const items = count === storage.size ? storage.clear() : []
    const left = storage.size
    try {
      while (items.length < count && storage.size > 0) items.push(storage.shift())
    } catch (error) {
      // A storage that fails half-way has given the items before that.
      this.gets += left - storage.size
      if (weights !== undefined) for (const item of items) weights.remove(item, storage.size)
      const kept = this.putBack(items)
      if (kept.length > 0) return kept
      throw error
    }
    this.gets += items.length
    if (weights !== undefined) for (const item of items) weights.remove(item, storage.size)
    this.marks.update(this.load)
    return items
  }

  /**
   * Puts back, in their order and to be the next ones, items that a call took and gives up.
   * @returns those that the storage refuses, in their order: the call has to keep them
   */
  putBack(items: readonly T[]): T[] {
    let given = 0
    for (let getter = this.getters.first; getter !== undefined && given < items.length; getter = this.getters.first) {
      getter.fulfil(items[given++])
    }
    const { storage } = this
    const refused: T[] = []
    for (let i = items.length - 1; i >= given; i--) {
      const before = storage.size
      try {
        if (storage.unshift === undefined) storage.push(items[i])
        else storage.unshift(items[i])
      } catch {
        // Handed over without the storage, it may be one that the storage never took; or a comparator fails now.
        refused.push(items[i])
        continue
      }
      this.gets--
      this.#settled -= storage.size - before - 1
      this.weights?.addAgain(items[i])
    }
    if (this.peekers.size > 0 && storage.size > 0) this.#showNext()
    this.marks.update(this.load)
    return refused.reverse()
  }

  /** Holds room for a permit. */
  hold(weight: number): void {
    this.#permits++
    this.reserved += weight
    this.#relevel()
  }

  /** Gives a permit's room back, to those who wait for some. */
  release(weight: number): void {
    this.#permits--
    this.reserved = this.#permits === 0 ? 0 : this.reserved - weight
    this.#relevel()
    this.admit()
    this.endWhenEmpty()
  }

  /** Lets a call wait that only wants to see the next item. */
  waitToSee(terms: WaitTerms): Promise<T> {
    const promise = this.peekers.append(new Waiter<T>(), terms)
    this.#relevel()
    return promise
  }

  /** Lets a putter wait for room. On a rendezvous what it offers is what there is to see. */
  wait<Out>(putter: Putter<T, Out>, terms: WaitTerms): Promise<Out> {
    const offered = this.capacity === 0 && this.peekers.size > 0 ? putter.offer() : undefined
    if (offered !== undefined) this.#show(offered.item)
    return this.putters.append(putter, terms)
  }

  /** A result that could be given at once, in fair mode not before the event loop had its turn. */
  paced<V>(value: V): Promise<Awaited<V>> {
    return this.fairness === undefined ? (Promise.resolve(value) as Promise<Awaited<V>>) : this.fairness.pace(value)
  }

  /** An answer that was given at once, in fair mode not before the event loop had its turn. */
  held<V>(answer: Promise<V>): Promise<V> {
    if (this.fairness === undefined) return answer
    // Together, because a rejection that waited for the turn would meanwhile be one that nobody handles.
    return Promise.all([answer, this.fairness.pace(undefined)]).then(([settled]) => settled)
  }

  /** Lets waiting putters in, first come first served, while there is room for the first. */
  admit(): void {
    // Code of a caller's that runs during an admission (an iterable of putMany) may get here: the outer round goes on.
    if (this.#admitting) return
    this.#admitting = true
    try {
      for (let putter = this.putters.first; putter !== undefined; putter = this.putters.first) {
        if (!this.hasRoom(putter.weight)) break
        putter.admit(this)
      }
    } finally {
      this.#admitting = false
    }
    this.marks.update(this.load)
  }

  /** Counts `count` items as dealt with; at zero every joiner goes. */
  finish(count: number): void {
    this.#settled += count
    if (this.unfinished > 0) return
    while (this.joiners.size > 0) this.joiners.first?.fulfil()
  }

  taskDone(count: number): void {
    if (!Number.isInteger(count) || count < 0) {
      throw new RangeError(`expected taskDone() to get a whole number of items, got ${String(count)}`)
    }
    if (count > this.unfinished) {
      const load = `${count} done, ${this.unfinished} unfinished`
      throw new RangeError(`taskDone() called too many times on ${this.label()}: ${load}`)
    }
    this.finish(count)
  }

  /** Changes the limit; lets in who now fits, and refuses who never will. */
  resize(maxsize: number, capacity: number): void {
    if (this.capacity === 0) throw new TypeError(`${this.label()} is a rendezvous: it has no maxsize to set`)
    this.marks.resize(capacity)
    this.maxsize = maxsize
    this.capacity = capacity
    this.#relevel()
    for (const putter of this.putters.all()) {
      if (putter.weight <= capacity) continue
      const weight = `a waiting item of weight ${putter.weight}`
      putter.fail(new RangeError(`${weight} can never fit into maxsize ${maxsize} of ${this.label()}`))
    }
    this.admit()
  }

  /** Serves a waiter that was made elsewhere, or lets it wait its turn among the getters. */
  enlist(waiter: Waiter<T, unknown>): void {
    if (this.ended) {
      waiter.fail(this.endError('get()'))
    } else if (this.available()) {
      try {
        waiter.fulfil(this.take())
      } catch (error) {
        waiter.fail(error)
      }
    } else {
      this.dated?.idle()
      this.getters.append(waiter, UNLIMITED)
    }
  }

  shutdown(immediate: boolean): void {
    this.isShutdown = true
    this.#relevel()
    this.putters.failAll((operation) => this.endError(operation))
    this.marks.waiters.failAll((operation) => this.endError(operation))
    this.feeders.failAll((operation) => this.endError(operation))
    if (immediate && !this.isDiscarding) {
      this.isDiscarding = true
      this.#permits = 0
      this.reserved = 0
      this.endWhenEmpty(0)
      this.drops.everything('shutdown')
    } else {
      this.endWhenEmpty(this.storage.size)
    }
  }

  /** Tells all who wait that nothing will come any more, if that is so. */
  endWhenEmpty(size = this.storage.size): void {
    if (!this.isShutdown || size > 0 || this.#permits > 0) return
    this.getters.failAll((operation) => this.endError(operation))
    this.peekers.failAll((operation) => this.endError(operation))
  }

  /** Why `operation` cannot be served any more: the error of `fail()`, or a `QueueShutDown` of its own. */
  endError(operation: string): unknown {
    if (this.failure !== undefined) return this.failure.error
    return new QueueShutDown(`${operation} on ${this.label()}: the queue is shut down`, this.name)
  }

  emptyError(operation: string): QueueEmpty {
    this.dated?.idle()
    return new QueueEmpty(`${operation} on ${this.label()}: the queue is empty`, this.name)
  }

  fullError(operation: string): QueueFull {
    const waiting = this.capacity === 0 ? 'no get waits' : `${this.load + this.reserved} of maxsize ${this.maxsize}`
    return new QueueFull(`${operation} on ${this.label()}: the queue is full (${waiting})`, this.name)
  }

  /** Answers pending peeks with what is there, or with what the storage throws when it is asked. */
  #showNext(): void {
    try {
      this.#show(this.storage.peek())
    } catch (error) {
      this.peekers.failAll(() => error)
      this.#relevel()
    }
  }

  /** Answers pending peeks. */
  #show(item: T): void {
    for (let peeker = this.peekers.first; peeker !== undefined; peeker = this.peekers.first) peeker.fulfil(item)
    this.#relevel()
  }
}
