import { availableParallelism } from 'node:os'
import { checkKeys, refused } from '../options.js'
import { type MapErrorPolicy, MapIterator, type MapSettings } from './map-iterator.js'
import { type TaskPool, targetOf } from './task-pool.js'
import { Window } from './window.js'

export interface MapThreadsOptions<I> {
  /** Threads of the pool that work. @default the pool's maxThreads */
  readonly concurrency?: number
  /** Results in the order of their items; otherwise as they are ready. @default true */
  readonly ordered?: boolean
  /**
   * Items under way at most: in threads, on the way, and done but not read.
   * @default 4 * concurrency, and up to 512 * concurrency as long as they are quick
   */
  readonly window?: number
  /** Stops the threads at their next checkpoint; the iteration rejects with its reason. */
  readonly signal?: AbortSignal
  /** @default 'throw' */
  readonly onError?: MapErrorPolicy<I>
  /** Items of a thread that died: given to another one, or failed with RemoteLost. @default 'redeliver' */
  readonly onConsumerLost?: 'redeliver' | 'fail'
  /** How many threads an item may take down before it fails with RemoteLost. @default 3 */
  readonly maxDeliveries?: number
  /** Of each thread's two rings. @default 1 MiB */
  readonly capacityBytes?: number
  /** The worker's file and the name of its export, when they are not the pool's. */
  readonly filename?: string
  readonly exportName?: string
}

/**
 * Maps a source in threads of a Piscina pool: an async iterable of the results.
 *
 * Worker file:   `export default mapping((item) => result)`; async functions and generators too, whose items are results each
 * Back-pressure: at most `window` items are taken from the source before their results are read
 * Ordering:      that of the source; with `ordered: false` as the results are ready
 * Exactly once:  each item gives its result once, also when a thread dies and its items are worked on again by another one
 * Stopping:      leaving the loop, an error and `signal` stop the threads at their next item or `checkpoint()`; they serve the pool's next
 *                task, and the source is told to return
 * Threads:       occupies `concurrency` threads of the pool from the first `next()` to the end
 */
export function mapThreads<I, R>(
  pool: TaskPool & { readonly maxThreads?: number },
  source: Iterable<I> | AsyncIterable<I>,
  options: MapThreadsOptions<I> = {},
): AsyncIterableIterator<R> {
  return new MapIterator<I, R>(pool, source, readOptions(pool, options))
}

const known: readonly (keyof MapThreadsOptions<never>)[] = [
  'concurrency',
  'ordered',
  'window',
  'signal',
  'onError',
  'onConsumerLost',
  'maxDeliveries',
  'capacityBytes',
  'filename',
  'exportName',
]

function readOptions<I>(pool: { readonly maxThreads?: number }, options: MapThreadsOptions<I>): MapSettings<I> {
  checkKeys(options, known)
  const { concurrency = pool.maxThreads ?? availableParallelism(), ordered = true, onError = 'throw' } = options
  const { window, maxDeliveries = 3, onConsumerLost = 'redeliver' } = options
  const { signal, capacityBytes, filename, exportName } = options
  count('concurrency', concurrency)
  if (window !== undefined) count('window', window)
  count('maxDeliveries', maxDeliveries)
  if (onError !== 'throw' && typeof onError !== 'function') {
    throw refused(TypeError, `mapThreads(): onError is 'throw' or a function, got ${String(onError)}`)
  }
  if (onConsumerLost !== 'redeliver' && onConsumerLost !== 'fail') {
    throw refused(TypeError, `mapThreads(): onConsumerLost is 'redeliver' or 'fail', got ${String(onConsumerLost)}`)
  }
  return {
    ordered,
    window: new Window(window ?? 4 * concurrency, window ?? 512 * concurrency),
    signal,
    onError,
    crew: {
      threads: concurrency,
      prefetch: Math.ceil((window ?? 512 * concurrency) / concurrency),
      maxDeliveries: onConsumerLost === 'fail' ? 1 : maxDeliveries,
      capacityBytes,
      isOrdered: ordered,
      target: targetOf({ filename, name: exportName }),
    },
  }
}

function count(name: string, value: unknown): void {
  if (typeof value !== 'number' || Number.isNaN(value))
    throw refused(TypeError, `mapThreads(): ${name} is a number, got ${String(value)}`)
  if (!Number.isInteger(value) || value < 1)
    throw refused(RangeError, `mapThreads(): ${name} is a whole number from 1, got ${value}`)
}
