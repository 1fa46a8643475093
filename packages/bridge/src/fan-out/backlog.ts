import type { Parcel } from '../parcel.js'

/** Items that wait at home for a consumer, as bytes: one, or several of the codec's fixed size side by side. */
export interface Delivery {
  parcel: Parcel
  items: number
  /** How many consumers have had them in their hands. */
  readonly deliveries: number
}

/** Items that were put and that no lane has taken up: first what came back from lost consumers, then the rest, first in, first out. */
export class Backlog {
  /** Items, and bytes of all of them. */
  size = 0
  bytes = 0
  private returned: Delivery[] = []
  private fresh: Delivery[] = []
  private head = 0

  get first(): Delivery | undefined {
    return this.returned.length > 0 ? this.returned[0] : this.fresh[this.head]
  }

  push(delivery: Delivery): void {
    this.fresh.push(delivery)
    this.size += delivery.items
    this.bytes += delivery.parcel.length
  }

  /** Puts back what was on its way, before everything else and in its order. */
  giveBack(deliveries: readonly Delivery[]): void {
    this.returned = [...deliveries, ...this.returned]
    for (const { parcel, items } of deliveries) {
      this.size += items
      this.bytes += parcel.length
    }
  }

  /** Removes the first `items` of the first delivery. */
  shift(items: number): void {
    const { first } = this
    if (first === undefined) return
    this.size -= items
    if (items < first.items) {
      const { parcel } = first
      first.parcel = partOf(parcel.bytes, (parcel.length / first.items) * items, parcel.length)
      first.items -= items
      this.bytes -= parcel.length - first.parcel.length
      return
    }
    this.bytes -= first.parcel.length
    if (this.returned.length > 0) this.returned.shift()
    // Moved up when at least half is gone: each item is moved once, on average.
    else if (++this.head * 2 >= this.fresh.length && (this.head >= 1024 || this.head === this.fresh.length)) {
      this.fresh = this.fresh.slice(this.head)
      this.head = 0
    }
  }

  clear(): void {
    this.returned = []
    this.fresh = []
    this.head = 0
    this.size = 0
    this.bytes = 0
  }
}

/** The bytes from `start` to `end`, not copied, as a parcel that nothing has left of yet. */
export function partOf(bytes: Uint8Array, start: number, end: number): Parcel {
  return { bytes: bytes.subarray(start, end), length: end - start, sent: 0, isBegun: false }
}
