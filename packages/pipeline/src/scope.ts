import { setMaxListeners } from 'node:events'
import { type ErrorPolicy, rememberFailure, type StageFailure } from './failure.js'
import { Pace } from './pace.js'
import type { Gauge } from './stats.js'

/**
 * What the stages of one run share: how it is stopped, what failed, and what has to be over before it may be called over.
 *
 * A run ends once: `stop(reason)` is final, and everything that a stage waits on is released by `onStop`.
 */
export class Scope {
  readonly #controller = new AbortController()
  readonly #closers: (() => void)[] = []
  readonly #work = new Set<Promise<void>>()
  readonly #abandoned = new Set<Promise<void>>()
  readonly #mustEnd: Promise<void>[] = []
  readonly failures: StageFailure[] = []
  /** In the order of the stages. They are joined from the last to the first, so each one puts itself in front. */
  readonly gauges: Gauge[] = []
  readonly pace = new Pace()
  failed = 0
  error: unknown
  hasError = false

  /** @param grace - how long stopping waits for functions that do not heed their signal, in ms */
  constructor(
    private readonly onError: ErrorPolicy,
    readonly grace: number,
  ) {
    // Every item at work may listen to it, and so may the functions of the stages: many listeners are no leak here.
    setMaxListeners(0, this.#controller.signal)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get stopped(): boolean {
    return this.#controller.signal.aborted
  }

  /** Called once when the run is stopped before its end, at once if it has been; not at all when it ends by itself. */
  onStop(close: () => void): void {
    if (this.stopped) close()
    else this.#closers.push(close)
  }

  stop(reason: unknown): void {
    if (this.stopped) return
    this.#controller.abort(reason)
    for (const close of this.#closers) close()
  }

  /** Ends the run with an error: the first one counts. */
  fail(error: unknown): void {
    if (this.stopped) return
    this.error = error
    this.hasError = true
    this.stop(error)
  }

  /** Something that has to be over before the run is; a rejection of it fails the run. */
  track(work: Promise<unknown>): void {
    const guarded = work.then(
      () => undefined,
      (error: unknown) => this.fail(error),
    )
    this.#work.add(guarded)
    void guarded.then(() => this.#work.delete(guarded))
  }

  /** Something that ends within the grace by itself, whatever functions do: stopping waits for it in any case. */
  trackToEnd(work: Promise<void>): void {
    this.#mustEnd.push(work)
  }

  /** A function that was given up on: its outcome matters to nobody, but stopping waits for it. */
  abandon(work: Promise<unknown>): void {
    const guarded = work.then(
      () => undefined,
      () => undefined,
    )
    this.#abandoned.add(guarded)
    void guarded.then(() => this.#abandoned.delete(guarded))
  }

  /** Resolves when everything tracked is over; after a stop also what was abandoned, but then not later than the grace. */
  async settled(): Promise<void> {
    while (this.#work.size > 0 && !this.stopped) {
      await Promise.race([Promise.all(this.#work), this.#whenStopped()])
    }
    if (!this.stopped) return
    let timer: NodeJS.Timeout | undefined
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.grace)
    })
    await Promise.race([Promise.all([...this.#work, ...this.#abandoned]), enough])
    clearTimeout(timer)
    await Promise.all(this.#mustEnd)
  }

  #whenStopped(): Promise<void> {
    return new Promise((resolve) => this.onStop(resolve))
  }

  /** Counts a failure and does what the policy says: resolves when the stage may go on. */
  async report(failure: StageFailure, policy: ErrorPolicy | undefined): Promise<void> {
    this.failed++
    const chosen = policy ?? this.onError
    const action = typeof chosen === 'function' ? ((await chosen(failure)) ?? 'skip') : chosen
    if (action === 'throw') {
      rememberFailure(failure)
      this.fail(failure.error)
    } else if (action === 'collect') {
      this.failures.push(failure)
    } else if (typeof action === 'string' && action !== 'skip') {
      // Misspelt, it would be the silent one of the three.
      throw new TypeError(
        `stage '${failure.stage}': onError answers 'throw', 'skip', 'collect' or nothing, got '${action as string}'`,
      )
    }
  }
}
