import type { Parcel } from '../parcel.js'

/** An item that waits at home for a consumer, as bytes. */
export interface Delivery {
  readonly parcel: Parcel
  /** How many consumers have had it in their hands. */
  deliveries: number
}

/** Items that were put and that no lane has taken up: first what came back from lost consumers, then the rest, first in, first out. */
export class Backlog {
  /** Bytes of all of them. */
  bytes = 0
  private returned: Delivery[] = []
  private fresh: Delivery[] = []
  private head = 0

  get size(): number {
    return this.returned.length + this.fresh.length - this.head
  }

  get first(): Delivery | undefined {
    return this.returned.length > 0 ? this.returned[0] : this.fresh[this.head]
  }

  push(delivery: Delivery): void {
    this.fresh.push(delivery)
    this.bytes += delivery.parcel.length
  }

  /** Puts back what was on its way, before everything else and in its order. */
  giveBack(deliveries: readonly Delivery[]): void {
    this.returned.unshift(...deliveries)
    for (const { parcel } of deliveries) this.bytes += parcel.length
  }

  shift(): void {
    const { first } = this
    if (first === undefined) return
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
    this.bytes = 0
  }
}
