import { refused } from './queue-options.js'
import { type Waiter, WaiterList, type WaitingRoom } from './waiting/waiter-list.js'

/**
 * Says when producers that cannot wait (a socket, an event emitter) should pause: from the moment when the load reaches
 * `high` until it has fallen to `low`.
 */
export class Watermarks {
  paused = false
  /** The load from which on `update` has something to do, and down to which: what a put and a get look at. */
  pauseAt = 0
  resumeAt = -1
  onPaused: (() => void) | null = null
  onResumed: (() => void) | null = null
  readonly waiters: WaiterList<Waiter<void>>
  /** Called when the levels that `update` looks at have moved, before anybody is told. */
  readonly #onMoved: () => void
  #high = 0
  #low = 0
  readonly #givenHigh: number | undefined
  readonly #givenLow: number | undefined

  constructor(
    room: WaitingRoom,
    capacity: number,
    high: number | undefined,
    low: number | undefined,
    onMoved: () => void,
  ) {
    this.#onMoved = onMoved
    this.waiters = new WaiterList(room, 'resumed()')
    this.#givenHigh = high
    this.#givenLow = low
    this.resize(capacity)
  }

  /** Moves the levels that follow the capacity. @throws {RangeError} when it would fall to `lowWater`, or below `highWater`, which were given */
  resize(capacity: number): void {
    const high = this.#givenHigh ?? (capacity === 0 ? Number.POSITIVE_INFINITY : capacity)
    // Infinity says that nobody is ever told to pause.
    if (capacity > 0 && high > capacity && high < Number.POSITIVE_INFINITY) {
      throw refused(RangeError, `expected maxsize to be at least highWater ${high}, got ${capacity}`)
    }
    const low = this.#givenLow ?? Math.floor(high / 2)
    if (low >= high && high < Number.POSITIVE_INFINITY) {
      throw refused(RangeError, `expected lowWater ${low} to be below highWater, which is maxsize ${high}`)
    }
    this.#high = high
    // Of a high level without end: never reached, so never left.
    this.#low = Math.min(low, Number.MAX_VALUE)
    this.#set(this.paused)
  }

  update(load: number): void {
    if (load >= this.pauseAt) {
      this.#set(true)
      callOut(this.onPaused)
    } else if (load <= this.resumeAt) {
      this.#resume()
    }
  }

  #set(paused: boolean): void {
    this.paused = paused
    this.pauseAt = paused ? Number.POSITIVE_INFINITY : this.#high
    this.resumeAt = paused ? this.#low : -1
    this.#onMoved()
  }

  #resume(): void {
    this.#set(false)
    for (let waiter = this.waiters.first; waiter !== undefined; waiter = this.waiters.first) waiter.fulfil()
    callOut(this.onResumed)
  }
}

/**
 * Calls a user's function in the middle of a put or a get, whose own result must not be lost to what it throws: as with
 * an event listener, the error is reported as uncaught.
 */
function callOut(callback: (() => void) | null): void {
  if (callback === null) return
  try {
    callback()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
