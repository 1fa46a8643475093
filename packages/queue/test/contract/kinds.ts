import { LifoQueue, PriorityQueue, Queue, type QueueOptions } from '../../src/index.js'

/** One class of queue, as the contract sees it. */
export interface Kind {
  readonly title: string
  create<T>(options?: number | Omit<QueueOptions<T>, 'storage'>): Queue<T>
  /** The order in which items that were put in this order leave when nobody waits for them. */
  leaving(items: readonly number[]): number[]
}

export const kinds: readonly Kind[] = [
  { title: 'Queue', create: (options) => new Queue(options), leaving: (items) => [...items] },
  { title: 'LifoQueue', create: (options) => new LifoQueue(options), leaving: (items) => [...items].reverse() },
  {
    title: 'PriorityQueue',
    create: (options) => new PriorityQueue(options),
    leaving: (items) => [...items].sort((a, b) => a - b),
  },
]

/** What every case ends with: nobody waits any more. */
export const waiters = <T>(queue: Queue<T>): number => {
  const { get, put, join, peek } = queue.stats().waiters
  return get + put + join + peek
}
