import type { Putter, QueueCore } from './queue-core.js'
import { Waiter } from './waiting/waiter-list.js'

/** A `put()` that waits for room. */
export class ItemPutter<T> extends Waiter<void> implements Putter<T, void> {
  // Declared, as the fields of a Waiter are, and for the same reason.
  declare readonly weight: number
  declare private item: T

  constructor(item: T, weight: number) {
    super()
    this.weight = weight
    this.item = item
  }

  offer(): { readonly item: T } {
    return { item: this.item }
  }

  admit(core: QueueCore<T>): void {
    // Out of the list first: what the storage calls could come back here.
    this.leave()
    try {
      core.accept(this.item, this.weight)
    } catch (error) {
      this.onFail(error)
      return
    }
    this.onFulfil()
  }

  protected override onFail(reason: unknown): void {
    this.reject(reason)
    // The error's stack may hold on to this waiter for as long as somebody holds on to the error.
    this.item = undefined as T
  }
}

/** A `putMany()` that waits for room: it keeps its place until all its items are in. */
export class BatchPutter<T> extends Waiter<number> implements Putter<T, number> {
  weight: number
  #item: T
  #accepted: number
  readonly #rest: Iterator<T>

  /** @param accepted - how many went in before it had to wait for `item`; `rest` is what follows. */
  constructor(item: T, weight: number, accepted: number, rest: Iterator<T>) {
    super()
    this.weight = weight
    this.#item = item
    this.#accepted = accepted
    this.#rest = rest
  }

  override get operation(): string {
    return 'putMany()'
  }

  offer(): { readonly item: T } {
    return { item: this.#item }
  }

  admit(core: QueueCore<T>): void {
    try {
      core.accept(this.#item, this.weight)
      this.#accepted++
      const { done, value } = this.#rest.next()
      if (done) {
        this.fulfil(this.#accepted)
        return
      }
      this.weight = core.weightOf(value)
      this.#item = value
    } catch (error) {
      this.fail(error)
    }
  }

  /** The queue was shut down, failed, or refused the item. */
  protected override onFail(reason: unknown): void {
    closeIterator(this.#rest)
    super.onFail(reason)
  }

  /** Cut short by its caller: what is in stays in, and the caller learns how much that is. */
  protected override onWithdraw(reason: unknown): void {
    closeIterator(this.#rest)
    if (this.#accepted > 0) this.resolve(this.#accepted)
    else this.reject(reason)
  }
}

/** Tells an iterator that no more is wanted of it; there is a result already that its complaints must not replace. */
export function closeIterator(iterator: Iterator<unknown>): void {
  try {
    iterator.return?.()
  } catch {}
}
