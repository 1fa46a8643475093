import { ringRemote } from '../doorbell.js'
import { TICKET_LIMIT } from '../layout.js'
import { advanceTicket, NO_TICKET, ticketDistance } from '../position.js'
import { quiescentTicket } from '../tickets.js'
import type { HomeLane } from './home-lane.js'

/** The limit that `maxItems` sets: how many tickets may be given out, as items leave. Without one, or with 0 for it, nothing happens. */
export class TicketLimit {
  private published: number

  constructor(
    private readonly hub: Int32Array<SharedArrayBuffer>,
    private readonly lanes: readonly HomeLane<unknown>[],
    private readonly maxItems: number,
    /** Tickets whose items have left; TICKET_LIMIT follows it. */
    private gone: number,
  ) {
    this.published = gone
  }

  /** So many tickets are in nobody's way any more. */
  leave(tickets: number): void {
    if (this.maxItems !== 0) this.gone = advanceTicket(this.gone, tickets)
  }

  /** Shows the producers how far the limit has moved, and wakes those that wait for it. */
  publish(): void {
    if (this.published === this.gone) return
    this.published = this.gone
    Atomics.store(this.hub, TICKET_LIMIT, advanceTicket(this.gone, this.maxItems))
    for (const { reader } of this.lanes) ringRemote(reader.control)
  }

  /**
   * Finds tickets that will never be used: their owners were killed between claiming and publishing, or gave up.
   * Known exactly when all that is there was taken and nobody is under way; that comes, for without it no more is given out.
   */
  findLost(): void {
    if (this.maxItems === 0) return
    let partials = 0
    const slots: number[] = []
    for (const lane of this.lanes) {
      if (!lane.isSealed) slots.push(lane.reader.slot)
    }
    const next = quiescentTicket(this.hub, slots)
    if (next === NO_TICKET) return
    for (const lane of this.lanes) {
      if (lane.items.ready()) return
      if (lane.items.isPartial && !lane.isSealed) partials++
    }
    const gone = advanceTicket(next, -partials)
    if (ticketDistance(gone, this.gone) <= 0) return
    this.gone = gone
    this.publish()
  }
}
