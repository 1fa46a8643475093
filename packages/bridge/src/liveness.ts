import type { Worker } from 'node:worker_threads'
import { hostProcess, isDeno, shared } from './runtime.js'

/** Who wants to hear of the end of threads. */
export interface ThreadWatcher {
  onThreadEnd(threadId: number, exitCode: number | undefined): void
}

/** How many threads that have ended are remembered, for whoever comes too late. */
const ENDED_KNOWN = 1000

/** A Worker whose thread's CPU time can be asked for. */
type Measurable = Worker & { cpuUsage?: () => Promise<unknown> }

/**
 * Tells queues which threads have ended. Every Worker that this thread starts is heard of from the moment the package is loaded;
 * any other has to be shown to `watch()`. It does not hold queues: a forgotten one may be collected.
 *
 * On Node and Bun a thread has stopped by its 'exit'. On Deno it may go on: `terminate()` says 'exit' at once and stops no thread that is
 * computing, for as long as that takes. Whoever is told must therefore cut the thread off by words that both ends see, and be content with
 * whatever it may still do: see `HomeLane.markDead()` and `OutLane.leave()`.
 */
export class Liveness {
  private readonly watchers = new Set<WeakRef<ThreadWatcher>>()
  /** The threads of the Workers that are watched; -1 of those that have ended. */
  private readonly threads = new WeakMap<object, number>()
  private readonly running = new Set<number>()
  /** The threads that ended last. */
  private readonly ended = new Set<number>()

  /** @param mayHaveEnded - whether the platform shows Workers that are over already: Deno does, one that ends as it begins */
  constructor(private readonly mayHaveEnded: boolean) {
    hostProcess?.on('worker', (worker: Worker) => void this.watch(worker))
  }

  /** @returns the thread of the worker, or -1 if that has ended @throws {TypeError} for what is no Worker of node:worker_threads */
  watch(worker: Worker): number {
    if (typeof (worker as Partial<Worker> | null | undefined)?.once !== 'function') {
      throw new TypeError(`expected watch() to get a Worker of node:worker_threads, got ${String(worker)}`)
    }
    const known = this.threads.get(worker)
    if (known !== undefined) return known
    // Remembered now: it reads -1 at 'exit'.
    const { threadId } = worker
    this.threads.set(worker, threadId)
    this.running.add(threadId)
    worker.once('exit', (code: number) => this.end(worker, threadId, code))
    if (this.mayHaveEnded) {
      // Rejected when the Worker is over, and nothing else says that.
      ;(worker as Measurable).cpuUsage?.().catch(() => this.end(worker, threadId, undefined))
    }
    return threadId
  }

  private end(worker: Worker, threadId: number, code: number | undefined): void {
    if (this.threads.get(worker) === -1) return
    this.threads.set(worker, -1)
    this.running.delete(threadId)
    this.ended.add(threadId)
    if (this.ended.size > ENDED_KNOWN) this.ended.delete(firstOf(this.ended))
    for (const ref of this.watchers) {
      const watcher = ref.deref()
      if (watcher === undefined) this.watchers.delete(ref)
      else watcher.onThreadEnd(threadId, code)
    }
  }

  /** Whether a thread that this one started or watches runs; undefined of any other. */
  isRunning(threadId: number): boolean | undefined {
    if (this.running.has(threadId)) return true
    return this.ended.has(threadId) ? false : undefined
  }

  /** @returns what to give to `leave()`. */
  join(watcher: ThreadWatcher): WeakRef<ThreadWatcher> {
    const ref = new WeakRef(watcher)
    this.watchers.add(ref)
    return ref
  }

  leave(ref: WeakRef<ThreadWatcher>): void {
    this.watchers.delete(ref)
  }
}

function firstOf(threads: Set<number>): number {
  for (const thread of threads) return thread
  return -1
}

export const liveness = shared('liveness', () => new Liveness(isDeno))
