import type { Contender } from './group.js'
import type { Interleaved } from './interleave.js'
import { type RatioOptions, ratioOf } from './ratios.js'
import { median } from './statistics.js'

/** A figure that one of the issues asks for. */
export interface Goal {
  /** The contender it is asked of. */
  readonly of: string
  readonly text: string
  /** A ratio over these contenders, the hardest of them deciding; `peers` means every contender of kind peer. */
  readonly against?: readonly string[] | 'peers'
  readonly atLeast?: number
  /** A bound on the median of a metric, or of the value itself. */
  readonly metric?: string
  readonly atMost?: number
}

export interface GoalOutcome {
  readonly text: string
  readonly of: string
  readonly hardest?: string
  readonly asked: number
  /** Undefined when too few pairs were clean. */
  readonly measured: number | undefined
  readonly met: boolean | undefined
}

export function judgeGoal(
  goal: Goal,
  contenders: readonly Contender[],
  interleaved: Interleaved,
  options: RatioOptions,
): GoalOutcome {
  const { of, text } = goal
  if (goal.atMost !== undefined) {
    const values = (interleaved.samples.get(of) ?? []).map((sample) =>
      goal.metric === undefined ? sample.value : sample.metrics?.[goal.metric],
    )
    const known = values.filter((value) => value !== undefined)
    const measured = known.length === 0 ? undefined : median(known)
    return { text, of, asked: goal.atMost, measured, met: measured === undefined ? undefined : measured <= goal.atMost }
  }
  const asked = goal.atLeast ?? 1
  const names =
    goal.against === 'peers'
      ? contenders.filter(({ kind }) => kind === 'peer').map(({ name }) => name)
      : (goal.against ?? [])
  const ratios = names
    .filter((name) => (interleaved.samples.get(name) ?? []).length > 0)
    .map((name) => ({ name, ratio: ratioOf(interleaved, of, name, options) }))
  // A refused ratio might have been the hardest one: then nothing is known.
  const hardest = ratios.reduce<{ name: string; median: number } | undefined>((least, { name, ratio }) => {
    const value = 'median' in ratio ? ratio.median : Number.NEGATIVE_INFINITY
    return least === undefined || value < least.median ? { name, median: value } : least
  }, undefined)
  const measured = hardest !== undefined && Number.isFinite(hardest.median) ? hardest.median : undefined
  return {
    text,
    of,
    ...(hardest !== undefined && { hardest: hardest.name }),
    asked,
    measured,
    met: measured === undefined ? undefined : measured >= asked,
  }
}
