import { LANE_CAPACITY, LANE_CONTROL_WORDS, LANE_SLOT, maxPayload, RING_OFFSET } from './layout.js'

/**
 * The protocol of one lane: a byte ring with one writing and one reading end, and nothing else.
 *
 * Invariants:
 * - `reader <= position published <= position written`, never more than the capacity apart, compared by difference.
 * - Bytes from the published position on belong to the writing end, those from the read position up to it to the reading end.
 *   No byte belongs to both, so plain loads and stores of the ring never race.
 * - A record is visible whole or not at all: one compare-exchange of WRITE_POSITION publishes it with everything before it.
 *   A thread that is killed anywhere else leaves the ring as its last publication left it.
 * - The reading end may set SEALED in WRITE_POSITION. The writing end's compare-exchange then fails: what was published before
 *   is delivered, what was not is refused to whoever put it, and neither side needs to wait for the other to know which.
 */
export abstract class LaneEnd {
  readonly control: Int32Array<SharedArrayBuffer>
  /** The ring as bytes, for codecs. */
  readonly bytes: Uint8Array<SharedArrayBuffer>
  /** The ring as words, for record headers. */
  readonly words: Int32Array<SharedArrayBuffer>
  /** The ring as doubles, for items that are numbers. */
  readonly doubles: Float64Array<SharedArrayBuffer>
  readonly capacity: number
  /** Longest payload of a record. */
  readonly longest: number
  readonly slot: number
  protected readonly mask: number

  constructor(
    readonly hub: Int32Array<SharedArrayBuffer>,
    private readonly memory: SharedArrayBuffer,
  ) {
    this.control = new Int32Array(memory, 0, LANE_CONTROL_WORDS)
    this.capacity = this.control[LANE_CAPACITY]
    this.slot = this.control[LANE_SLOT]
    this.bytes = new Uint8Array(memory, RING_OFFSET, this.capacity)
    this.words = new Int32Array(memory, RING_OFFSET, this.capacity / 4)
    this.doubles = new Float64Array(memory, RING_OFFSET, this.capacity / 8)
    this.mask = this.capacity - 1
    this.longest = maxPayload(this.capacity)
  }

  /** A view of `bytes`. Its buffer is known here; asking `bytes` for it would cost as much as the view. */
  viewBetween(start: number, end: number): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.memory, RING_OFFSET + start, end - start)
  }
}
