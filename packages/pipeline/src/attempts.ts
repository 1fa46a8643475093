// By a name, and not its default: where CommonJS requires an ES module, the build takes the whole module for the default.
import { makeRetriable } from 'p-retry'
import { StageTimeout } from './errors.js'
import type { Meter } from './meter.js'
import type { ResolvedStageOptions } from './options.js'
import type { Scope } from './scope.js'

/** What a stage's function is told beside its item. */
export interface StageContext {
  /** Aborted when the run is stopped and when this attempt's `timeout` has passed. */
  readonly signal: AbortSignal
  /** Which attempt this is, from 1. */
  readonly attempt: number
  /** Position in the source, from 0. */
  readonly index: number
  readonly stage: string
}

/** An item that failed for good. */
export class GaveUp {
  constructor(
    readonly error: unknown,
    readonly attempts: number,
  ) {}
}

/** Carries whatever was thrown past p-retry, which takes only errors and refuses to retry a TypeError. */
class Attempted extends Error {
  constructor(readonly thrown: unknown) {
    super()
  }
}

export type Call<I, R> = (item: I, context: StageContext) => R | PromiseLike<R>

/** One stage's function with its rate limit, timeout and retries. */
export class Attempts<I, R> {
  constructor(
    private readonly stage: string,
    private readonly call: Call<I, R>,
    private readonly options: ResolvedStageOptions,
    private readonly scope: Scope,
    private readonly meter: Meter,
  ) {}

  /** Resolves with the result of the first attempt that succeeds; throws `GaveUp` when none did. */
  async run(item: I, index: number): Promise<R> {
    const { attempts } = this.options.retry
    if (attempts > 1) return this.#retry(item, index)
    try {
      return await this.#once(item, index, 1)
    } catch (error) {
      throw new GaveUp(error, 1)
    }
  }

  async #retry(item: I, index: number): Promise<R> {
    const { attempts, delay, factor, maxDelay, jitter, retryIf } = this.options.retry
    let made = 0
    try {
      const tryAgain = makeRetriable(
        async () => {
          const attempt = ++made
          if (attempt > 1) this.meter.retried++
          try {
            return await this.#once(item, index, attempt)
          } catch (thrown) {
            throw new Attempted(thrown)
          }
        },
        {
          retries: attempts - 1,
          minTimeout: delay,
          factor,
          maxTimeout: maxDelay,
          randomize: jitter,
          signal: this.scope.signal,
          shouldRetry: ({ error, attemptNumber }) => retryIf((error as Attempted).thrown, attemptNumber),
        },
      )
      return await tryAgain()
    } catch (error) {
      throw new GaveUp(error instanceof Attempted ? error.thrown : error, made)
    }
  }

  #once(item: I, index: number, attempt: number): R | PromiseLike<R> {
    const { rate, timeout } = this.options
    if (rate !== undefined) {
      return rate.acquire({ signal: this.scope.signal }).then(() => {
        // The run may have been stopped after the permission was given.
        this.scope.signal.throwIfAborted()
        return this.#limited(item, index, attempt, timeout)
      })
    }
    return this.#limited(item, index, attempt, timeout)
  }

  #limited(item: I, index: number, attempt: number, timeout: number): R | PromiseLike<R> {
    const { stage, scope } = this
    // Beyond 2^31 - 1 ms a timer would fire at once.
    if (timeout >= 2 ** 31) return this.call(item, { signal: scope.signal, attempt, index, stage })
    const controller = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const stop = () => {
      // The run's grace counts from here on. Over a function that never answers the timer would keep the process alive until its time.
      clearTimeout(timer)
      controller.abort(scope.signal.reason)
    }
    scope.signal.addEventListener('abort', stop, { once: true })
    return new Promise<R>((resolve, reject) => {
      const work = (async () => this.call(item, { signal: controller.signal, attempt, index, stage }))()
      const giveUp = () => {
        const error = new StageTimeout(stage, timeout)
        scope.abandon(work)
        controller.abort(error)
        reject(error)
      }
      if (!scope.stopped) timer = setTimeout(giveUp, timeout)
      work.then(resolve, reject).finally(() => {
        clearTimeout(timer)
        scope.signal.removeEventListener('abort', stop)
      })
    })
  }
}
