import type { Worker } from 'node:worker_threads'
import { hostProcess, shared } from './runtime.js'

/** Who wants to hear of the end of threads. */
export interface ThreadWatcher {
  onThreadEnd(threadId: number, exitCode: number | undefined): void
}

/**
 * Tells queues which threads have ended. Every Worker that this thread starts is heard of from the moment the package is loaded;
 * any other has to be shown to `watch()`.
 *
 * By 'exit' all that the thread published is there. It does not hold queues: a forgotten one may be collected.
 */
class Liveness {
  private readonly watchers = new Set<WeakRef<ThreadWatcher>>()
  private readonly watched = new WeakSet<object>()

  constructor() {
    hostProcess?.on('worker', (worker: Worker) => this.watch(worker))
  }

  watch(worker: Worker): void {
    if (this.watched.has(worker)) return
    this.watched.add(worker)
    // Remembered now: it reads -1 at 'exit'.
    const { threadId } = worker
    worker.once('exit', (code: number) => this.onEnd(threadId, code))
  }

  private onEnd(threadId: number, code: number): void {
    for (const ref of this.watchers) {
      const watcher = ref.deref()
      if (watcher === undefined) this.watchers.delete(ref)
      else watcher.onThreadEnd(threadId, code)
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

export const liveness = shared('liveness', () => new Liveness())
