/** A round of as many calls as the window holds that takes less than this, in ms, deserves a wider one. */
const shortRoundMs = 10
/** One that takes longer than this a narrower one. */
const longRoundMs = 100

const readClock = (): number => performance.now()

/**
 * How many calls may be under way. Quick ones need many, or waking threads costs more than the work; slow ones few, or memory holds items
 * that nobody will look at for a long time. So the window follows what a round of it takes.
 */
export class Window {
  #size: number
  #passed = 0
  #roundSince = performance.now()

  constructor(
    private readonly min: number,
    readonly max: number,
  ) {
    this.#size = min
  }

  get size(): number {
    return this.#size
  }

  /** A call has been read. */
  pass(now = readClock): void {
    if (this.min === this.max || ++this.#passed < this.#size) return
    const at = now()
    const tookMs = at - this.#roundSince
    if (tookMs < shortRoundMs) this.#size = Math.min(this.max, this.#size * 2)
    else if (tookMs > longRoundMs) this.#size = Math.max(this.min, this.#size >> 1)
    this.#passed = 0
    this.#roundSince = at
  }
}
