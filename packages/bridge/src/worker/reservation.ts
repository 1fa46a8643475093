/**
 * Space in the ring to write an item into, without a copy. Ends with `commit()` or `abort()`; until then its producer puts nothing
 * else.
 */
export class Reservation implements Disposable {
  private view: Uint8Array | undefined

  /** Made by `reserve()`. */
  constructor(
    bytes: Uint8Array,
    private readonly onEnd: (length: number) => void,
  ) {
    this.view = bytes
  }

  /** Where to write: a view of the ring, with what was there before in it. @throws {TypeError} once it has ended */
  get bytes(): Uint8Array {
    return this.view ?? this.refuse()
  }

  /**
   * Publishes the first `byteLength` bytes as one item.
   * @param byteLength - default all; fewer give the rest back
   * @throws {RangeError} beyond what was reserved: the reservation stays @throws {QueueShutDown} nothing was put
   */
  commit(byteLength?: number): void {
    const { length } = this.bytes
    if (byteLength !== undefined && !(Number.isInteger(byteLength) && byteLength >= 0 && byteLength <= length)) {
      throw new RangeError(
        `expected commit() to get a whole number of bytes up to the ${length} reserved, got ${byteLength}`,
      )
    }
    this.view = undefined
    this.onEnd(byteLength ?? length)
  }

  /** Gives the space back: nothing was put. Harmless once it has ended. */
  abort(): void {
    if (this.view === undefined) return
    this.view = undefined
    this.onEnd(-1)
  }

  [Symbol.dispose](): void {
    this.abort()
  }

  private refuse(): never {
    throw new TypeError('this reservation has ended: it was committed or aborted before')
  }
}
