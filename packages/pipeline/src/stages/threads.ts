import { Crew, Parts } from '@millrace/bridge/piscina'
import { Piscina } from 'piscina'
import type { StageContext } from '../attempts.js'
import { StageTimeout } from '../errors.js'
import type { Meter } from '../meter.js'
import type { ResolvedThreadOptions } from '../options.js'
import type { Scope } from '../scope.js'
import { threadEntry } from '../thread-entry.js'
import type { nothing } from './each.js'
import { spread } from './flat-map.js'

/** A thread that goes on with an item for so many ms after its timeout is terminated, and another one takes its place. */
const killAfterMs = 500

/** The pool of a `mapThreads` stage: started with the first item, gone with the stage. */
export class Threads<I, R> {
  readonly slots: number
  readonly mostAtOnce: number
  #pool: Piscina | undefined
  #crew: Crew<I, R> | undefined
  #meter: Meter | undefined

  constructor(
    private readonly name: string,
    private readonly module: string,
    private readonly options: ResolvedThreadOptions,
    private readonly scope: Scope,
  ) {
    this.slots = options.threads
    this.mostAtOnce = options.mostAtOnce
    scope.onStop(() => scope.trackToEnd(this.#stop()))
  }

  open(meter: Meter): void {
    this.#meter = meter
  }

  /** Has a thread work on an item. */
  readonly call = (item: I, { signal }: StageContext): Promise<R | Parts<R>> => {
    const crew = this.#crew ?? this.#start()
    return crew.run(item, { signal, whole: this.options.isWhole })
  }

  /** Results of a generator come one by one, the answer of a plain function is one. */
  readonly deliver = (
    answer: R | Parts<R>,
    item: I,
    emit: (value: R) => Promise<void>,
  ): Promise<void> | typeof nothing => (answer instanceof Parts ? spread(answer, item, emit) : emit(answer))

  /** Every item has been worked on. */
  async close(): Promise<void> {
    await this.#crew?.close()
    await this.#pool?.destroy()
  }

  #start(): Crew<I, R> {
    const { threads, prefetch, maxDeliveries, capacityBytes, resourceLimits, stage } = this.options
    this.#pool = new Piscina({
      filename: threadEntry,
      minThreads: threads,
      maxThreads: threads,
      ...(resourceLimits !== undefined && { resourceLimits }),
    })
    // What a crashing thread has to say reaches the failed items; the pool's own event has no listener otherwise, and would throw.
    this.#pool.on('error', () => {})
    this.#crew = new Crew<I, R>(this.#pool, {
      threads,
      prefetch,
      maxDeliveries,
      capacityBytes,
      isOrdered: stage.ordered,
      killAfter: killAfterMs,
      ...(stage.timeout < 2 ** 31 && {
        timeout: { ms: stage.timeout, error: () => new StageTimeout(this.name, stage.timeout) },
      }),
      extras: { module: this.module },
      onMeasured: (ms) => this.#meter?.service.record(ms),
      onFailure: (error) => this.scope.fail(error),
    })
    return this.#crew
  }

  /** Functions see their signal and checkpoints for as long as the run's grace; then the threads are terminated. */
  async #stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.scope.grace)
    })
    await Promise.race([this.#crew?.stop(this.scope.signal.reason), enough])
    clearTimeout(timer)
    await this.#pool?.destroy()
  }
}
