import { QueueShutDown } from '@millrace/queue'
import { Waiter } from '@millrace/queue/waiting'
import type { ItemSource, LeaseSource } from './item-source.js'
import type { Lease } from './lease.js'
import type { LeaseBatch } from './lease-batch.js'

/** A call that waits for items; in its turn it takes those that it wants, or says that there are too few. */
export abstract class Getter<T, Out> extends Waiter<unknown, Out> {
  constructor(
    protected readonly core: ItemSource<T>,
    /** Whether it wants one item, as it is: then `fulfil()` serves it too. */
    readonly isSingle = false,
  ) {
    super()
  }

  /** Takes what it wants; something is there. It settles, or leaves the rest of the turn to the next item that comes. */
  abstract serve(): void

  /** Items that it has taken and not given yet. */
  get gathering(): number {
    return 0
  }

  /** Settles with less than it waits for, if it has something. @returns whether it did */
  settleEarly(): boolean {
    return false
  }

  /** Ends what ends with the queue. */
  protected override onFail(reason: unknown): void {
    this.reject(reason)
    this.core.afterWait()
  }

  protected settle(value: unknown): void {
    this.leave()
    this.resolve(value)
    this.core.afterWait()
  }

  /** Decoding can fail: that is the caller's to know, and the queue goes on. */
  protected attempt(take: () => unknown): void {
    let value: unknown
    try {
      value = take()
    } catch (error) {
      this.fail(error)
      return
    }
    this.settle(value)
  }
}

/** A pending get(). */
export class ItemGetter<T> extends Getter<T, T> {
  constructor(core: ItemSource<T>) {
    super(core, true)
  }

  serve(): void {
    this.attempt(() => this.core.take())
  }
}

/** What an iterator shares with its pending next() calls. */
export interface Iteration {
  done: boolean
  pending: number
}

/** A pending next(): the end of the queue is an end for it, not an error. */
export abstract class IterationGetter<T, V> extends Getter<T, IteratorResult<V, undefined>> {
  constructor(
    core: ItemSource<T>,
    readonly iteration: Iteration,
    isSingle = false,
  ) {
    super(core, isSingle)
    iteration.pending++
  }

  override get operation(): string {
    return 'next()'
  }

  protected override settle(value: unknown): void {
    this.iteration.pending--
    super.settle({ value, done: false })
  }

  protected override onFail(reason: unknown): void {
    this.iteration.pending--
    this.iteration.done = true
    if (reason instanceof QueueShutDown) this.resolve({ value: undefined, done: true })
    else this.reject(reason)
    this.core.afterWait()
  }

  protected override onWithdraw(reason: unknown): void {
    this.iteration.pending--
    this.reject(reason)
    this.core.afterWait()
  }

  /** Ends it on its iterator's part. */
  end(): void {
    this.leave()
    this.resolve({ value: undefined, done: true })
    this.core.afterWait()
  }
}

/** A pending next() of one item. */
export class NextGetter<T> extends IterationGetter<T, T> {
  constructor(core: ItemSource<T>, iteration: Iteration) {
    super(core, iteration, true)
  }

  // All of it in one function: it is called with the item that ends a sleep, by a thread whose code has gone cold.
  override fulfil(value: unknown): void {
    if (this.list !== undefined) this.list.remove(this)
    this.iteration.pending--
    this.resolve({ value, done: false })
  }

  serve(): void {
    this.attempt(() => this.core.take())
  }
}

/** A pending next() of a batch. */
export class BatchGetter<T> extends IterationGetter<T, T[]> {
  constructor(
    core: ItemSource<T>,
    iteration: Iteration,
    private readonly max: number,
  ) {
    super(core, iteration)
  }

  serve(): void {
    this.attempt(() => this.core.takeMany(this.max))
  }
}

/** A pending next() of an item in place. */
export class LeaseGetter<T> extends IterationGetter<T, Lease> {
  constructor(
    private readonly lessor: LeaseSource<T>,
    iteration: Iteration,
  ) {
    super(lessor, iteration)
  }

  serve(): void {
    this.attempt(() => this.lessor.lease())
  }
}

/** A pending next() of items in place. */
export class LeaseBatchGetter<T> extends IterationGetter<T, LeaseBatch> {
  constructor(
    private readonly lessor: LeaseSource<T>,
    iteration: Iteration,
    private readonly max: number,
  ) {
    super(lessor, iteration)
  }

  serve(): void {
    this.attempt(() => this.lessor.leaseMany(this.max))
  }
}

/** A pending getMany(): gathers until it has enough; what it has goes back to the front if it is given up. */
export class ManyGetter<T> extends Getter<T, T[]> {
  private readonly gathered: T[] = []

  constructor(
    core: ItemSource<T>,
    private readonly min: number,
    private readonly max: number,
  ) {
    super(core)
  }

  override get operation(): string {
    return 'getMany()'
  }

  serve(): void {
    try {
      this.core.takeManyInto(this.gathered, this.max)
    } catch (error) {
      this.fail(error)
      return
    }
    if (this.gathered.length >= this.min) this.settle(this.gathered)
  }

  override get gathering(): number {
    return this.gathered.length
  }

  override settleEarly(): boolean {
    if (this.gathered.length === 0) return false
    this.settle(this.gathered)
    return true
  }

  protected override onFail(reason: unknown): void {
    // The end of the queue is the end of the batch, which is delivered as far as it goes.
    if (this.gathered.length > 0 && reason instanceof QueueShutDown) {
      this.resolve(this.gathered)
      this.core.afterWait()
      return
    }
    this.core.putBack(this.gathered)
    super.onFail(reason)
  }

  protected override onWithdraw(reason: unknown): void {
    if (this.gathered.length > 0 && (reason as { code?: unknown } | null)?.code === 'QUEUE_TIMEOUT') {
      this.resolve(this.gathered)
      this.core.afterWait()
      return
    }
    this.core.putBack(this.gathered)
    super.onFail(reason)
  }
}
