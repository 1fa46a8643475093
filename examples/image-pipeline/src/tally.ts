import { relative } from 'node:path'
import prettyBytes from 'pretty-bytes'
import type { Outcome, Photograph } from './photograph.js'

/** Adds up a run for its last lines. */
export class Tally {
  total = 0
  readonly written: string[] = []
  failed = 0
  #downloaded = 0
  #bytesIn = 0
  #bytesOut = 0
  readonly #startedAt = performance.now()

  get done(): number {
    return this.written.length + this.failed
  }

  addDownload(photograph: Photograph): void {
    this.#downloaded++
    this.#bytesIn += photograph.bytes.byteLength
  }

  addOutcome(outcome: Outcome): void {
    if ('error' in outcome) {
      this.failed++
    } else {
      this.written.push(relative(process.cwd(), outcome.path))
      this.#bytesOut += outcome.bytes
    }
  }

  /** Every written file on a line of its own, then one line of figures. */
  toString(): string {
    const seconds = (performance.now() - this.#startedAt) / 1000
    const figures = [
      `${this.#downloaded} downloaded`,
      `${this.written.length} processed`,
      `${this.failed} failed`,
      `${seconds.toFixed(2)} s`,
      `${(this.written.length / seconds).toFixed(1)} images/s`,
      `${prettyBytes(this.#bytesIn)} in, ${prettyBytes(this.#bytesOut)} out`,
    ]
    return [...this.written.sort(), figures.join(' · '), ''].join('\n')
  }
}
