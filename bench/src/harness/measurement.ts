import type { Digest } from './content.js'

/** What one timed run of one contender gave. */
export interface Measurement {
  /** In the group's unit: items/s, bytes/s, µs, bytes/item, ... */
  readonly value: number
  readonly items: number
  readonly seconds: number
  /** What arrived, to be compared with what was sent. Every throughput case has one. */
  readonly digest?: Digest
  /** Further figures worth keeping: percentiles, peaks, CPU shares. */
  readonly metrics?: Readonly<Record<string, number>>
  /** Curves for the plots: a latency distribution, memory over time. */
  readonly series?: Readonly<Record<string, readonly number[]>>
}

/** A throughput measurement of `items` that took `seconds`. */
export function throughput(items: number, seconds: number, digest: Digest, weight = 1): Measurement {
  return { value: (items * weight) / seconds, items, seconds, digest }
}

export const secondsSince = (startedAt: bigint): number => Number(process.hrtime.bigint() - startedAt) / 1e9
