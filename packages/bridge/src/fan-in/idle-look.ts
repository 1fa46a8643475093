/** Times to go to sleep at once, at most, between two looks that are in vain. */
const MOST_NAPS = 15

/**
 * Whether an idle loop looks for items by itself before it goes to sleep: only where that has found some lately.
 *
 * In dense traffic a look spares a wake-up at each item. In sparse traffic it is always in vain, costs the core, and what it leaves in
 * the caches makes the next wake slower. So each one in vain doubles the times to go to sleep at once until the next, and one that has
 * found something forgets them: no clock is read for it, and how long items are worked on does not matter.
 */
export class IdleLook {
  private naps = 0
  private napsLeft = 0
  private isLooking = false

  /** To ask once each time that the loop has run out of items. @returns whether to look */
  begins(): boolean {
    // Nobody has said that the last one was in vain.
    if (this.isLooking) this.naps = 0
    this.isLooking = this.napsLeft === 0
    if (!this.isLooking) this.napsLeft--
    return this.isLooking
  }

  /** It has found nothing. */
  wasInVain(): void {
    this.isLooking = false
    this.naps = Math.min(MOST_NAPS, 2 * this.naps + 1)
    this.napsLeft = this.naps
  }
}
