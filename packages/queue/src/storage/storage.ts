/**
 * Where a queue keeps what has been put and not yet taken, and in which order it leaves.
 *
 * A storage of one's own may keep fewer items than were pushed (ignore duplicates, replace an older value): the queue
 * counts by the change of `size`. A method that throws must leave the storage as it was, and none may call the queue.
 */
export interface Storage<T> {
  readonly size: number
  push(item: T): void
  /** Removes and returns the next item; called only while `size` is above 0. */
  shift(): T
  /** The next item, left where it is; called only while `size` is above 0. */
  peek(): T
  /** Removes and returns all items, in the order in which they would have left. */
  clear(): T[]
  /** Puts back an item that was shifted, to be the next one again. @default push */
  unshift?(item: T): void
  /** Removes and returns what `overflow: 'dropOldest'` gives up: the item that came first. @default shift */
  evict?(): T
}

/** What the built-in storages know besides: when the item that has been there longest came. */
export interface DatedStorage<T> extends Storage<T> {
  /** By the clock of `performance.now()`; undefined when empty. */
  oldestAt(): number | undefined
  /** Tells that somebody found the queue empty, so that time may have passed before the next item. */
  idle(): void
}

export const isDated = <T>(storage: Storage<T>): storage is DatedStorage<T> => 'oldestAt' in storage
