import { Queue } from './queue.js'
import { type OrderedQueueOptions, orderedBy } from './queue-options.js'
import { LifoStorage } from './storage/lifo-storage.js'

/**
 * A queue whose newest item leaves first; otherwise as `Queue`.
 *
 * The order is that of what is there: a get that waits is given the first item that is put, whatever follows it.
 */
export class LifoQueue<T> extends Queue<T> {
  constructor(options?: number | OrderedQueueOptions<T>) {
    super(orderedBy(new LifoStorage<T>(), options))
  }
}
