import { percentile } from './statistics.js'

/** Shares at which a distribution is drawn: dense in the tail, where latency is decided. */
const SHARES = [
  ...Array.from({ length: 90 }, (_, i) => i / 100),
  ...Array.from({ length: 90 }, (_, i) => 0.9 + i / 1000),
  ...Array.from({ length: 91 }, (_, i) => 0.99 + i / 10_000),
  0.9995,
  0.9999,
  1,
]

/** Collects latencies in microseconds without allocating while it is measured. */
export class Latencies {
  readonly #samples: Float64Array
  #count = 0

  constructor(capacity: number) {
    this.#samples = new Float64Array(capacity)
  }

  get count(): number {
    return this.#count
  }

  record(us: number): void {
    this.#samples[this.#count++] = us
  }

  metrics(): Record<string, number> {
    const sorted = this.#sorted()
    return {
      p50: percentile(sorted, 0.5),
      p90: percentile(sorted, 0.9),
      p99: percentile(sorted, 0.99),
      p999: percentile(sorted, 0.999),
      max: percentile(sorted, 1),
    }
  }

  /** The distribution: `us[i]` is not exceeded by a share of `share[i]`. */
  series(): Record<string, number[]> {
    const sorted = this.#sorted()
    return { share: SHARES, us: SHARES.map((share) => percentile(sorted, share)) }
  }

  #sorted(): Float64Array {
    return this.#samples.slice(0, this.#count).sort()
  }
}
