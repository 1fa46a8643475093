import type { Readable } from 'node:stream'
import { areThere } from './are-there.js'
import { standardBackground } from './command.js'
import { Conversion } from './convert.js'
import { loadFilter } from './filter.js'
import { findInputs, readList } from './inputs.js'
import { Journal } from './journal.js'
import { type Plan, planOutputs } from './naming.js'
import type { Options } from './options.js'
import type { Outcome } from './outcome.js'
import { refuseOverwriting } from './overwriting.js'
import { type DuplicatePair, type Report, Tally } from './report.js'
import { StateFolder } from './state-folder.js'
import { UsageError } from './usage-error.js'

export const exitCodes = { good: 0, someFailed: 1, usage: 2, nothingMatched: 3, interrupted: 130 } as const

export interface RunListener {
  onPlanned?(plans: readonly Plan[], unmatched: readonly string[]): void
  onOutcome?(outcome: Outcome, done: number, duplicates: readonly DuplicatePair[]): void
}

/**
 * Converts everything that `options` name. An abort is no error: what was finished until then is reported, and the journal
 * kept. Only while the inputs are still being listed does it reject with the signal's reason.
 *
 * @throws {UsageError} when the options ask for something impossible; nothing was written
 */
export async function run(
  options: Options,
  { signal, stdin, version }: { signal: AbortSignal; stdin: Readable; version: string },
  listener: RunListener = {},
): Promise<Report> {
  const startedAt = performance.now()
  await checkRecipe(options)
  const named = [...options.inputs]
  for (const list of options.lists) named.push(...(await readList(list, stdin, signal)))
  const { inputs, unmatched } = await findInputs(named, options.out)
  const plans = planOutputs(inputs, { ...options.recipe, out: options.out, template: options.template })
  refuseOverwriting(plans)
  const tally = new Tally(options.duplicates)
  listener.onPlanned?.(plans, unmatched)

  const end = (outcome: Outcome) => {
    const duplicates = tally.add(outcome)
    listener.onOutcome?.(outcome, tally.done, duplicates)
  }
  if (options.dryRun) await rehearse(plans, options, end)
  else if (plans.length > 0) await convert(plans, options, signal, end)

  const seconds = (performance.now() - startedAt) / 1000
  const totals = tally.totals(plans.length)
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  return {
    tool: 'millrace-images',
    version,
    threads: options.threads,
    seconds,
    imagesPerSecond: totals.written / seconds,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMemoryBytes: maxRSS * 1024,
    totals,
    unmatched,
    nearDuplicates: tally.nearDuplicates,
    images: tally.outcomes,
    interrupted: signal.aborted,
    exitCode: exitCodeOf(),
  }

  function exitCodeOf(): number {
    if (signal.aborted) return exitCodes.interrupted
    if (plans.length === 0) return exitCodes.nothingMatched
    return totals.failed > 0 || unmatched.length > 0 ? exitCodes.someFailed : exitCodes.good
  }
}

async function rehearse(
  plans: readonly Plan[],
  { skipExisting }: Options,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  for (const { input, outputs } of plans) {
    const isSkipped = skipExisting && (await areThere(outputs))
    const paths = outputs.map(({ path }) => ({ path }))
    onOutcome(
      isSkipped ? { status: 'skipped', input: input.key } : { status: 'planned', input: input.key, outputs: paths },
    )
  }
}

async function convert(
  plans: readonly Plan[],
  options: Options,
  signal: AbortSignal,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const state = new StateFolder(options.out)
  await state.open().catch((error: Error) => {
    throw error instanceof UsageError ? error : new UsageError(`--out cannot be written: ${error.message}`)
  })
  let isComplete = true
  try {
    await using journal = await Journal.open(state.journalPath, options)
    const conversion = new Conversion(options, state, journal, (outcome) => {
      if (outcome.status === 'failed' || outcome.status === 'quarantined') isComplete = false
      onOutcome(outcome)
    })
    await conversion.run(plans, signal)
  } catch (error) {
    isComplete = false
    if (!signal.aborted) throw error
  } finally {
    await state.close({ keepJournal: !isComplete })
  }
}

/** Finds out now what would otherwise fail every picture. */
async function checkRecipe({ recipe }: Options): Promise<void> {
  if (recipe.background !== standardBackground) await checkColour(recipe.background)
  if (recipe.filter === undefined) return
  await loadFilter(recipe.filter).catch((error: Error) => {
    throw new UsageError(`--filter: ${error.message}`)
  })
}

async function checkColour(background: string): Promise<void> {
  const { default: sharp } = await import('sharp')
  try {
    await sharp({ create: { width: 1, height: 1, channels: 4, background } })
      .raw()
      .toBuffer()
  } catch (error) {
    throw new UsageError(`--background: ${(error as Error).message}`)
  }
}
