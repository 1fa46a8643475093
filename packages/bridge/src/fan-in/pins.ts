import { Lease } from './lease.js'

/** Who is told that a lease on its ring has ended. */
export interface Lessor {
  takeBack(lease: PinningLease): void
}

/** A lease on bytes in the ring: while it is held, nothing from its position on may be given back. */
export class PinningLease extends Lease {
  // Declared only: the fields of a derived class are defined in a function of their own, which doubles the cost of making one.
  declare readonly position: number
  declare private readonly lessor: Lessor
  /** Its neighbours among those that are held, by `Pins` only. */
  declare earlier: PinningLease | undefined
  declare later: PinningLease | undefined

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

/** The leases held on one lane, in the order of the ring: space is given back up to the first of them. */
export class Pins {
  private first: PinningLease | undefined
  private last: PinningLease | undefined

  /** @param lease - on bytes behind those of all others */
  add(lease: PinningLease): void {
    const { last } = this
    if (last === undefined) this.first = lease
    else {
      last.later = lease
      lease.earlier = last
    }
    this.last = lease
  }

  remove(lease: PinningLease): void {
    const { earlier, later } = lease
    if (earlier === undefined) this.first = later
    else earlier.later = later
    if (later === undefined) this.last = earlier
    else later.earlier = earlier
    // A lease that is kept after its release keeps no others.
    lease.earlier = undefined
    lease.later = undefined
  }

  /** How far space may be given back: to the first held lease, or, when none is held, to `end`. */
  limit(end: number): number {
    return this.first === undefined ? end : this.first.position
  }
}
