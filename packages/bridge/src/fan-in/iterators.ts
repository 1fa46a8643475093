import { readTerms, type WaitOptions } from '@millrace/queue/waiting'
import {
  BatchGetter,
  type Iteration,
  type IterationGetter,
  LeaseBatchGetter,
  LeaseGetter,
  NextGetter,
} from './getters.js'
import type { Intake } from './intake.js'
import { type LeaseSource, NOTHING } from './item-source.js'
import type { Lease } from './lease.js'
import type { LeaseBatch } from './lease-batch.js'

/**
 * What `for await` drives. Written out rather than an async generator: a generator would await items that are thenables, and would
 * queue `return()` behind a `next()` that may never settle.
 */
abstract class FanInIterator<T, V> implements AsyncIterableIterator<V, undefined>, Iteration {
  done = false
  pending = 0

  constructor(
    protected readonly core: Intake<T>,
    private readonly options: WaitOptions | undefined,
  ) {}

  protected abstract take(): V
  protected abstract getter(): IterationGetter<T, V>

  next(): Promise<IteratorResult<V, undefined>> {
    const { core } = this
    if (this.done) return Promise.resolve({ value: undefined, done: true })
    const terms = readTerms(this.options)
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    if (core.mayServe(1)) {
      try {
        if (core.ready()) return Promise.resolve({ value: this.take(), done: false })
      } catch (error) {
        return Promise.reject(error)
      }
      const end = core.endOf('next()')
      if (end !== undefined) return this.finish(end.error)
    }
    return core.wait(this.getter(), terms)
  }

  private finish(error: unknown): Promise<IteratorResult<V, undefined>> {
    this.done = true
    const isEnd = (error as { code?: unknown } | undefined)?.code === 'QUEUE_SHUT_DOWN'
    return isEnd ? Promise.resolve({ value: undefined, done: true }) : Promise.reject(error)
  }

  /** Ends the iteration, pending `next()` calls included; nothing is taken and nothing shut down. */
  return(value?: PromiseLike<undefined> | undefined): Promise<IteratorResult<V, undefined>> {
    this.done = true
    if (this.pending > 0) {
      for (const waiter of this.core.getters.all()) {
        const candidate = waiter as Partial<IterationGetter<T, V>>
        if (candidate.iteration === this) candidate.end?.()
      }
      this.pending = 0
    }
    return Promise.resolve(value).then((settled) => ({ value: settled, done: true }))
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

export class ItemIterator<T> extends FanInIterator<T, T> {
  override next(): Promise<IteratorResult<T, undefined>> {
    if (!this.done) {
      try {
        const value = this.core.takeNext()
        if (value !== NOTHING) return Promise.resolve({ value, done: false })
      } catch (error) {
        return Promise.reject(error)
      }
    }
    return super.next()
  }

  protected take(): T {
    return this.core.take()
  }

  protected getter(): NextGetter<T> {
    return new NextGetter(this.core, this)
  }
}

export class BatchIterator<T> extends FanInIterator<T, T[]> {
  constructor(
    core: Intake<T>,
    options: WaitOptions | undefined,
    private readonly max: number,
  ) {
    super(core, options)
  }

  protected take(): T[] {
    return this.core.takeMany(this.max)
  }

  protected getter(): BatchGetter<T> {
    return new BatchGetter(this.core, this, this.max)
  }
}

export class LeaseIterator<T> extends FanInIterator<T, Lease> {
  constructor(private readonly lessor: Intake<T> & LeaseSource<T>) {
    super(lessor, undefined)
  }

  override next(): Promise<IteratorResult<Lease, undefined>> {
    if (!this.done) {
      try {
        const value = this.lessor.leaseNext()
        if (value !== undefined) return Promise.resolve({ value, done: false })
      } catch (error) {
        return Promise.reject(error)
      }
    }
    return super.next()
  }

  protected take(): Lease {
    return this.lessor.lease()
  }

  protected getter(): LeaseGetter<T> {
    return new LeaseGetter(this.lessor, this)
  }
}

export class LeaseBatchIterator<T> extends FanInIterator<T, LeaseBatch> {
  constructor(
    private readonly lessor: Intake<T> & LeaseSource<T>,
    options: WaitOptions | undefined,
    private readonly max: number,
  ) {
    super(lessor, options)
  }

  protected take(): LeaseBatch {
    return this.lessor.leaseMany(this.max)
  }

  protected getter(): LeaseBatchGetter<T> {
    return new LeaseBatchGetter(this.lessor, this, this.max)
  }
}
