/** Items that may share one reading of the clock, at most. */
const LONGEST_SHARE = 64
/** Milliseconds an item below which arrivals count as a burst. */
const BURST_PACE = 0.02

/**
 * When items came, without reading the clock for each: a reading costs as much as a put.
 *
 * In a burst up to 64 items share a reading, which is then at most about a millisecond off. An item that comes alone,
 * or first after somebody found the queue empty, gets a reading of its own.
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
    this.#share = now - this.#time < this.#share * BURST_PACE ? Math.min(this.#share * 2, LONGEST_SHARE) : 1
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

/**
 * The arrival times of items that leave in the order in which they came. Noting an item costs a decrement, and its
 * leaving nothing: only every so many items a mark is made, and marks that are behind are dropped at the next one.
 */
export class ArrivalMarks {
  /** Items until the next mark; the storage counts it down, and calls `mark` below zero. */
  left = 0
  readonly #clock = new ArrivalClock()
  #positions: number[] = []
  #times: number[] = []
  /** Where the next mark will be, in items since the beginning. */
  #next = 0

  /** Makes a mark for the item that comes now. @param size - how many items are there before it */
  mark(size: number): void {
    this.#trim(this.#next - size)
    this.#positions.push(this.#next)
    this.#times.push(this.#clock.read())
    const share = this.#clock.share()
    this.#next += share
    this.left = share - 1
  }

  idle(): void {
    this.#clock.idle()
    this.#next -= this.left
    this.left = 0
  }

  /** @param size - how many items are there */
  oldestAt(size: number): number | undefined {
    if (size === 0) return undefined
    this.#trim(this.#next - this.left - size)
    return this.#times[0]
  }

  /** Drops the marks before the last one that is at or before `position`. */
  #trim(position: number): void {
    let behind = 0
    while (behind + 1 < this.#positions.length && this.#positions[behind + 1] <= position) behind++
    if (behind === 0) return
    this.#positions = this.#positions.slice(behind)
    this.#times = this.#times.slice(behind)
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
