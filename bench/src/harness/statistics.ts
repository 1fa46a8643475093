/** What is said of a set of samples: never a mean alone, because one stolen time slice moves a mean and not a median. */
export interface Summary {
  readonly samples: number
  readonly median: number
  readonly min: number
  readonly max: number
  /** Median absolute deviation from the median: half of the samples lie within it. */
  readonly mad: number
}

/**
 * The value below which a share of the samples lies, interpolated between neighbours.
 *
 * @param sorted - ascending
 * @param share - 0 to 1
 */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN
  const rank = share * (sorted.length - 1)
  const below = Math.floor(rank)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (rank - below)
}

export function median(values: readonly number[]): number {
  return percentile(Float64Array.from(values).sort(), 0.5)
}

export function summarize(values: readonly number[]): Summary {
  const middle = median(values)
  return {
    samples: values.length,
    median: middle,
    min: Math.min(...values),
    max: Math.max(...values),
    mad: median(values.map((value) => Math.abs(value - middle))),
  }
}
