import type { Codec } from './codec.js'
import { allocateUnfilled, viewBetween } from './codecs/memory.js'
import type { LaneReader } from './lane-reader.js'
import { ABANDON, FRAGMENT_FIRST, FRAGMENT_LAST } from './layout.js'
import { NO_TICKET } from './position.js'

/** An item that is longer than half a lane, as its reading end puts it together: it is nothing, begun, or whole. */
export class LongItem<T> {
  /** Its bytes, once its last fragment is there. */
  private whole: Uint8Array<ArrayBuffer> | undefined
  private parts: Uint8Array<ArrayBuffer> | undefined
  private filled = 0
  /** Whether it is bytes that its codec takes as they are, its head left out. */
  private isAdoptable = false
  /** Of the item that is begun or whole. */
  ticket = NO_TICKET
  /** Items that were begun and given up, so far. */
  abandoned = 0

  constructor(
    private readonly lane: LaneReader,
    private readonly codec: Codec<T>,
  ) {}

  /** Whether one was begun and not finished. */
  get isBegun(): boolean {
    return this.parts !== undefined
  }

  /** Whether one can be taken. */
  get isWhole(): boolean {
    return this.whole !== undefined
  }

  /** Takes in the record that the lane has stepped onto: a fragment, or the word that the item was given up. */
  absorb(): void {
    const { lane } = this
    let { start } = lane
    const end = start + lane.length
    if (lane.kind === FRAGMENT_FIRST) {
      const size = new Float64Array(lane.bytes.buffer, lane.bytes.byteOffset + start, 1)[0]
      start += Float64Array.BYTES_PER_ELEMENT
      const { codec } = this
      const head = codec.adopt === undefined ? undefined : codec.headIn?.(lane.bytes, start, end, size)
      // Bytes are put together where they are to lie as an item.
      this.isAdoptable = head === undefined ? codec.adopt !== undefined : head > 0
      start += head ?? 0
      this.parts = allocateUnfilled(size - (head ?? 0))
      this.filled = 0
      this.ticket = lane.stamp
    }
    if (lane.kind === ABANDON) {
      this.parts = undefined
      this.abandoned++
    } else if (this.parts !== undefined) {
      this.parts.set(lane.bytes.subarray(start, end), this.filled)
      this.filled += end - start
      if (lane.kind === FRAGMENT_LAST) {
        // As the first fragment said; should it not be so, nothing may show what was in this memory before.
        this.parts.fill(0, this.filled)
        this.whole = this.parts
        this.parts = undefined
      }
    }
    lane.finish(0)
  }

  /** Takes it; it must be whole. Throws what the codec throws; it is taken nevertheless. */
  take(): T {
    const { codec } = this
    const whole = this.leave()
    if (this.isAdoptable && codec.adopt !== undefined) return codec.adopt(whole)
    return codec.decode(whole, 0, whole.length)
  }

  /** As `take()`: the bytes that a lease of it shows. */
  takeBytes(): Uint8Array {
    const { codec } = this
    const whole = this.leave()
    if (this.isAdoptable) return whole
    return codec.view === undefined ? viewBetween(whole, 0, whole.length) : codec.view(whole, 0, whole.length)
  }

  /** As `take()`, for nobody. */
  skip(): void {
    this.leave()
  }

  /** Forgets one that was begun. */
  forget(): void {
    this.parts = undefined
  }

  private leave(): Uint8Array<ArrayBuffer> {
    const whole = this.whole as Uint8Array<ArrayBuffer>
    this.whole = undefined
    this.lane.countTaken(1)
    return whole
  }
}
