/**
 * Positions, counts and tickets are monotonic and live in Int32 words, so they wrap: compare them by difference, never by `<`.
 * A difference is right while the two are less than 2^31 (tickets: 2^30) apart, which the sizes allowed in layout.ts ensure.
 */

/** `position` moved on by `amount`. */
export function advance(position: number, amount: number): number {
  return (position + amount) | 0
}

/** How far `ahead` is in front of `behind`; negative when it is behind it. */
export function distance(ahead: number, behind: number): number {
  return (ahead - behind) | 0
}

/** Next multiple of 8 that is not below `length`. */
export function alignUp(length: number): number {
  return (length + 7) & ~7
}

/** Tickets keep the sign bit free, so that a word can also say "no ticket". */
export const NO_TICKET = -1

export function advanceTicket(ticket: number, amount: number): number {
  return (ticket + amount) & 0x7fffffff
}

/** How far ticket `ahead` is in front of `behind`; negative when it is behind it. */
export function ticketDistance(ahead: number, behind: number): number {
  return ((ahead - behind) << 1) >> 1
}
