import type { Regime } from './core-latency.js'
import type { Interleaved } from './interleave.js'
import { type Summary, summarize } from './statistics.js'

/** Above this, a run says more about the others on the machine. */
export const MAX_STOLEN = 0.1
export const MIN_CLEAN_PAIRS = 3

/** How many times better one contender did than another, pair by pair; or why that cannot be said. */
export type Ratio =
  | (Summary & { readonly regime: Regime | 'any'; readonly pairs: number; readonly clean: number })
  | { readonly refused: string; readonly pairs: number; readonly clean: number }

export interface RatioOptions {
  readonly better: 'higher' | 'lower'
  /** Whether the core-to-core regime matters to what is measured. */
  readonly crossesThreads: boolean
  /** Largest stolen share of a clean run. */
  readonly maxStolen?: number
}

/**
 * Divides `of` by `against` within each round (turned over where lower is better, so that above 1 is always better),
 * and takes the median over the clean pairs of the regime that has most of them. Fewer than three clean pairs give no
 * ratio.
 */
export function ratioOf(
  { rounds, samples }: Interleaved,
  of: string,
  against: string,
  { better, crossesThreads, maxStolen = MAX_STOLEN }: RatioOptions,
): Ratio {
  const ours = samples.get(of) ?? []
  const theirs = new Map((samples.get(against) ?? []).map((sample) => [sample.round, sample]))
  const clean: Record<Regime | 'any', number[]> = { near: [], far: [], any: [] }
  let pairs = 0
  for (const sample of ours) {
    const other = theirs.get(sample.round)
    if (other === undefined) continue
    pairs++
    const regime = crossesThreads ? rounds[sample.round]!.regime : 'any'
    const undisturbed = (sample.stolen ?? 0) <= maxStolen && (other.stolen ?? 0) <= maxStolen
    if (regime === undefined || !undisturbed) continue
    clean[regime].push(better === 'higher' ? sample.value / other.value : other.value / sample.value)
  }
  const regime = crossesThreads ? (clean.far.length > clean.near.length ? 'far' : 'near') : 'any'
  const kept = clean[regime]
  if (kept.length < MIN_CLEAN_PAIRS) {
    return {
      refused: `${kept.length} of ${pairs} pairs were clean, ${MIN_CLEAN_PAIRS} are needed`,
      pairs,
      clean: kept.length,
    }
  }
  return { ...summarize(kept), regime, pairs, clean: kept.length }
}
