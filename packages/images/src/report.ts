import { NearDuplicates } from './near-duplicates.js'
import type { Outcome } from './outcome.js'

/** Two pictures that look alike. */
export interface DuplicatePair {
  readonly first: string
  readonly second: string
  /** Differing bits of 64. */
  readonly distance: number
}

export interface Totals {
  /** Pictures found. */
  readonly matched: number
  readonly written: number
  /** Written by an earlier run that was stopped. */
  readonly resumed: number
  readonly skipped: number
  /** Quarantined ones included. */
  readonly failed: number
  readonly quarantined: number
  /** Files written by this run. */
  readonly files: number
  readonly bytesIn: number
  readonly bytesOut: number
}

/** What `--json` prints. */
export interface Report {
  readonly tool: 'millrace-images'
  readonly version: string
  readonly threads: number
  readonly seconds: number
  /** Written by this run, a second. */
  readonly imagesPerSecond: number
  /** Processor time of the whole process, all threads together. */
  readonly cpuSeconds: number
  /** Most memory the process ever had. */
  readonly peakMemoryBytes: number
  readonly totals: Totals
  /** Folders and patterns that hold no picture, files that do not exist, what only begins like a URL, and folders that could not be read. */
  readonly unmatched: readonly string[]
  readonly nearDuplicates: readonly DuplicatePair[]
  /** In the order in which they ended. */
  readonly images: readonly Outcome[]
  readonly interrupted: boolean
  readonly exitCode: number
}

/** Adds up a run. */
export class Tally {
  readonly outcomes: Outcome[] = []
  readonly nearDuplicates: DuplicatePair[] = []
  readonly #alike: NearDuplicates<string>
  #written = 0
  #resumed = 0
  #skipped = 0
  #failed = 0
  #quarantined = 0
  #files = 0
  #bytesIn = 0
  #bytesOut = 0

  /** @param duplicates - most bits that near-duplicates differ in */
  constructor(duplicates: number) {
    this.#alike = new NearDuplicates(duplicates)
  }

  /** @returns the near-duplicates that came to light */
  add(outcome: Outcome): readonly DuplicatePair[] {
    this.outcomes.push(outcome)
    switch (outcome.status) {
      case 'written':
        this.#written++
        this.#files += outcome.outputs.length
        this.#bytesIn += outcome.bytesIn
        for (const { bytes } of outcome.outputs) this.#bytesOut += bytes
        break
      case 'resumed':
        this.#resumed++
        break
      case 'skipped':
        this.#skipped++
        break
      case 'quarantined':
        this.#quarantined++
        this.#failed++
        break
      case 'failed':
        this.#failed++
        break
      case 'planned':
    }
    const phash = 'fingerprints' in outcome ? outcome.fingerprints?.phash : undefined
    const found = phash === undefined ? [] : this.#alike.add(outcome.input, phash)
    this.nearDuplicates.push(...found)
    return found
  }

  get done(): number {
    return this.outcomes.length
  }

  totals(matched: number): Totals {
    return {
      matched,
      written: this.#written,
      resumed: this.#resumed,
      skipped: this.#skipped,
      failed: this.#failed,
      quarantined: this.#quarantined,
      files: this.#files,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
    }
  }
}
