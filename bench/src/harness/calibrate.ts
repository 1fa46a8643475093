import type { Contender, Group, Scale } from './group.js'
import { sampleOnce } from './interleave.js'
import { scales } from './scale.js'

const MAX_ITEMS = 50_000_000

/**
 * How many items make a run of the scale's sample time, and the warm-up on the way there: runs grow until one takes
 * half of it, then the count is scaled up. Every contender gets the same time rather than the same count, so a slow
 * peer does not eat the budget and a fast one is not measured at the clock's grain.
 */
export async function calibrate(group: Group, contender: Contender, scale: Scale): Promise<number> {
  const granularity = group.granularity ?? 1
  const ceiling = contender.maxItems ?? MAX_ITEMS
  const round = (items: number) =>
    Math.max(granularity, Math.floor(Math.min(items, ceiling) / granularity) * granularity)
  if (scale === 'smoke') return round(group.smokeItems)
  const fixed = group.fixedItems?.[scale]
  if (fixed !== undefined) {
    await sampleOnce(group, contender, round(Math.min(fixed, group.smokeItems)), -1)
    return round(fixed)
  }
  const sampleMs = group.sampleMs?.[scale] ?? scales[scale].sampleMs
  let items = round(group.smokeItems)
  for (;;) {
    const { seconds } = await sampleOnce(group, contender, items, -1)
    const ms = Math.max(seconds * 1000, 0.01)
    if (ms >= sampleMs / 2 || items >= round(ceiling)) break
    items = round(items * Math.min(8, Math.max(2, sampleMs / 2 / ms)))
  }
  // Once more, now that it is warm: what was compiled meanwhile can be many times faster.
  const { seconds } = await sampleOnce(group, contender, items, -1)
  return round((items * sampleMs) / Math.max(seconds * 1000, 0.01))
}
