import type { Shower, Spans } from './spans.js'

/**
 * Several items read in place, with one `release()` for all of them: each item's bytes are a view of the ring until then, when the
 * producer gets the space back.
 *
 *     for await (const batch of queue.leaseBatches()) {
 *       for (const bytes of batch) read(bytes)
 *       batch.release()
 *     }
 *
 * The items are of one producer, in its order. Batches may be released in any order, among leases too; space is given back in the
 * order in which it was filled. An item that does not lie in the ring in one piece (a long one) has memory of its own, and is read
 * the same way.
 *
 * Cost: a view, made anew whenever an item is asked for; beyond that a few nanoseconds an item.
 */
export class LeaseBatch implements Disposable, Iterable<Uint8Array> {
  /** Items in it, at least one; also after release(). */
  readonly length: number
  private spans: Spans | undefined
  private readonly shower: Shower

  /** Made by `leaseBatches()`. */
  constructor(spans: Spans, shower: Shower) {
    this.length = spans.length
    this.spans = spans
    this.shower = shower
  }

  /**
   * The bytes of one item: of an item that is bytes exactly those, of any other what its codec wrote.
   *
   * @param index - from 0 to `length - 1`
   * @throws {RangeError} for any other index @throws {TypeError} after release()
   */
  at(index: number): Uint8Array {
    const { spans } = this
    if (spans === undefined) throw new TypeError("this batch was released: its bytes are the producer's again")
    if (!(index >= 0 && index < this.length && Number.isInteger(index))) {
      throw new RangeError(`expected the index of one of ${this.length} items, got ${String(index)}`)
    }
    return spans.view(index, this.shower)
  }

  /** The bytes of each item, in the order of the ring. */
  [Symbol.iterator](): IterableIterator<Uint8Array, undefined> {
    return new BatchBytes(this)
  }

  /** Gives all the bytes back; twice is fine. */
  release(): void {
    if (this.spans === undefined) return
    this.spans = undefined
    this.onRelease()
  }

  [Symbol.dispose](): void {
    this.release()
  }

  protected onRelease(): void {}
}

/** Written out: a step of a generator costs as much as the view that it gives. */
class BatchBytes implements IterableIterator<Uint8Array, undefined> {
  private index = 0

  constructor(private readonly batch: LeaseBatch) {}

  next(): IteratorResult<Uint8Array, undefined> {
    const { batch } = this
    if (this.index === batch.length) return { value: undefined, done: true }
    return { value: batch.at(this.index++), done: false }
  }

  [Symbol.iterator](): this {
    return this
  }
}
