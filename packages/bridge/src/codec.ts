/**
 * Turns an item into bytes in the ring and back.
 *
 * `encode` writes straight into shared memory that the other thread cannot see yet, `decode` reads shared memory that the other
 * thread no longer writes. Both run on the hot path of every put and get: no allocation that the item does not need.
 *
 * A codec of one's own implements the first three members and is given to both ends; the others are ways to be faster.
 */
export interface Codec<T> {
  /** What both ends compare: two codecs of one name must understand each other's bytes. */
  readonly name: string

  /**
   * Writes `item` into `target` from `offset` on and never at or beyond `limit`.
   *
   * Whatever it throws (a value that cannot be cloned, a value out of its field's range) reaches the caller of `put()`; the ring
   * is then as it was, since nothing written here is visible before it is published.
   *
   * @returns the position after the last byte written, or -1 when the item does not fit; anything else is refused. After -1 the bytes
   *   between `offset` and `limit` are of no meaning; the caller asks again with more room.
   */
  encode(item: T, target: Uint8Array, offset: number, limit: number): number

  /**
   * Reads what one `encode` wrote: exactly the bytes from `start` to `end`, and none outside.
   *
   * @returns an item that owns its memory: `source` is overwritten as soon as this returns.
   * @throws {CodecError} code CODEC_CORRUPT when the bytes are none that `encode` writes.
   */
  decode(source: Uint8Array, start: number, end: number): T

  /**
   * The item's bytes where they lie, for leases: an item that is bytes shows exactly those. Without it a lease shows what `encode`
   * wrote.
   */
  view?(source: Uint8Array, start: number, end: number): Uint8Array

  /** Exactly how many bytes `encode` would write, where that is cheaper to tell than to try. */
  size?(item: T): number

  /**
   * The very bytes that `encode` would write last, where an item is nothing but bytes; undefined where it is more. A thread that stops
   * until they have left need not copy them before. @throws as `encode` does
   */
  bytesOf?(item: T): Uint8Array | undefined

  /** What `encode` would write before the bytes that `bytesOf` gave. Without it nothing. */
  headOf?(bytes: Uint8Array): Uint8Array

  /**
   * Of an item of `length` bytes that begins with those from `start` to `end`: how long its head is, if bytes that `adopt` takes follow
   * it; 0 if they do not. Goes with `headOf`.
   */
  headIn?(source: Uint8Array, start: number, end: number, length: number): number

  /** As `decode` of all of `bytes`, without the head, which nobody else has: the item may lie in them. */
  adopt?(bytes: Uint8Array<ArrayBuffer>): T

  /**
   * What cuts items from a copy of many records, where they are the very bytes of those and may lie in memory that others lie in too;
   * undefined where each has to have its own. Asked once by each reading end.
   */
  cutter?(): Cutter<T> | undefined

  /**
   * Bytes an item takes when every item takes the same, a multiple of 8: many can then lie side by side in one record, and one
   * header, one publication and one loop serve them all. The reading end may decode some of them before they are taken, and once more
   * when they are.
   */
  readonly fixedSize?: number

  /** Where only some items take `fixedSize` bytes, and no others as many: whether this one does. Without it all of them do. */
  isFixed?(item: T): boolean

  /**
   * Writes `items[from]` to `items[to - 1]`, all of them of `fixedSize`, side by side; there is room for them all.
   * Same bytes as so many `encode`s.
   */
  encodeRun?(items: ArrayLike<T>, from: number, to: number, target: Uint8Array, offset: number): void

  /** Reads `count` items of `fixedSize` that lie side by side into `into[at]` and on. Same items as so many `decode`s. */
  decodeRun?(source: Uint8Array, start: number, count: number, into: T[], at: number): void

  /**
   * An array of `count` items of whatever value, for `decodeRun` to overwrite: where that is quicker than to have an empty one grow.
   * Only with a `decodeRun` that never throws.
   */
  blankRun?(count: number): T[]

  /**
   * Writes `items[from]` and those after it, up to `items[to - 1]` and never at or beyond `limit`, as one bundle: each as `encode` would
   * write it, or so that `decode` cannot tell, behind one byte that says how many bytes that is, 127 at most. Goes with `decodeBundle`.
   *
   * @returns how many; 0 leaves the first to `encode`, as does what this throws
   */
  encodeBundle?(
    items: ArrayLike<T>,
    from: number,
    to: number,
    target: Uint8Array,
    offset: number,
    limit: number,
  ): number

  /**
   * Appends up to `max` of the items of the bundle that lies between `start` and `end` to `into`. Same items as so many `decode`s, of
   * which some may be asked for again when they are taken. Never throws: one that cannot be decoded is left to `decode`.
   *
   * @returns how many
   */
  decodeBundle?(source: Uint8Array, start: number, end: number, max: number, into: T[]): number
}

/**
 * Copies several records out of a ring at once and cuts them into their items: one copy for all of them, and their headers are read where
 * the other core has no part in them. Nothing comes between a `copy()` and its `keep()`.
 */
export interface Cutter<T> {
  /** Whether an item of so many bytes is to be cut. */
  accepts(length: number): boolean
  /** Copies what lies between `start` and `end`, multiples of 8. @returns where the copy lies, a multiple of 8 */
  copy(source: Uint8Array, start: number, end: number): number
  /** The word that lies there in the copy. */
  word(at: number): number
  /** The item that lies there in the copy. */
  cut(at: number, length: number): T
  /** Up to there the copy belongs to items; what follows may be written again. */
  keep(end: number): void
}

/** What a `Codec<C>` carries. */
export type ItemOfCodec<C> = C extends Codec<infer T> ? T : never
