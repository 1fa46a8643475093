import { FanInQueue, FanOutQueue } from '@millrace/bridge'
import type { ConsumerHandle, ProducerHandle } from '@millrace/bridge/worker'
import { Piscina } from 'piscina'
import { type BusyClock, busyFor, createBusyClock } from './busy-clock.js'
import type { Recipe } from './recipe.js'
import type { Rendered, WantedOutput } from './render.js'

/** One picture on its way to a thread: a path that the thread reads, or bytes that were downloaded. */
export interface RenderTask {
  readonly id: number
  readonly source: string | Uint8Array
  readonly wanted: readonly WantedOutput[]
}

export type RenderResult =
  | { readonly id: number; readonly rendered: Rendered; readonly renderMs: number }
  | { readonly id: number; readonly error: string }

/** What a thread is started with. */
export interface ThreadTask {
  readonly work: ConsumerHandle<RenderTask>
  readonly results: ProducerHandle<RenderResult>
  readonly recipe: Recipe
  readonly clock: BusyClock
}

export interface RenderThreadsOptions {
  readonly threads: number
  readonly recipe: Recipe
  /** Milliseconds that one picture may take before its thread is stopped. */
  readonly timeout: number
  /** A picture that killed its thread `maxDeaths` times is given up. */
  readonly onQuarantined: (task: RenderTask, reason: string) => void
}

const maxDeaths = 2
/** Threads that die one after the other without a picture in hand will go on dying. */
const maxIdleDeaths = 3

/**
 * Threads that render what is put into `work` and put what they make into `results`.
 *
 * A picture is handed to another thread when its own dies over it or takes longer than the timeout, and is given up the second
 * time. One picture at a time is in a thread's hands (`prefetch: 1`), so that it is clear which one was it.
 */
export class RenderThreads implements AsyncDisposable {
  readonly work: FanOutQueue<RenderTask>
  readonly results: FanInQueue<RenderResult>
  readonly #options: RenderThreadsOptions
  readonly #pool: Piscina<ThreadTask, void>
  #lastDeath = 'its thread ended'

  constructor(options: RenderThreadsOptions) {
    this.#options = options
    this.work = new FanOutQueue<RenderTask>({
      name: 'pictures',
      prefetch: 1,
      maxDeliveries: maxDeaths,
      onPoisoned: (task) => options.onQuarantined(task, `killed its thread ${maxDeaths} times: ${this.#lastDeath}`),
    })
    this.results = new FanInQueue<RenderResult>({ name: 'rendered', onRemoteLost: 'continue' })
    this.#pool = new Piscina({
      filename: new URL('./render.worker.js', import.meta.url).href,
      minThreads: options.threads,
      maxThreads: options.threads,
      execArgv: [],
    })
  }

  /**
   * Runs until `work` has been shut down and everything in it was rendered; then `results` ends.
   *
   * @throws the signal's reason when aborted, and what went wrong when threads die without a picture in hand
   */
  async run(signal: AbortSignal): Promise<void> {
    const running = Array.from({ length: this.#options.threads }, () => this.#keepRunning(signal))
    await Promise.all(running)
    this.results.shutdown()
  }

  /** One thread, and its successors. */
  async #keepRunning(signal: AbortSignal): Promise<void> {
    const { recipe, timeout } = this.#options
    for (let idleDeaths = 0; ; ) {
      const clock = createBusyClock()
      const stuck = new AbortController()
      const watch = setInterval(
        () => {
          if (busyFor(clock) > timeout) stuck.abort()
        },
        Math.min(1000, timeout / 4),
      )
      try {
        const task = { work: this.work.consumer(), results: this.results.producer(), recipe, clock }
        await this.#pool.run(task, { signal: AbortSignal.any([signal, stuck.signal]) })
        return
      } catch (error) {
        signal.throwIfAborted()
        this.#lastDeath = stuck.signal.aborted ? `took longer than ${timeout / 1000} s` : messageOf(error)
        idleDeaths = busyFor(clock) > 0 ? 0 : idleDeaths + 1
        if (idleDeaths >= maxIdleDeaths) throw error
      } finally {
        clearInterval(watch)
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy()
    await this.work[Symbol.asyncDispose]()
    await this.results[Symbol.asyncDispose]()
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
