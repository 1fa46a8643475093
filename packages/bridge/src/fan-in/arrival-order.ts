import { advanceTicket, NO_TICKET } from '../position.js'
import { claimOf, isGivenOut } from '../tickets.js'
import type { HomeLane } from './home-lane.js'

/**
 * Merges lanes by ticket: the next item is the one with the next ticket, whichever lane it is in.
 *
 * A ticket whose owner was killed, or gave a long item up, never comes. It is known to be lost when it was given out (looked at
 * first), no living lane claims it, and no lane's next record carries it: an owner clears its claim only after publishing.
 */
export class ArrivalOrder {
  constructor(
    private readonly hub: Int32Array<SharedArrayBuffer>,
    private next: number,
    /** Called for each ticket that will never come. */
    private readonly onLost: () => void,
  ) {}

  /** So many items left, from `next` on. */
  advance(items: number): void {
    this.next = advanceTicket(this.next, items)
  }

  /** @returns the index of the lane whose item is next, or -1 while that is not there. */
  find<T>(lanes: readonly HomeLane<T>[]): number {
    const index = this.search(lanes)
    // The records that other lanes hold have been seen, and are not next.
    if (index < 0) for (const lane of lanes) lane.reader.noteLooked()
    return index
  }

  private search<T>(lanes: readonly HomeLane<T>[]): number {
    for (;;) {
      // SYNC: before the claims, and these before the lanes; pairs with TicketBooth.claim() and settle().
      const isOut = isGivenOut(this.hub, this.next)
      if (!isOut) return -1
      const isClaimed = this.isClaimed(lanes)
      const index = this.holder(lanes)
      if (index >= 0) return index
      if (isClaimed || this.isUnderWay(lanes)) return -1
      this.next = advanceTicket(this.next, 1)
      this.onLost()
    }
  }

  /** Whether an end that may still publish is about to own the ticket. */
  private isClaimed<T>(lanes: readonly HomeLane<T>[]): boolean {
    for (const lane of lanes) {
      if (lane.isSealed) continue
      const claim = claimOf(this.hub, lane.reader.slot)
      if (claim !== NO_TICKET && claim === this.next) return true
    }
    return false
  }

  private holder<T>(lanes: readonly HomeLane<T>[]): number {
    for (let i = 0; i < lanes.length; i++) {
      const { items } = lanes[i]
      if (items.ready() && items.ticket === this.next) return i
    }
    return -1
  }

  /** Whether a long item with the ticket has begun to come, from an end that may still go on. */
  private isUnderWay<T>(lanes: readonly HomeLane<T>[]): boolean {
    for (const lane of lanes) if (!lane.isSealed && lane.items.isPartialOf(this.next)) return true
    return false
  }
}
