import { calibrate } from './calibrate.js'
import type { CoreLatencyMarker, Regime } from './core-latency.js'
import { type Environment, readEnvironment, versionOf } from './environment.js'
import { type GoalOutcome, judgeGoal } from './goals.js'
import type { Contender, ContenderKind, Group, Scale } from './group.js'
import { type Interleaved, interleave } from './interleave.js'
import { type Ratio, type RatioOptions, ratioOf } from './ratios.js'
import { scales } from './scale.js'
import { median, type Summary, summarize } from './statistics.js'
import type { Subject } from './subject.js'

export interface ContenderResult {
  readonly name: string
  readonly kind: ContenderKind
  readonly how: string
  readonly version?: string
  /** Why it did not run; then nothing below is there. */
  readonly skipped?: string
  readonly items?: number
  readonly limitedTo?: number
  readonly summary?: Summary
  readonly metrics?: Readonly<Record<string, number>>
  readonly series?: Readonly<Record<string, readonly number[]>>
  readonly samples?: readonly { readonly round: number; readonly value: number; readonly stolen: number | undefined }[]
}

export interface GroupResult {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  readonly scale: Scale
  readonly environment: Environment
  readonly markers: readonly { readonly ns: readonly [number, number]; readonly regime: Regime | undefined }[]
  readonly contenders: readonly ContenderResult[]
  /** Each contender of ours over each other contender. */
  readonly ratios: readonly { readonly of: string; readonly against: string; readonly ratio: Ratio }[]
  readonly goals: readonly GoalOutcome[]
}

export interface RunOptions {
  readonly scale: Scale
  readonly subjects: readonly Subject[]
  readonly marker: CoreLatencyMarker
  readonly rounds?: number
  readonly maxStolen?: number
  readonly seed?: number
  /** Leaves out contenders whose name does not match. */
  readonly contenders?: RegExp
  readonly onProgress?: (text: string) => void
}

/** Prepares, calibrates, measures and disposes one group. A contender that fails fails the group: a wrong result is no result. */
export async function runGroup(group: Group, options: RunOptions): Promise<GroupResult> {
  const { scale, subjects, marker, onProgress = () => {} } = options
  const environment = readEnvironment()
  const wanted = contendersOf(group, subjects).filter(({ name }) => options.contenders?.test(name) ?? true)
  const running: Contender[] = []
  const skipped = new Map<string, string>()
  try {
    for (const contender of wanted) {
      const reason = await contender.unavailable?.()
      if (reason !== undefined) {
        skipped.set(contender.name, reason)
        continue
      }
      onProgress(`preparing ${contender.name}`)
      await contender.prepare?.()
      running.push(contender)
    }
    const items = new Map<string, number>()
    for (const contender of running) {
      onProgress(`warming up ${contender.name}`)
      items.set(contender.name, await calibrate(group, contender, scale))
    }
    const rounds = options.rounds ?? group.rounds?.[scale] ?? scales[scale].rounds
    const interleaved = await interleave(group, running, {
      rounds,
      marker,
      itemsOf: (contender) => items.get(contender.name)!,
      warmUpOf: scale === 'smoke' ? undefined : (contender) => warmUpItems(group, items.get(contender.name)!),
      seed: options.seed ?? 1,
      onProgress,
    })
    return resultOf(group, wanted, skipped, items, interleaved, environment, options)
  } finally {
    for (const contender of running) await contender.dispose?.()
  }
}

/** A tenth of a run; where that is few items, what the smoke test runs with. */
function warmUpItems(group: Group, items: number): number {
  const granularity = group.granularity ?? 1
  const tenth = Math.max(1, Math.floor(items / 10 / granularity)) * granularity
  return group.fixedItems === undefined ? tenth : Math.min(items, Math.max(tenth, group.smokeItems))
}

/** Ours once per build under comparison, the others once. */
function contendersOf(group: Group, subjects: readonly Subject[]): Contender[] {
  const [current, ...others] = subjects
  const ours = (subject: Subject) => group.contenders(subject).filter(({ kind }) => kind === 'subject')
  if (others.length === 0) return [...group.contenders(current!)]
  return subjects.flatMap((subject) => ours(subject).map((one) => renamed(one, `${one.name} @ ${subject.name}`)))
}

/** The same contender under another name; methods keep their receiver. */
function renamed(contender: Contender, name: string): Contender {
  return Object.create(contender, { name: { value: name, enumerable: true } }) as Contender
}

function resultOf(
  group: Group,
  wanted: readonly Contender[],
  skipped: ReadonlyMap<string, string>,
  items: ReadonlyMap<string, number>,
  interleaved: Interleaved,
  environment: Environment,
  options: RunOptions,
): GroupResult {
  const { better } = group
  const ratioOptions: RatioOptions = {
    better,
    crossesThreads: group.crossesThreads,
    ...(options.maxStolen !== undefined && { maxStolen: options.maxStolen }),
  }
  const ran = wanted.filter(({ name }) => items.has(name))
  const ours = ran.filter(({ kind }) => kind === 'subject')
  return {
    name: group.name,
    title: group.title,
    unit: group.unit,
    better,
    scale: options.scale,
    environment,
    markers: interleaved.rounds.map(({ markerNs, regime }) => ({
      ns: markerNs.map((ns) => Math.round(ns)) as [number, number],
      regime,
    })),
    contenders: wanted.map((contender) => contenderResult(contender, skipped, items, interleaved)),
    ratios: ours.flatMap((of) =>
      ran
        .filter((against) => against !== of)
        .map((against) => ({
          of: of.name,
          against: against.name,
          ratio: ratioOf(interleaved, of.name, against.name, ratioOptions),
        })),
    ),
    goals: (group.goals ?? [])
      .filter(({ of }) => items.has(of))
      .map((goal) => judgeGoal(goal, ran, interleaved, ratioOptions)),
  }
}

function contenderResult(
  contender: Contender,
  skipped: ReadonlyMap<string, string>,
  items: ReadonlyMap<string, number>,
  { samples }: Interleaved,
): ContenderResult {
  const { name, kind, how } = contender
  const version = contender.package === undefined ? undefined : versionOf(contender.package)
  const base = { name, kind, how, ...(version !== undefined && { version: `${contender.package}@${version}` }) }
  const reason = skipped.get(name)
  if (reason !== undefined) return { ...base, skipped: reason }
  const own = samples.get(name)!
  const summary = summarize(own.map(({ value }) => value))
  const typical = own.reduce((nearest, sample) =>
    Math.abs(sample.value - summary.median) < Math.abs(nearest.value - summary.median) ? sample : nearest,
  )
  return {
    ...base,
    items: items.get(name)!,
    ...(contender.maxItems !== undefined && { limitedTo: contender.maxItems }),
    summary,
    ...(typical.metrics !== undefined && { metrics: medianMetrics(own.map(({ metrics }) => metrics ?? {})) }),
    ...(typical.series !== undefined && { series: typical.series }),
    samples: own.map(({ round, value, stolen }) => ({ round, value, stolen })),
  }
}

function medianMetrics(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = new Set(all.flatMap((metrics) => Object.keys(metrics)))
  return Object.fromEntries(
    [...names].map((name) => [name, median(all.map((metrics) => metrics[name]).filter((v) => v !== undefined))]),
  )
}
