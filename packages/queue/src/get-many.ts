import type { QueueTimeout } from './errors.js'
import type { QueueCore } from './queue-core.js'
import { readTerms, type WaitOptions } from './waiting/wait-terms.js'
import { Waiter } from './waiting/waiter-list.js'

export interface GetManyOptions extends WaitOptions {
  /** Items to take at most. @default all that is there */
  max?: number | undefined
  /** Items to wait for at least; 0 takes what is there without waiting. @default 1 */
  min?: number | undefined
}

/** A `getMany()` that waits: it keeps its turn, and the items that it has, until it has `min` of them. */
class BatchGetter<T> extends Waiter<T, T[]> {
  readonly #core: QueueCore<T>
  readonly #items: T[]
  readonly #min: number

  constructor(core: QueueCore<T>, items: T[], min: number) {
    super()
    this.#core = core
    this.#items = items
    this.#min = min
  }

  override get operation(): string {
    return 'getMany()'
  }

  override fulfil(item: T): void {
    this.#items.push(item)
    if (this.#items.length < this.#min) return
    this.leave()
    this.resolve(this.#items)
  }

  /** The queue ends: what it has is all that there will be. */
  protected override onFail(reason: unknown): void {
    if (this.#items.length > 0) this.resolve(this.#items)
    else this.reject(reason)
  }

  /** Given up: nothing was taken, but for what cannot be given back. To have that, the call was given up too late. */
  protected override onWithdraw(reason: unknown): void {
    const kept = this.#core.putBack(this.#items)
    if (kept.length > 0) this.resolve(kept)
    else this.reject(reason)
  }

  /** The time to gather is over: what it has is the result. */
  protected override onExpire(error: QueueTimeout): void {
    this.onFail(error)
  }
}

/** What `queue.getMany()` does; its documentation is there. */
export function getMany<T>(core: QueueCore<T>, options?: GetManyOptions): Promise<T[]> {
  const terms = readTerms(options)
  if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
  const { min = 1, max = Number.POSITIVE_INFINITY } = options ?? {}
  try {
    checkCount('min', min)
    checkCount('max', max)
    if (max < min) throw new RangeError(`expected max to be at least min, got max ${max} and min ${min}`)
    const items = takeUpTo(core, max, min)
    // Fewer than there are: what was taken of a storage that fails now, and does not take it back.
    if (items.length > 0 && (items.length >= min || core.available())) return core.paced(items)
    if (core.ended) return items.length > 0 ? core.paced(items) : Promise.reject(core.endError('getMany()'))
    if (min === 0) return Promise.resolve(items)
    if (terms.timeout === 0)
      return items.length > 0 ? Promise.resolve(items) : Promise.reject(core.getters.timedOut(0, 'getMany()'))
    core.dated?.idle()
    return core.getters.append(new BatchGetter(core, items, min), terms)
  } catch (error) {
    return Promise.reject(error)
  }
}

/**
 * Takes what is there, up to `max` items, and what waiting puts bring as soon as there is room for it. Without a `max`
 * that is one item a waiting put, or as many as `min` wants: a `putMany` of an endless source must not make this endless.
 */
export function takeUpTo<T>(core: QueueCore<T>, max: number, min = 0): T[] {
  if (core.storage.size === 0 && core.putters.size === 0) return []
  if (core.putters.size === 0) return core.takeSome(Math.min(max, core.storage.size))
  const limit = max === Number.POSITIVE_INFINITY ? Math.max(min, core.storage.size + core.putters.size) : max
  const items: T[] = []
  try {
    while (items.length < limit && core.available()) items.push(core.take())
  } catch (error) {
    // A storage that fails half-way: what was taken before that is not lost.
    const kept = core.putBack(items)
    if (kept.length > 0) return kept
    throw error
  }
  return items
}

function checkCount(name: string, count: unknown): void {
  if (typeof count !== 'number' || Number.isNaN(count))
    throw new TypeError(`expected ${name} to be a number, got ${String(count)}`)
  if (count < 0 || (!Number.isInteger(count) && count !== Number.POSITIVE_INFINITY)) {
    throw new RangeError(`expected ${name} to be a whole number of at least 0, got ${count}`)
  }
}
