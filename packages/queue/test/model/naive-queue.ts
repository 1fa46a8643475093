import type { Terms } from './commands.js'

export interface Item {
  readonly id: number
  readonly priority: number
}

export type Result = { value: unknown } | { error: string } | undefined

type Kind = 'get' | 'next' | 'getMany' | 'put' | 'putMany' | 'peek' | 'join'

interface Call {
  readonly id: number
  readonly kind: Kind
  readonly signal: number | undefined
  readonly deadline: number
  /** What it has: taken by getMany. */
  readonly held: Item[]
  /** What it still wants: the items of a put, how many for getMany. */
  readonly items: Item[]
  readonly min: number
  accepted: number
}

/** Which index leaves next. */
export type Order = (items: readonly Item[]) => number

export const orders: Readonly<Record<string, Order>> = {
  Queue: () => 0,
  LifoQueue: (items) => items.length - 1,
  PriorityQueue: (items) =>
    items.reduce((best, item, index) => (item.priority < items[best].priority ? index : best), 0),
}

/**
 * The queue written down as plainly as can be: arrays, searches and splices, everything decided anew at each step. It
 * knows nothing of promises: a call is a record, and its result is noted by number.
 */
export class NaiveQueue {
  readonly results = new Map<number, Result>()
  items: Item[] = []
  waiting: Call[] = []
  unfinished = 0
  now = 0
  isShutdown = false
  failed = false
  maxsize: number
  readonly aborted = new Set<number>()
  readonly #order: Order

  constructor(order: Order, maxsize: number) {
    this.#order = order
    this.maxsize = maxsize
  }

  count(...kinds: Kind[]): number {
    return this.waiting.filter((call) => kinds.includes(call.kind)).length
  }

  get getting(): number {
    return this.count('get', 'next', 'getMany')
  }

  get putting(): number {
    return this.count('put', 'putMany')
  }

  hasRoom(): boolean {
    return this.maxsize === 0 || this.items.length < this.maxsize
  }

