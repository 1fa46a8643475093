/** Items that may share one reading of the clock, at most. */
const LONGEST_SHARE = 256
/** Milliseconds that a share may have taken for the next to be twice as long, and to be as long. */
const QUICK_SHARE = 0.1
const SLOW_SHARE = 0.5

/**
 * When items came, without reading the clock for each: a reading costs several times as much as a put.
 *
 * In a burst up to 256 items share a reading, as many as come in about half a millisecond. An item that comes alone, or
 * first after somebody found the queue empty, gets a reading of its own.
 */
export class ArrivalClock {
  #time = 0
  #share = 1
  #left = 0

  /** The time to note for an item that comes now. */
  read(): number {
    if (this.#left > 0) {
      this.#left--
      return this.#time
    }
    const now = performance.now()
    const took = now - this.#time
    if (took > SLOW_SHARE) this.#share = 1
    else if (took < QUICK_SHARE && this.#share < LONGEST_SHARE) this.#share *= 2
    this.#left = this.#share - 1
    this.#time = now
    return now
  }

  /** Takes the rest of what may share the last reading at once. @returns how many may, the one that was read for included */
  share(): number {
    const share = this.#left + 1
    this.#left = 0
    return share
  }

  idle(): void {
    this.#left = 0
    this.#share = 1
  }
}

/** Marks behind the oldest item that may gather before they are removed. */
const MARKS_BEHIND = 32

/**
 * The arrival times of items that leave in the order in which they came. Only every so many items a mark is made; an item
 * between two marks costs nothing, nor does its leaving. Positions count items without end, and wrap at 2 ** 32.
 */
export class ArrivalMarks {
  /** Position of the item whose arrival is to be marked next. */
  next = 0
  readonly #clock = new ArrivalClock()
  readonly #positions: number[] = []
  readonly #times: number[] = []
  /** Index of the mark of the oldest item. */
  #oldest = 0

  /** Makes a mark for the item that comes at `position`. @param head - position of the oldest item */
  mark(position: number, head: number): void {
    this.#trim(head)
    this.#positions.push(position)
    this.#times.push(this.#clock.read())
    this.next = (position + this.#clock.share()) | 0
  }

  /** Time may pass before the item at `position` comes: it gets a mark of its own. */
  idle(position: number): void {
    this.#clock.idle()
    this.next = position
  }

  /** When the item at `head`, which must be there, came. */
  at(head: number): number {
    this.#trim(head)
    return this.#times[this.#oldest]
  }

  /** Passes over the marks before the last one that is at or before `position`. */
  #trim(position: number): void {
    const positions = this.#positions
    let oldest = this.#oldest
    while (oldest + 1 < positions.length && ((positions[oldest + 1] - position) | 0) <= 0) oldest++
    if (oldest >= MARKS_BEHIND && oldest * 2 >= positions.length) {
      positions.splice(0, oldest)
      this.#times.splice(0, oldest)
      oldest = 0
    }
    this.#oldest = oldest
  }
}

/** Items in a row that came at the same time by the clock. */
interface Run {
  readonly at: number
  count: number
  older: Run | undefined
  newer: Run | undefined
}

/** The arrival times of items that leave from either end: as run lengths, a fraction of a byte an item in a burst. */
export class ArrivalRuns {
  readonly #clock = new ArrivalClock()
  #oldest: Run | undefined
  #newest: Run | undefined

  /** An item came. */
  push(): void {
    const at = this.#clock.read()
    const newest = this.#newest
    if (newest !== undefined && newest.at === at) {
      newest.count++
      return
    }
    const run: Run = { at, count: 1, older: newest, newer: undefined }
    if (newest === undefined) this.#oldest = run
    else newest.newer = run
    this.#newest = run
  }

  /** The item that came first left. */
  shift(): void {
    const oldest = this.#oldest
    if (oldest === undefined || --oldest.count > 0) return
    this.#oldest = oldest.newer
    if (oldest.newer === undefined) this.#newest = undefined
    else oldest.newer.older = undefined
  }

  /** The item that came last left. */
  pop(): void {
    const newest = this.#newest
    if (newest === undefined || --newest.count > 0) return
    this.#newest = newest.older
    if (newest.older === undefined) this.#oldest = undefined
    else newest.older.newer = undefined
  }

  /** The item that came first, and had left, came back. */
  unshift(): void {
    const oldest = this.#oldest
    if (oldest === undefined) this.push()
    else oldest.count++
  }

  clear(): void {
    this.#oldest = undefined
    this.#newest = undefined
  }

  idle(): void {
    this.#clock.idle()
  }

  oldestAt(): number | undefined {
    return this.#oldest?.at
  }
}
