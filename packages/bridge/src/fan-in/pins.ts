import { Lease } from './lease.js'
import { LeaseBatch } from './lease-batch.js'
import type { Shower, Spans } from './spans.js'

/** What holds bytes of a ring: nothing from its position on may be given back. */
export interface Pin {
  readonly position: number
  /** Its neighbours among those that are held, by `Pins` only. */
  earlier: Pin | undefined
  later: Pin | undefined
}

/** Who is told that a lease on its ring has ended. */
export interface Lessor {
  takeBack(pin: Pin): void
}

/** A lease on bytes in the ring. */
export class PinningLease extends Lease implements Pin {
  // Declared only: the fields of a derived class are defined in a function of their own, which doubles the cost of making one.
  declare readonly position: number
  declare private readonly lessor: Lessor
  declare earlier: Pin | undefined
  declare later: Pin | undefined

  constructor(bytes: Uint8Array, position: number, lessor: Lessor) {
    super(bytes)
    this.position = position
    this.lessor = lessor
    this.earlier = undefined
    this.later = undefined
  }

  protected override onRelease(): void {
    this.lessor.takeBack(this)
  }
}

/** Leases on several items, some or all of them in the ring. */
export class PinningBatch extends LeaseBatch implements Pin {
  declare readonly position: number
  declare private readonly lessor: Lessor
  declare earlier: Pin | undefined
  declare later: Pin | undefined

  constructor(spans: Spans, shower: Shower, position: number, lessor: Lessor) {
    super(spans, shower)
    this.position = position
    this.lessor = lessor
    this.earlier = undefined
    this.later = undefined
  }

  protected override onRelease(): void {
    this.lessor.takeBack(this)
  }
}

/** The leases and batches of leases held on one lane, in the order of the ring: space is given back up to the first of them. */
export class Pins {
  private first: Pin | undefined
  private last: Pin | undefined

  /** @param pin - on bytes behind those of all others */
  add(pin: Pin): void {
    const { last } = this
    if (last === undefined) this.first = pin
    else {
      last.later = pin
      pin.earlier = last
    }
    this.last = pin
  }

  remove(pin: Pin): void {
    const { earlier, later } = pin
    if (earlier === undefined) this.first = later
    else earlier.later = later
    if (later === undefined) this.last = earlier
    else later.earlier = earlier
    // A lease that is kept after its release keeps no others.
    pin.earlier = undefined
    pin.later = undefined
  }

  /** How far space may be given back: to the first held lease, or, when none is held, to `end`. */
  limit(end: number): number {
    return this.first === undefined ? end : this.first.position
  }
}
