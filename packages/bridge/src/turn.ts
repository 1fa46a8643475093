import { nextTurn, shared } from './runtime.js'

/** What a queue does when the event loop has been round once. */
export interface TurnTaker {
  onTurn(): void
  /** Whether it has asked for the next turn already. Written by `Turn` only. */
  isInTurn: boolean
}

/** The clock is read at least every so many items. */
const LONGEST_STEP = 32

/**
 * One uninterrupted stretch of service on this thread's event loop, shared by all queues of the thread.
 *
 * Awaiting values that are ready never leaves the microtask queue: without a limit a flood stops timers and I/O. The first item of
 * a stretch asks for a macrotask; if that has not come within the budget, the loop is starved and the next wait must wait for it.
 */
class Turn {
  private takers: TurnTaker[] = []
  private isScheduled = false
  private startedAt = 0
  private served = 0
  private step = 1
  /** Items until the clock is read again. */
  private countdown = 0

  /** Has `taker.onTurn()` called in the next macrotask, once. */
  join(taker: TurnTaker): void {
    if (taker.isInTurn) return
    taker.isInTurn = true
    this.takers.push(taker)
    if (this.isScheduled) return
    this.isScheduled = true
    nextTurn(this.end)
  }

  /**
   * Counts `items` that are about to be served.
   * @param budgetMs - how long a stretch may last
   * @returns whether the stretch has lasted that long: serve none before the next turn.
   */
  isSpent(items: number, taker: TurnTaker, budgetMs: number): boolean {
    this.countdown -= items
    this.served += items
    return this.countdown < 0 && this.readClock(taker, budgetMs)
  }

  /**
   * How many items may be served before the clock is read again: those that are, `spend()` has to be told of.
   * @returns 0 when the stretch has lasted for its budget: serve none before the next turn.
   */
  affordable(taker: TurnTaker, budgetMs: number): number {
    return this.countdown < 1 && this.readClock(taker, budgetMs) ? 0 : this.countdown
  }

  /** So many items are served beyond those that `isSpent()` was told of: a batch is one for it, and as long as its items. */
  spend(items: number): void {
    this.countdown -= items
    this.served += items
  }

  private readClock(taker: TurnTaker, budgetMs: number): boolean {
    const now = performance.now()
    if (this.startedAt === 0) {
      this.startedAt = now
      this.served = 1
      this.countdown = this.step
      this.join(taker)
      return false
    }
    const elapsed = now - this.startedAt
    if (elapsed >= budgetMs) {
      this.join(taker)
      return true
    }
    // As many items as are expected to use up half of what is left, so that a slow handler has its clock read more often.
    const affordable = elapsed > 0 ? ((budgetMs - elapsed) * this.served) / elapsed / 2 : LONGEST_STEP
    this.step = Math.max(1, Math.min(LONGEST_STEP, affordable) | 0)
    this.countdown = this.step
    return false
  }

  private readonly end = (): void => {
    const { takers } = this
    this.takers = []
    this.isScheduled = false
    this.startedAt = 0
    this.countdown = 0
    for (const taker of takers) {
      taker.isInTurn = false
      taker.onTurn()
    }
  }
}

export const turn = shared('turn', () => new Turn())
