/** First values of counters that wrap; for tests, which cannot wait for the wrap. */
export interface Starts {
  readonly position?: number
  readonly ticket?: number
  readonly count?: number
}

/** Under which symbol a queue's options may hold them. */
export const STARTS = Symbol('starts')
