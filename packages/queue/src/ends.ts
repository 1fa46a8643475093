import type { GetManyOptions } from './get-many.js'
import type { WaitOptions } from './waiting/wait-terms.js'

/**
 * What can be put into: the contravariant view of a queue, which a `Queue<Animal>` has for a producer of dogs.
 *
 * What takes items is declared as a property, because the compiler lets a method's parameters vary both ways.
 */
export interface ProducerEnd<T> {
  readonly maxsize: number
  qsize(): number
  full(): boolean
  readonly put: (item: T, options?: WaitOptions) => Promise<void>
  readonly putNowait: (item: T) => void
  readonly putMany: (items: Iterable<T> | AsyncIterable<T>, options?: WaitOptions) => Promise<number>
  join(options?: WaitOptions): Promise<void>
  shutdown(options?: ShutdownOptions): void
  readonly isShutdown: boolean
}

/** What can be taken from: the covariant view of a queue, which a `Queue<Dog>` has for a consumer of animals. */
export interface ConsumerEnd<T> extends AsyncIterable<T> {
  qsize(): number
  empty(): boolean
  get(options?: WaitOptions): Promise<T>
  getNowait(): T
  getMany(options?: GetManyOptions): Promise<T[]>
  batches(options?: BatchesOptions): AsyncIterableIterator<T[]>
  drain(): T[]
  taskDone(count?: number): void
  readonly unfinishedTasks: number
}

export interface ShutdownOptions {
  /** Drop what is there, and fail gets at once. @default false: gets go on until the queue is empty */
  immediate?: boolean | undefined
}

export interface BatchesOptions {
  /** Items a batch at most. @default all that is there */
  max?: number | undefined
  /** Ends the iteration with its reason. */
  signal?: AbortSignal | undefined
}
