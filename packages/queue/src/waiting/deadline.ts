/** The longest delay that a platform timer keeps; anything longer fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1
/** By how much a platform timer may fire early against the monotonic clock. */
const TIMER_GRAIN = 1.5

/**
 * A timer that calls `expired` once, `timeout` milliseconds from now by the monotonic clock, unless cancelled before.
 *
 * Timers are taken from `globalThis` at call time, so that fake timers work. They hold the process open, so that the
 * timeout of a program's last wait can be seen.
 */
export class Deadline {
  readonly #expired: () => void
  #remaining: number
  #armedAt = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param timeout - milliseconds, finite, above 0; longer than a platform timer can hold is fine. */
  constructor(timeout: number, expired: () => void) {
    this.#expired = expired
    this.#remaining = timeout
    this.#arm()
  }

  cancel(): void {
    globalThis.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm(): void {
    this.#armedAt = performance.now()
    this.#timer = globalThis.setTimeout(fire, Math.min(this.#remaining, LONGEST_TIMER), this)
  }

  /** The timer's callback, a static one: a closure apiece would be one more object a wait. */
  static fired(deadline: Deadline): void {
    deadline.#fired()
  }

  #fired(): void {
    const elapsed = performance.now() - this.#armedAt
    const missing = this.#remaining - elapsed
    // A real timer may fire a fraction early. A faked one fires when it is told to, whatever the clock says: there
    // the clock has hardly moved, and the timer is to be believed.
    const early = missing > 0 && missing <= TIMER_GRAIN && missing <= elapsed
    if (this.#remaining > LONGEST_TIMER) this.#remaining -= LONGEST_TIMER
    else if (early) this.#remaining = missing
    else {
      this.#timer = undefined
      this.#expired()
      return
    }
    this.#arm()
  }
}

const fire = Deadline.fired
