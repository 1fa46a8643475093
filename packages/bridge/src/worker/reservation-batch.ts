import { recordBytes } from '../layout.js'

/** Whose ring it is. */
interface Ground {
  viewBetween(start: number, end: number): Uint8Array
}

/**
 * Space in the ring for several items of one length, to write them into without a copy; `commit()` publishes them together.
 *
 *     const batch = producer.reserveManyBlocking(64, 1024)
 *     for (const bytes of batch) draw(bytes)
 *     batch.commit()
 *
 * Until it ends, by `commit()` or `abort()`, its producer puts nothing else, and nobody sees any of it: should the thread die before,
 * none of it was put.
 */
export class ReservationBatch implements Disposable, Iterable<Uint8Array> {
  /** Items that there is space for: as many as were asked for or, where fewer fitted side by side, those; at least one. */
  readonly length: number
  private isOpen = true

  /** Made by `reserveMany()`. */
  constructor(
    private readonly ground: Ground,
    private readonly start: number,
    private readonly byteLength: number,
    count: number,
    private readonly onEnd: (count: number, byteLength: number) => void,
  ) {
    this.length = count
  }

  /**
   * Where to write an item: a view of the ring, made anew each time, with what was there before in it.
   *
   * @param index - from 0 to `length - 1`
   * @throws {RangeError} for any other index @throws {TypeError} once the batch has ended
   */
  at(index: number): Uint8Array {
    this.assertOpen()
    if (!(index >= 0 && index < this.length && Number.isInteger(index))) {
      throw new RangeError(`expected the index of one of ${this.length} items, got ${String(index)}`)
    }
    const start = this.start + index * recordBytes(this.byteLength)
    return this.ground.viewBetween(start, start + this.byteLength)
  }

  /** Where to write each item. */
  *[Symbol.iterator](): IterableIterator<Uint8Array, undefined> {
    for (let index = 0; index < this.length; index++) yield this.at(index)
  }

  /**
   * Publishes the first `count` items, all of them together.
   * @param count - default all; fewer give the rest back
   * @throws {RangeError} beyond what was reserved: the reservation stays @throws {QueueShutDown} nothing was put
   */
  commit(count: number = this.length): void {
    this.assertOpen()
    if (!(Number.isInteger(count) && count >= 0 && count <= this.length)) {
      throw new RangeError(`expected commit() to get a number of items up to the ${this.length} reserved, got ${count}`)
    }
    this.isOpen = false
    this.onEnd(count, this.byteLength)
  }

  /** Gives the space back: nothing was put. Harmless once it has ended. */
  abort(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.onEnd(0, 0)
  }

  [Symbol.dispose](): void {
    this.abort()
  }

  private assertOpen(): void {
    if (!this.isOpen) throw new TypeError('these reservations have ended: they were committed or aborted before')
  }
}
