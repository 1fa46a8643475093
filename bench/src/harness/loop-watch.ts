import { percentile } from './statistics.js'

const EVERY_MS = 2
const MEMORY_EVERY_MS = 20

/**
 * Watches what a flood does to the event loop and to memory: a timer due every 2 ms, and how late it was.
 *
 * One long stall is one late timer, which percentiles would forget. So each period that a stall swallowed counts as a
 * timer of its own, late by what was left of the stall.
 */
export class LoopWatch {
  readonly #startedAt = performance.now()
  readonly #late: number[] = []
  readonly #atMs: number[] = []
  readonly #rssMiB: number[] = []
  readonly #lateAtMs: number[] = []
  readonly #lateMs: number[] = []
  #dueAt = this.#startedAt + EVERY_MS
  #timer = setTimeout(() => this.#tick(), EVERY_MS)
  readonly #rssBefore = process.memoryUsage.rss()

  #tick(): void {
    this.#record()
    this.#dueAt = performance.now() + EVERY_MS
    this.#timer = setTimeout(() => this.#tick(), EVERY_MS)
  }

  #record(): void {
    const now = performance.now()
    const late = Math.max(0, now - this.#dueAt)
    for (let left = late; left >= 0; left -= EVERY_MS) this.#late.push(left)
    this.#lateAtMs.push(now - this.#startedAt)
    this.#lateMs.push(late)
    this.#sampleMemory(now)
  }

  #sampleMemory(now: number): void {
    const last = this.#atMs.at(-1)
    if (last !== undefined && now - this.#startedAt - last < MEMORY_EVERY_MS) return
    this.#atMs.push(now - this.#startedAt)
    this.#rssMiB.push((process.memoryUsage.rss() - this.#rssBefore) / 2 ** 20)
  }

  /** Ends the watch. Delays in milliseconds, memory in MiB above what it was at the start. */
  stop(): { metrics: Record<string, number>; series: Record<string, number[]> } {
    clearTimeout(this.#timer)
    // A loop that never came round is late until now.
    this.#record()
    const sorted = Float64Array.from(this.#late).sort()
    return {
      metrics: {
        loopDelayP50Ms: percentile(sorted, 0.5),
        loopDelayP99Ms: percentile(sorted, 0.99),
        loopDelayMaxMs: percentile(sorted, 1),
        peakMiB: Math.max(...this.#rssMiB),
      },
      series: { atMs: this.#atMs, rssMiB: this.#rssMiB, lateAtMs: this.#lateAtMs, lateMs: this.#lateMs },
    }
  }
}
