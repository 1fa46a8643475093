import type { Worker } from 'node:worker_threads'
import { exitsEarly, hostProcess, later, shared } from './runtime.js'

/** Who wants to hear of the end of threads. */
export interface ThreadWatcher {
  onThreadEnd(threadId: number, exitCode: number | undefined): void
  /** A sum of the positions that the thread moves on as long as it runs. */
  progressOf?(threadId: number): number
}

/** A thread that still runs at its 'exit' is looked at every so often, and has stopped once it has stood still for so many looks. */
const LOOK_MS = 5
const RESTING_LOOKS = 4

/**
 * Tells queues which threads have ended. Every Worker that this thread starts is heard of from the moment the package is loaded;
 * any other has to be shown to `watch()`.
 *
 * By 'exit' all that the thread published is there, but on Deno, which says so before the thread has stopped: there its end is told when
 * its positions rest. It does not hold queues: a forgotten one may be collected.
 */
export class Liveness {
  private readonly watchers = new Set<WeakRef<ThreadWatcher>>()
  private readonly watched = new WeakSet<object>()

  constructor(private readonly mustRest: boolean) {
    hostProcess?.on('worker', (worker: Worker) => this.watch(worker))
  }

  watch(worker: Worker): void {
    if (this.watched.has(worker)) return
    this.watched.add(worker)
    // Remembered now: it reads -1 at 'exit'.
    const { threadId } = worker
    worker.once('exit', (code: number) => {
      if (this.mustRest) this.awaitRest(threadId, code)
      else this.tell(threadId, code)
    })
  }

  private tell(threadId: number, code: number): void {
    for (const watcher of this.all()) watcher.onThreadEnd(threadId, code)
  }

  private awaitRest(threadId: number, code: number): void {
    let last = Number.NaN
    let looks = 0
    const look = () => {
      let progress = 0
      for (const watcher of this.all()) progress += watcher.progressOf?.(threadId) ?? 0
      looks = progress === last ? looks + 1 : 0
      last = progress
      if (looks < RESTING_LOOKS) later(look, LOOK_MS)
      else this.tell(threadId, code)
    }
    look()
  }

  private *all(): Iterable<ThreadWatcher> {
    for (const ref of this.watchers) {
      const watcher = ref.deref()
      if (watcher === undefined) this.watchers.delete(ref)
      else yield watcher
    }
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

export const liveness = shared('liveness', () => new Liveness(exitsEarly))
