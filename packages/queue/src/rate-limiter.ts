import { checkOptions } from './queue-options.js'
import { Deadline } from './waiting/deadline.js'
import { readTerms, type WaitOptions } from './waiting/wait-terms.js'
import { Waiter, WaiterList, WaitingRoom } from './waiting/waiter-list.js'

export interface RateLimiterOptions {
  /** Permissions per interval; above 0. */
  limit: number
  /** Milliseconds; above 0. */
  interval: number
  /**
   * Permissions that are saved up while none are asked for, to go at once. At least 1.
   * @default 1, which spaces them evenly; above 200 a second 5 ms worth, because no timer is finer
   */
  burst?: number | undefined
}

export interface AcquireOptions extends WaitOptions {
  /** Permissions to take at once; at most `burst`. Of fractions a late timer costs what `burst` leaves no room for. @default 1 */
  weight?: number | undefined
}

/** Milliseconds of permissions that are saved up at least by default. */
const TIMER_GRAIN = 5
/** What part of the way to one more permission a late timer may be made up for: not all of it, so that no window holds one more. */
const CATCH_UP = 0.999

class Acquisition extends Waiter<void> {
  readonly weight: number

  constructor(weight: number) {
    super()
    this.weight = weight
  }
}

/**
 * Gives permissions at a steady rate: a token bucket on the monotonic clock.
 *
 * In no stretch of one `interval`, wherever it begins, are more given than `burst` + `limit`. The rate does not drift
 * while permissions are waited for: each is timed from when the one before was due, not from when a timer happened to fire.
 * Ordering: first come, first served. Cost: O(1); one timer however many wait.
 */
export class RateLimiter {
  /** Milliseconds that one permission takes to come. */
  readonly #spacing: number
  readonly #burst: number
  /**
   * How many permissions a late timer may be made up for beyond `burst`. While all are taken whole, less than what is
   * missing to the next whole number above `burst + limit`, so that a window that has that much more holds none more.
   */
  #catchUp: number
  /** When the bucket is, or will be, full, by the monotonic clock. Each permission moves it on by `spacing`. */
  #fullAt = Number.NEGATIVE_INFINITY
  #timer: Deadline | undefined
  #serving = false
  readonly #waiting = new WaiterList<Acquisition>(
    new WaitingRoom({ name: undefined, label: () => 'a rate limiter' }),
    'acquire()',
  )

  /** @throws {TypeError} no number, or an option that is unknown; @throws {RangeError} `limit` or `interval` not above 0, a negative `burst` */
  constructor(options: RateLimiterOptions) {
    checkOptions(options, ['limit', 'interval', 'burst'], 'a rate limiter')
    const limit = positive('limit', options.limit)
    const interval = positive('interval', options.interval)
    this.#spacing = interval / limit
    const { burst = TIMER_GRAIN / this.#spacing } = options
    if (typeof burst !== 'number' || Number.isNaN(burst))
      throw new TypeError(`expected burst to be a number, got ${burst}`)
    if (burst < 0) throw new RangeError(`expected burst to be at least 0, got ${burst}`)
    this.#burst = Math.max(1, burst)
    const most = this.#burst + limit
    this.#catchUp = CATCH_UP * (Math.floor(most) + 1 - most)
    this.#waiting.onGivenUp = this.#serve
  }

  /** How many wait. */
  get acquiring(): number {
    return this.#waiting.size
  }

  /**
   * Waits for permission, in turn. Given up, it has used none.
   * @throws {RangeError} rejects: a weight above `burst`, which could never be saved up
   */
  acquire(options?: AcquireOptions): Promise<void> {
    const terms = readTerms(options)
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    try {
      const weight = this.#checkedWeight(options?.weight ?? 1)
      if (this.#tryTake(weight)) return Promise.resolve()
      if (terms.timeout === 0) return Promise.reject(this.#waiting.timedOut(0))
      const acquired = this.#waiting.append(new Acquisition(weight), terms)
      if (this.#timer === undefined) this.#serve()
      return acquired
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Takes permission if it is there and nobody waits for it. @throws {RangeError} a weight above `burst` */
  tryAcquire(weight = 1): boolean {
    return this.#tryTake(this.#checkedWeight(weight))
  }

  #tryTake(weight: number): boolean {
    const now = performance.now()
    if (this.#waiting.first !== undefined || this.#dueAt(weight) > now) return false
    this.#fullAt = Math.max(this.#fullAt, now) + weight * this.#spacing
    return true
  }

  /** When the bucket will hold `weight` permissions. */
  #dueAt(weight: number): number {
    return this.#fullAt - (this.#burst - weight) * this.#spacing
  }

  /** Serves those whose permissions have come, and sets the timer for the next. */
  readonly #serve = (): void => {
    // Looking for the first withdraws those whose signal is aborted, and each of them gets here: the outer round goes on.
    // Without that, one abort of many would be as many calls inside each other, which no stack holds.
    if (this.#serving) return
    this.#serving = true
    this.#timer?.cancel()
    this.#timer = undefined
    for (let next = this.#waiting.first; next !== undefined; next = this.#waiting.first) {
      const now = performance.now()
      const dueAt = this.#dueAt(next.weight)
      if (dueAt > now) {
        this.#timer = new Deadline(dueAt - now, this.#serve)
        break
      }
      this.#fullAt = Math.max(this.#fullAt, now - this.#catchUp * this.#spacing) + next.weight * this.#spacing
      next.fulfil()
    }
    this.#serving = false
  }

  #checkedWeight(weight: unknown): number {
    const checked = positive('weight', weight)
    if (checked > this.#burst) {
      throw new RangeError(
        `expected weight to be at most burst ${this.#burst}, which is all that is saved up, got ${checked}`,
      )
    }
    if (this.#catchUp > 0 && !Number.isInteger(checked)) this.#catchUpNoMore()
    return checked
  }

  /** Fractions would fit into what is made up for: from now on nothing is, and what has been is paid back. */
  #catchUpNoMore(): void {
    this.#fullAt += this.#catchUp * this.#spacing
    this.#catchUp = 0
  }
}

function positive(name: string, value: unknown): number {
  if (typeof value !== 'number' || Number.isNaN(value))
    throw new TypeError(`expected ${name} to be a number, got ${String(value)}`)
  if (value <= 0 || value === Number.POSITIVE_INFINITY) {
    throw new RangeError(`expected ${name} to be above 0 and finite, got ${value}`)
  }
  return value
}
