import type { Transferable } from 'node:worker_threads'
import { type BridgeOptions, FanInQueue } from '../index.js'
import { unpackThrown } from '../thrown.js'
import { isOpen } from './lane-state.js'
import type { StreamEnd, StreamTask } from './streaming.js'
import { type TaskPool, targetOf } from './task-pool.js'

export interface StreamOptions<T> extends BridgeOptions<T>, RunTerms {}

interface RunTerms {
  /** Stops the task; every get then rejects with its reason. The thread goes on to the next task. */
  readonly signal?: AbortSignal | undefined
  /** The worker's file and the name of its export, when they are not the pool's. */
  readonly filename?: string | undefined
  readonly exportName?: string | undefined
  /** Lets the task `put(item, { transfer })`. @default false */
  readonly transferable?: boolean | undefined
  /** What of the task is transferred, as `postMessage` takes it. */
  readonly transferList?: readonly Transferable[] | undefined
}

/** The queue that `stream()` gives: leaving a loop over it stops the task, for nobody else would take what it makes. */
class Stream<T> extends FanInQueue<T> {
  #task: Promise<void> = Promise.resolve()

  /** @internal */
  start(
    pool: TaskPool,
    task: unknown,
    { signal, filename, exportName, transferable = false, transferList = [] }: RunTerms,
  ): this {
    if (signal?.aborted) {
      this.#abort(signal.reason)
      return this
    }
    for (const worker of pool.threads ?? []) this.watch(worker)
    const out = this.producer({ transferable })
    const stop = () => this.#abort(signal?.reason)
    signal?.addEventListener('abort', stop, { once: true })
    const message: StreamTask<unknown, T> = { millrace: 'stream', task, out }
    const target = targetOf({ filename, name: exportName })
    const run = pool.run(message, { ...target, transferList: [...transferList, ...out.transferList] })
    this.#task = run
      .then(
        (end) => this.#end(end as Partial<StreamEnd> | undefined),
        (error: unknown) => {
          // A thread that had begun and not finished is dying: its exit reports RemoteLost, after all that it had put.
          if (isOpen(out)) this.closeWhenIdle()
          else this.fail(error)
        },
      )
      .finally(() => signal?.removeEventListener('abort', stop))
    return this
  }

  override batches(options?: { max?: number; signal?: AbortSignal }): AsyncIterableIterator<T[], undefined> {
    return this.#stopping(super.batches(options))
  }

  override [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return this.#stopping(super[Symbol.asyncIterator]())
  }

  /** Stops the task and resolves when its thread is free. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]()
    await this.#task
  }

  #end(end: Partial<StreamEnd> | undefined): void {
    if (end === null || typeof end !== 'object') {
      this.fail(
        new TypeError(`stream(): the worker's function is not one that streaming() made; it answered ${String(end)}`),
      )
    } else if (end.thrown !== undefined) {
      this.fail(unpackThrown(end.thrown))
    } else {
      this.shutdown()
    }
  }

  #abort(reason: unknown): void {
    this.fail(reason)
    this.shutdown({ immediate: true })
  }

  #stopping<V>(iterator: AsyncIterableIterator<V, undefined>): AsyncIterableIterator<V, undefined> {
    const leave = iterator.return?.bind(iterator)
    iterator.return = async (value) => {
      this.shutdown({ immediate: true })
      return (await leave?.(value)) ?? { done: true, value: undefined }
    }
    return iterator
  }
}

/**
 * Runs a task in a thread of a Piscina pool and gives the queue of the items that it puts or yields, while it runs.
 *
 * Worker file:   `export default streaming(async function* (task) { yield ... })`, or `streaming((task, producer) => { ... })`
 * Back-pressure: the thread waits while the queue's `capacityBytes` or `maxItems` are in use
 * Stopping:      leaving a `for await` loop, `signal`, `shutdown({ immediate: true })` and disposal stop the task at its next yield, put
 *                or `checkpoint()`; the thread is not terminated and serves the pool's next task
 * Failure:       what the task throws is thrown here after every item before it; a thread that dies is RemoteLost
 * Threads:       the task occupies one of the pool's until it ends. Streams beyond `maxThreads` wait for one to become free: reading them
 *                in turn, the last one first, waits for ever. Read them at the same time, for instance by `merge()`.
 */
export function stream<T>(pool: TaskPool, task: unknown, options: StreamOptions<T> = {}): FanInQueue<T> {
  const { signal, filename, exportName, transferable, transferList, ...queueOptions } = options
  return new Stream<T>(queueOptions).start(pool, task, { signal, filename, exportName, transferable, transferList })
}
