/**
 * One item read in place: `bytes` is a view of the ring until `release()`, when the producer gets the space back.
 *
 * Leases may be released in any order; space is given back in the order in which it was filled. An item that does not lie in the
 * ring in one piece (a long one) has memory of its own, and is read the same way.
 */
export class Lease implements Disposable {
  private view: Uint8Array | undefined

  /** Made by `leases()`. */
  constructor(bytes: Uint8Array) {
    this.view = bytes
  }

  /** The item's bytes: of an item that is bytes exactly those, of any other what its codec wrote. @throws {TypeError} after release() */
  get bytes(): Uint8Array {
    if (this.view === undefined) throw new TypeError("this lease was released: its bytes are the producer's again")
    return this.view
  }

  /** Gives the bytes back; twice is fine. */
  release(): void {
    if (this.view === undefined) return
    this.view = undefined
    this.onRelease()
  }

  [Symbol.dispose](): void {
    this.release()
  }

  protected onRelease(): void {}
}
