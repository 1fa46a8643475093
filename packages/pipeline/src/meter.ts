import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

/** A distribution of times in ms. All zero while nothing has been measured. */
export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** Times in ms over a High Dynamic Range histogram of microseconds: constant memory, three significant digits. */
export class Times {
  readonly #histogram: RecordableHistogram = createHistogram()

  record(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * 1000)))
  }

  percentiles(): Percentiles {
    const histogram = this.#histogram
    if (histogram.count === 0) return { p50: 0, p90: 0, p99: 0, max: 0 }
    // Bun rounds percentiles up to a step of its scale, and the maximum not.
    const ms = (percent: number) => Math.min(histogram.percentile(percent), histogram.max) / 1000
    return { p50: ms(50), p90: ms(90), p99: ms(99), max: histogram.max / 1000 }
  }
}

interface Sample {
  readonly at: number
  readonly out: number
  readonly busyMs: number
}

/** How far back rates look, in ms: long enough to be steady, short enough that a new bottleneck shows within two seconds. */
const windowMs = 1500

/** What one stage, the source or the consumer has done so far: counts, times, and how busy it is. */
export class Meter {
  in = 0
  out = 0
  failed = 0
  retried = 0
  dropped = 0
  readonly wait = new Times()
  readonly service = new Times()
  #active = 0
  #busyMs = 0
  #since: number
  readonly #first: Sample
  #samples: Sample[]
  #endedAt: number | undefined

  /** `slots` is how much can be worked on at once: the number that 100 % utilisation stands for. */
  constructor(
    public slots: number,
    now = performance.now(),
  ) {
    this.#since = now
    this.#first = { at: now, out: 0, busyMs: 0 }
    this.#samples = [this.#first]
  }

  get active(): number {
    return this.#active
  }

  /** Work on an item begins, or goes on after it had stopped to hand over a result. */
  enter(now = performance.now()): void {
    this.#settle(now)
    this.#active++
  }

  leave(now = performance.now()): void {
    this.#settle(now)
    this.#active--
  }

  /** Nothing more will come: rates and utilisation are those of the whole run from now on. */
  end(now = performance.now()): void {
    if (this.#endedAt !== undefined) return
    this.#settle(now)
    this.#endedAt = now
    this.#samples = [this.#first]
  }

  /** Called at a steady pace: keeps just enough past to look back over the window. */
  sample(now = performance.now()): void {
    if (this.#endedAt !== undefined) return
    this.#settle(now)
    const samples = this.#samples
    samples.push({ at: now, out: this.out, busyMs: this.#busyMs })
    while (samples.length > 2 && now - samples[1].at >= windowMs) samples.shift()
  }

  /** Recent pace: items a second, and the share of the slots that was at work. After the end, of the whole run. */
  pace(now = performance.now()): { itemsPerSecond: number; utilisation: number } {
    if (this.#endedAt === undefined) this.#settle(now)
    const from = this.#samples[0]
    const ms = (this.#endedAt ?? now) - from.at
    if (ms <= 0) return { itemsPerSecond: 0, utilisation: 0 }
    return {
      itemsPerSecond: ((this.out - from.out) * 1000) / ms,
      utilisation: Math.min(1, (this.#busyMs - from.busyMs) / (ms * this.slots)),
    }
  }

  #settle(now: number): void {
    // More may be on their way to the threads of a stage than those can work on.
    this.#busyMs += Math.min(this.#active, this.slots) * (now - this.#since)
    this.#since = now
  }
}
