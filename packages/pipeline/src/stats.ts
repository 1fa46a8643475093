import type { Meter, Percentiles } from './meter.js'

/** What one stage has done and how it is doing. Counts are of the whole run; rates of the last 1.5 s, of the whole run once it has ended. */
export interface StageStats {
  readonly name: string
  readonly kind: string
  /** Items that the stage has taken up. */
  readonly in: number
  /** Results that it has handed on. */
  readonly out: number
  /** Items that it gave up on. */
  readonly failed: number
  /** Attempts beyond an item's first. */
  readonly retried: number
  /** Items that left on purpose without a result: a filter's, and those still waiting when the run was stopped. */
  readonly dropped: number
  /** Items being worked on now. */
  readonly active: number
  /** Items waiting in front of the stage now, and how many may. */
  readonly queued: number
  readonly queueSize: number
  readonly itemsPerSecond: number
  /** Time from an item's arrival in front of the stage until work on it began, in ms. */
  readonly wait: Percentiles
  /** Time that the work on one item took, retries and back-off included, waiting for the next stage excluded, in ms. */
  readonly service: Percentiles
  /** Share, 0 to 1, of the stage's concurrency that was at work; waiting for a rate limit or between attempts counts as work. */
  readonly utilisation: number
}

export interface PipelineStats {
  readonly state: 'ready' | 'running' | 'done' | 'failed' | 'stopped'
  readonly elapsedMs: number
  /** Items taken from the source, and results that have left the last stage. */
  readonly in: number
  readonly out: number
  readonly failed: number
  readonly itemsPerSecond: number
  readonly stages: readonly StageStats[]
  /** The stage that everything else waits for; or `'source'`, or `'consumer'` for a slow `for await` body. `null` before anything has moved. */
  readonly bottleneck: string | null
  /** The same as a sentence. */
  readonly advice: string
}

/** A stage as the advisor and the report see it. */
export interface Gauge {
  readonly name: string
  readonly kind: string
  readonly meter: Meter
  readonly queueSize: number
  /** Why it may be slow although no work is done: shown in the advice. */
  readonly limit: 'rate' | 'concurrency' | 'threads'
  queued(): number
}

export function stageStats(gauge: Gauge, now: number): StageStats {
  const { name, kind, meter, queueSize } = gauge
  const { in: taken, out, failed, retried, dropped, active } = meter
  return {
    name,
    kind,
    in: taken,
    out,
    failed,
    retried,
    dropped,
    active,
    queued: gauge.queued(),
    queueSize,
    ...meter.pace(now),
    wait: meter.wait.percentiles(),
    service: meter.service.percentiles(),
  }
}