  call(id: number, kind: Kind, { signal, timeout }: Terms, items: Item[] = [], min = 0, max = 0): void {
    const call: Call = {
      id,
      kind,
      signal,
      deadline: this.now + (timeout ?? Infinity),
      held: [],
      items,
      min,
      accepted: 0,
    }
    this.results.set(id, undefined)
    if (signal !== undefined && this.aborted.has(signal)) this.settle(call, { error: 'aborted' })
    else if (this.#servedAtOnce(call, max)) return
    else if (timeout === 0) this.#giveUp(call, 'TimeoutError')
    else this.waiting.push(call)
  }

  #servedAtOnce(call: Call, max: number): boolean {
    switch (call.kind) {
      case 'get':
      case 'next':
        if (this.items.length > 0) this.settle(call, { value: this.take() })
        else if (this.isShutdown) this.#end(call)
        else return false
        return true
      case 'peek':
        if (this.items.length > 0) this.settle(call, { value: this.items[this.#order(this.items)] })
        else if (this.isShutdown) this.#end(call)
        else return false
        return true
      case 'join':
        if (this.unfinished > 0) return false
        this.settle(call, { value: undefined })
        return true
      case 'getMany':
        while (call.held.length < max && this.items.length > 0) call.held.push(this.take())
        if (call.held.length >= call.min && call.held.length > 0) this.settle(call, { value: call.held })
        else if (this.isShutdown && this.items.length === 0) this.#end(call)
        else if (call.min === 0) this.settle(call, { value: [] })
        else return false
        return true
      case 'put':
      case 'putMany':
        if (this.isShutdown) {
          this.#end(call)
          return true
        }
        while (call.items.length > 0 && this.hasRoom()) {
          this.accept(call.items.shift() as Item)
          call.accepted++
        }
        if (call.items.length > 0) return false
        this.settle(call, { value: call.kind === 'putMany' ? call.accepted : undefined })
        return true
    }
  }

  accept(item: Item): void {
    this.unfinished++
    const peekers = this.waiting.filter((call) => call.kind === 'peek')
    const getter = this.#firstLive('get', 'next', 'getMany')
    if (getter === undefined) this.items.push(item)
    for (const peeker of peekers) {
      if (this.#isAborted(peeker)) this.#giveUp(peeker, 'aborted')
      else this.settle(peeker, { value: getter === undefined ? this.items[this.#order(this.items)] : item })
    }
    if (getter !== undefined) this.#give(getter, item)
  }

  take(): Item {
    const [item] = this.items.splice(this.#order(this.items), 1)
    this.admit()
    return item
  }

  admit(): void {
    for (let putter = this.#firstLive('put', 'putMany'); putter !== undefined && this.hasRoom(); ) {
      this.accept(putter.items.shift() as Item)
      putter.accepted++
      if (putter.items.length === 0) {
        this.settle(putter, { value: putter.kind === 'putMany' ? putter.accepted : undefined })
      }
      putter = this.#firstLive('put', 'putMany')
    }
  }

  finish(count: number): void {
    this.unfinished -= count
    if (this.unfinished > 0) return
    for (let joiner = this.#firstLive('join'); joiner !== undefined; joiner = this.#firstLive('join')) {
      this.settle(joiner, { value: undefined })
    }
  }

  clear(): number {
    const dropped = this.items.splice(0).length
    this.admit()
    this.finish(Math.min(dropped, this.unfinished))
    return dropped
  }

  drain(): Item[] {
    const limit = this.items.length + this.putting
    const drained: Item[] = []
    while (drained.length < limit && this.items.length > 0) drained.push(this.take())
    return drained
  }

  shutdown(immediate: boolean): void {
    this.isShutdown = true
    for (const call of this.waiting.filter(({ kind }) => kind === 'put' || kind === 'putMany')) this.#end(call)
    if (immediate) this.clear()
    if (this.items.length > 0) return
    for (const call of this.waiting.filter(({ kind }) => kind !== 'join')) this.#end(call)
  }

  abort(signal: number): void {
    this.aborted.add(signal)
    for (const call of this.waiting.filter((each) => each.signal === signal)) {
      if (this.waiting.includes(call)) this.#giveUp(call, 'aborted')
    }
  }

  /** Time passes, deadline by deadline. */
  advance(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const due = this.waiting.filter(({ deadline }) => deadline <= until)
      if (due.length === 0) break
      const next = due.reduce((first, call) => (call.deadline < first.deadline ? call : first))
      this.now = next.deadline
      this.#giveUp(next, 'TimeoutError')
    }
    this.now = until
  }

  settle(call: Call, result: Result): void {
    this.waiting = this.waiting.filter((each) => each !== call)
    this.results.set(call.id, result)
  }

  #isAborted({ signal }: Call): boolean {
    return signal !== undefined && this.aborted.has(signal)
  }

  #firstLive(...kinds: Kind[]): Call | undefined {
    for (;;) {
      const first = this.waiting.find(({ kind }) => kinds.includes(kind))
      if (first === undefined || !this.#isAborted(first)) return first
      this.#giveUp(first, 'aborted')
    }
  }

  #give(getter: Call, item: Item): void {
    getter.held.push(item)
    if (getter.kind !== 'getMany') this.settle(getter, { value: item })
    else if (getter.held.length >= getter.min) this.settle(getter, { value: getter.held })
  }

  /** The queue has ended for this call. */
  #end(call: Call): void {
    if (call.kind === 'getMany' && call.held.length > 0) this.settle(call, { value: call.held })
    else if (call.kind === 'next' && !this.failed) this.settle(call, { value: 'end' })
    else this.settle(call, { error: this.failed ? 'failed' : 'QueueShutDown' })
  }

  /** Its caller has given this call up. */
  #giveUp(call: Call, error: string): void {
    const timedOut = error === 'TimeoutError'
    if (call.kind === 'putMany' && call.accepted > 0) this.settle(call, { value: call.accepted })
    else if (call.kind === 'getMany' && call.held.length > 0 && timedOut) this.settle(call, { value: call.held })
    else {
      this.settle(call, { error })
      if (call.kind === 'getMany') this.#putBack(call.held)
    }
  }

  #putBack(items: readonly Item[]): void {
    const rest = [...items]
    for (let getter = this.#firstLive('get', 'next', 'getMany'); getter !== undefined && rest.length > 0; ) {
      this.#give(getter, rest.shift() as Item)
      getter = this.#firstLive('get', 'next', 'getMany')
    }
    // To the end at which they would have left: the head, but the top of a stack.
    if (this.#order === orders.LifoQueue) this.items.push(...rest.reverse())
    else this.items.unshift(...rest)
    if (this.items.length === 0) return
    for (const peeker of this.waiting.filter((call) => call.kind === 'peek')) {
      if (this.#isAborted(peeker)) this.#giveUp(peeker, 'aborted')
      else this.settle(peeker, { value: this.items[this.#order(this.items)] })
    }
  }
}
