import type { Scale } from './group.js'

export interface ScaleSettings {
  readonly rounds: number
  /** How long one calibrated run of one contender should take. */
  readonly sampleMs: number
}

/** smoke proves that every case runs and its content is right; it gives too few pairs for any ratio. */
export const scales: Readonly<Record<Scale, ScaleSettings>> = {
  smoke: { rounds: 1, sampleMs: 0 },
  quick: { rounds: 5, sampleMs: 100 },
  full: { rounds: 15, sampleMs: 300 },
}
