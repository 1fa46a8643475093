import type { Ratio } from './ratios.js'

/** A loss smaller than this is not named, whatever the spread. */
const TOLERATED = 0.05

export interface Verdict {
  readonly contender: string
  readonly verdict: 'REGRESSED' | 'improved' | 'level' | 'unknown'
  readonly text: string
}

interface Compared {
  readonly ratios: readonly { readonly of: string; readonly against: string; readonly ratio: Ratio }[]
}

/** What became of each of our contenders between `before` and `after`, which their names end with. */
export function verdicts({ ratios }: Compared, after: string, before: string): Verdict[] {
  const suffix = ` @ ${after}`
  return ratios
    .filter(({ of, against }) => of.endsWith(suffix) && against === `${of.slice(0, -suffix.length)} @ ${before}`)
    .map(({ of, ratio }) => ({ contender: of.slice(0, -suffix.length), ...judge(ratio) }))
}

/** Beyond the tolerated loss and beyond the pairs' own spread: both, or a noisy machine would cry wolf. */
function judge(ratio: Ratio): Omit<Verdict, 'contender'> {
  if ('refused' in ratio) return { verdict: 'unknown', text: ratio.refused }
  const { median, mad, min, max, clean } = ratio
  const text = `${median.toFixed(3)}x of before (${min.toFixed(2)} ... ${max.toFixed(2)}, ${clean} pairs)`
  const distance = Math.abs(median - 1)
  if (distance <= Math.max(TOLERATED, 2 * mad)) return { verdict: 'level', text }
  return { verdict: median < 1 ? 'REGRESSED' : 'improved', text }
}
