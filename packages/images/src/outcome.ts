import type { Fingerprints } from './fingerprints.js'
import type { FinishedOutput } from './journal.js'

/** How one picture ended; every matched picture ends exactly one way. */
export type Outcome = Written | Resumed | Skipped | Failed | Planned

interface Ended {
  /** Path or URL. */
  readonly input: string
}

export interface Written extends Ended {
  readonly status: 'written'
  /** Of the upright picture. */
  readonly width: number
  readonly height: number
  readonly outputs: readonly FinishedOutput[]
  readonly fingerprints?: Fingerprints
  readonly bytesIn: number
  /** Time its thread spent on it, in milliseconds. */
  readonly renderMs: number
}

/** An earlier run has written it. */
export interface Resumed extends Ended {
  readonly status: 'resumed'
  readonly width: number
  readonly height: number
  readonly outputs: readonly FinishedOutput[]
  readonly fingerprints?: Fingerprints
}

/** All its files were there, and they were to be left alone. */
export interface Skipped extends Ended {
  readonly status: 'skipped'
}

export interface Failed extends Ended {
  /** `quarantined`: it killed its thread more than once, and is not tried again. */
  readonly status: 'failed' | 'quarantined'
  readonly error: string
}

/** What a dry run says of a picture that would be written. */
export interface Planned extends Ended {
  readonly status: 'planned'
  readonly outputs: readonly { readonly path: string }[]
}
