import type { Digest } from './content.js'
import type { Goal } from './goals.js'
import type { Measurement } from './measurement.js'
import type { Subject } from './subject.js'

export type Scale = 'smoke' | 'quick' | 'full'

/** subject: ours. peer: another library. platform: what Node itself gives. baseline: another language, or a bare structure. */
export type ContenderKind = 'subject' | 'peer' | 'platform' | 'baseline'

/** One way to do what a group measures. */
export interface Contender {
  readonly name: string
  readonly kind: ContenderKind
  /** The way it is used, and whose documentation says that this is its best. */
  readonly how: string
  /** The npm package whose version goes into the results. */
  readonly package?: string
  /** Why it cannot run here, if it cannot. Printed; never silent. */
  unavailable?(): string | undefined | Promise<string | undefined>
  /** Starts what must be running before the clock does. Called once. */
  prepare?(): void | Promise<void>
  run(items: number): Promise<Measurement>
  dispose?(): void | Promise<void>
  /** Ceiling on the items of a run, for contenders whose cost a larger run would make quadratic. Printed. */
  readonly maxItems?: number
  /** It runs in a process of its own. */
  readonly elsewhere?: boolean
}

/** Several ways to do one thing, measured interleaved in one process and one run. */
export interface Group {
  /** Suite and case: `queue/pairs-bounded`. */
  readonly name: string
  /** One sentence: what is measured. */
  readonly title: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  /** Items of a run in the smoke test, and the starting point of calibration. */
  readonly smokeItems: number
  /** Items of a measured run; left out, each contender gets as many as fill the scale's sample time. */
  readonly fixedItems?: Readonly<Partial<Record<Scale, number>>>
  /** How long a calibrated run takes, in ms, where the scale's own time would mostly measure how a run begins. */
  readonly sampleMs?: Readonly<Partial<Record<Scale, number>>>
  /** Calibrated runs are a multiple of this: what a worker or a window needs. */
  readonly granularity?: number
  /** Rounds, where the scale's own number would take too long. */
  readonly rounds?: Readonly<Partial<Record<Scale, number>>>
  /**
   * Whether what is measured crosses cores. Only then does a change of the core-to-core latency spoil a pair, and are
   * pairs of the two regimes kept apart.
   */
  readonly crossesThreads: boolean
  /** What `items` sent items must add up to; left out where nothing is transported. */
  expected?(items: number): Digest
  contenders(subject: Subject): readonly Contender[]
  readonly goals?: readonly Goal[]
}
