import { advise } from './advisor.js'
import { PipelineStopped } from './errors.js'
import type { ErrorPolicy, StageFailure } from './failure.js'
import { Meter } from './meter.js'
import { checkFunction, checkKeys, checkNumber, checkPolicy, checkSignal } from './options.js'
import type { Outlet } from './outlet.js'
import { Scope } from './scope.js'
import { type PipelineStats, stageStats } from './stats.js'

export interface RunOptions {
  /** Stops every stage and rejects with its reason. */
  readonly signal?: AbortSignal
  /** For stages without a policy of their own. @default 'throw' */
  readonly onError?: ErrorPolicy
  /** Called with the `progress` event's stats. */
  readonly onProgress?: (stats: PipelineStats) => void
  /** Time between two `progress` events, in ms. @default 500 */
  readonly progressInterval?: number
  /** Stopping waits this long, in ms, for functions that do not heed their signal. @default 500 */
  readonly grace?: number
}

/** What `run()` resolves with: the final stats, and what failed in stages that collect. */
export interface RunReport extends PipelineStats {
  readonly failures: readonly StageFailure[]
}

const runKeys = ['signal', 'onError', 'onProgress', 'progressInterval', 'grace']

export function checkRunOptions(options: RunOptions, where: string): void {
  checkKeys(options, runKeys, where)
  checkSignal(options.signal, where)
  checkPolicy(options.onError, where)
  if (options.onProgress !== undefined) checkFunction(options.onProgress, `${where}: onProgress`)
  const limits = { min: 1, max: 2 ** 31 - 1, fraction: true }
  checkNumber('progressInterval', options.progressInterval ?? 500, where, limits)
  checkNumber('grace', options.grace ?? 500, where, { ...limits, min: 0 })
}

/** How often the meters look at the clock, in ms. */
const sampleMs = 250

/** One run of a pipeline, from its start until nothing of it is left. */
export class Run<T> {
  readonly scope: Scope
  readonly source = new Meter(1)
  readonly consumer = new Meter(1)
  readonly finished: Promise<RunReport>
  readonly #startedAt = performance.now()
  #endedAt: number | undefined
  #state: PipelineStats['state'] = 'running'
  #out = 0

  constructor(
    private readonly options: RunOptions,
    outlet: Outlet<T>,
    connect: (run: Run<T>, outlet: Outlet<T>) => void,
    private readonly onProgress: (stats: PipelineStats) => void,
  ) {
    this.scope = new Scope(options.onError ?? 'throw', options.grace ?? 500)
    connect(this, {
      put: (value, index, receipt) => {
        this.#out++
        return outlet.put(value, index, receipt)
      },
      end: () => outlet.end(),
    })
    this.finished = this.#finish()
    // Who iterates learns of an error there; who asked for nothing is not to be killed by an unhandled rejection.
    this.finished.catch(() => {})
  }

  async #finish(): Promise<RunReport> {
    const { scope, options } = this
    const { signal, progressInterval = 500 } = options
    const stop = () => scope.stop(signal?.reason)
    signal?.addEventListener('abort', stop, { once: true })
    const sampler = setInterval(() => this.#sample(), sampleMs).unref()
    const reporter = setInterval(() => this.#progress(), progressInterval).unref()
    try {
      await scope.settled()
    } finally {
      signal?.removeEventListener('abort', stop)
      clearInterval(sampler)
      clearInterval(reporter)
      this.#end()
    }
    this.#progress()
    if (scope.hasError) throw scope.error
    if (scope.stopped && !(scope.signal.reason instanceof PipelineStopped)) throw scope.signal.reason
    return { ...this.stats(), failures: scope.failures }
  }

  stats(): PipelineStats {
    const { scope, source, consumer } = this
    const now = this.#endedAt ?? performance.now()
    return {
      state: this.#state,
      elapsedMs: now - this.#startedAt,
      in: source.in,
      out: this.#out,
      failed: scope.failed,
      itemsPerSecond: source.pace(now).itemsPerSecond,
      stages: scope.gauges.map((gauge) => stageStats(gauge, now)),
      ...advise(source, scope.gauges, consumer, now),
    }
  }

  #end(): void {
    const now = performance.now()
    this.#endedAt = now
    this.#state = this.scope.hasError ? 'failed' : this.scope.stopped ? 'stopped' : 'done'
    for (const meter of this.#meters()) meter.end(now)
  }

  #sample(): void {
    const now = performance.now()
    for (const meter of this.#meters()) meter.sample(now)
  }

  #progress(): void {
    try {
      this.onProgress(this.stats())
    } catch (error) {
      this.scope.fail(error)
    }
  }

  *#meters(): Iterable<Meter> {
    yield this.source
    yield this.consumer
    for (const { meter } of this.scope.gauges) yield meter
  }
}
