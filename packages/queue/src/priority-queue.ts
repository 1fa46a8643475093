import { Queue } from './queue.js'
import { type OrderedQueueOptions, orderedBy, refused } from './queue-options.js'
import { HeapStorage } from './storage/heap-storage.js'

export interface PriorityQueueOptions<T> extends OrderedQueueOptions<T> {
  /**
   * Which of two items leaves first, as for `Array.prototype.sort`; NaN counts as equal. What it throws comes out of the
   * put, which then has put nothing. @default naturalOrder
   */
  compare?: ((a: T, b: T) => number) | undefined
}

/**
 * A queue whose smallest item leaves first, and among equals the one that came first; otherwise as `Queue`.
 *
 * By default numbers, bigints, strings and Dates are ordered among their own kind, and arrays of those element by
 * element, so that `[priority, payload]` works; a mix throws TypeError. The order is that of what is there: a get that
 * waits is given the first item that is put, whatever follows it.
 * Cost: O(log n) comparisons a put and a get.
 */
export class PriorityQueue<T> extends Queue<T> {
  constructor(options?: number | PriorityQueueOptions<T>) {
    if (typeof options !== 'object' || options === null) {
      super(orderedBy(new HeapStorage<T>(), options))
      return
    }
    const { compare, ...rest } = options
    if (compare !== undefined && typeof compare !== 'function') {
      throw refused(TypeError, `expected compare to be a function, got ${String(compare)}`)
    }
    super(orderedBy(new HeapStorage<T>(compare), rest))
  }
}
