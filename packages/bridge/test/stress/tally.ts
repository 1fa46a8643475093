/** What became of the threads and items of a run, and whatever went wrong. */
export interface Tally {
  rounds: number
  threads: number
  /** Records received, or put and ended in the ledger of a fan-out. */
  records: number
  /** Threads by the way in which they ended. */
  ends: Record<string, number>
  /** Longest time from a round's last end of a thread until everything of it was delivered and said, in milliseconds. */
  slowest: number
  wedged: number
  corrupt: number
  lost: number
  /** Fan-out: what became of the records. */
  outcomes: Record<string, number>
  problems: string[]
}

export function newTally(): Tally {
  return {
    rounds: 0,
    threads: 0,
    records: 0,
    ends: {},
    slowest: 0,
    wedged: 0,
    corrupt: 0,
    lost: 0,
    outcomes: {},
    problems: [],
  }
}

export function count(counts: Record<string, number>, key: string, times = 1): void {
  counts[key] = (counts[key] ?? 0) + times
}

/** Whoever has to wait longer than this for the news of a death counts as wedged. */
export const WEDGED_MS = 20_000
