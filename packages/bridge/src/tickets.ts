import type { Doorbell } from './doorbell.js'
import { claimWord, NEXT_TICKET, STATE, TICKET_LIMIT } from './layout.js'
import { advanceTicket, NO_TICKET, ticketDistance } from './position.js'

type Words = Int32Array<SharedArrayBuffer>

/**
 * Tickets: one counter over all lanes, for `order: 'arrival'` (records leave in ticket order) and `maxItems` (no ticket at or
 * beyond TICKET_LIMIT is given out; the home end moves it on as items leave).
 *
 * Invariants:
 * - Room in the ring is there before a ticket is claimed, so nobody parks holding one.
 * - A writing end stores the ticket it is about to take in its CLAIM before its compare-exchange of NEXT_TICKET, and clears it
 *   after the publication. So a ticket that was given out is in some CLAIM, or in a published record, or its owner was killed.
 */
export class TicketBooth {
  private readonly claimIndex: number

  constructor(
    private readonly hub: Words,
    slot: number,
    /** Whether TICKET_LIMIT holds. */
    readonly isBounded: boolean,
  ) {
    this.claimIndex = claimWord(slot)
  }

  /** How many tickets may be claimed now, as far as can be told; `wanted` at most. */
  available(wanted: number): number {
    if (!this.isBounded) return wanted
    // SYNC: NEXT_TICKET first. The limit may only grow after that, so the difference is never above what was free.
    const next = Atomics.load(this.hub, NEXT_TICKET)
    return Math.min(ticketDistance(Atomics.load(this.hub, TICKET_LIMIT), next), wanted)
  }

  /** @returns the first of `count` tickets in a row, or NO_TICKET when the limit does not allow so many. */
  claim(count: number): number {
    for (;;) {
      const ticket = Atomics.load(this.hub, NEXT_TICKET)
      if (this.isBounded && ticketDistance(Atomics.load(this.hub, TICKET_LIMIT), ticket) < count) {
        Atomics.store(this.hub, this.claimIndex, NO_TICKET)
        return NO_TICKET
      }
      // SYNC: before the compare-exchange; pairs with isLost(), which reads NEXT_TICKET before the claims.
      Atomics.store(this.hub, this.claimIndex, ticket)
      if (Atomics.compareExchange(this.hub, NEXT_TICKET, ticket, advanceTicket(ticket, count)) === ticket) return ticket
    }
  }

  /** The records with the tickets claimed last are published, or never will be. */
  settle(): void {
    Atomics.store(this.hub, this.claimIndex, NO_TICKET)
  }

  /** Sleeps until the limit has moved, unless it has by now. This THREAD stops, for `timeoutMs` at most. Returns spuriously. */
  sleepForTicket(doorbell: Doorbell, timeoutMs: number): void {
    doorbell.raise()
    // SYNC: the second look after raise(); the home end stores TICKET_LIMIT before it looks at the doorbells.
    if (Atomics.load(this.hub, STATE) === 0 && this.available(1) < 1) doorbell.sleep(timeoutMs)
    doorbell.lower()
  }
}

/** Whether `ticket` has been given out. Read this before the claims and the lanes. */
export function isGivenOut(hub: Words, ticket: number): boolean {
  return ticketDistance(Atomics.load(hub, NEXT_TICKET), ticket) > 0
}

/** The ticket that the writing end in `slot` is about to publish, or NO_TICKET. */
export function claimOf(hub: Words, slot: number): number {
  return Atomics.load(hub, claimWord(slot))
}

/**
 * The next ticket, if at this moment nobody is between claiming one and publishing its record: then every ticket before it was
 * published, given up, or died with its owner. NO_TICKET when somebody is.
 */
export function quiescentTicket(hub: Words, slots: readonly number[]): number {
  // SYNC: NEXT_TICKET before and after the claims: unchanged, no ticket was given out meanwhile; no claim, none was under way.
  const next = Atomics.load(hub, NEXT_TICKET)
  for (const slot of slots) if (Atomics.load(hub, claimWord(slot)) !== NO_TICKET) return NO_TICKET
  return Atomics.load(hub, NEXT_TICKET) === next ? next : NO_TICKET
}
