import { QueueShutDown } from '../errors.js'
import type { Waiter } from './waiter-list.js'

/** The key of `Selectable`'s method, the same in every copy of this package. */
export const enlist: unique symbol = Symbol.for('@millrace/queue.enlist')

/** The key of the method that holds an answer back, the same in every copy of this package. */
export const paced: unique symbol = Symbol.for('@millrace/queue.paced')

/** The key of the method that tells a failure from an end, the same in every copy of this package. */
export const hasFailed: unique symbol = Symbol.for('@millrace/queue.hasFailed')

/** A queue whose next item can be waited for by a waiter that was made elsewhere: what `select` and `merge` build on. */
export interface Selectable<T> {
  /**
   * Gives the waiter the next item now (`fulfil`), or an end of the queue (`fail`), or lets it wait its turn among the
   * pending gets. The waiter may leave the list at any time; it has then taken nothing. Must not throw.
   *
   * @param isOnce - the waiter leaves as soon as this returns: it is given what is there now, or nothing. @default false
   */
  [enlist](waiter: Waiter<T, unknown>, isOnce?: boolean): void

  /**
   * In fair mode: what a waiter was given by `enlist` at once, not before the event loop had its turn. A queue that needs
   * none goes without, because it lets waiters wait for that turn, or has no such mode.
   */
  [paced]?<V>(answer: Promise<V>): Promise<V>

  /** Whether it ended by `fail()`: its error may be the `QueueShutDown` of another queue, which is no end of this one. */
  [hasFailed]?(): boolean
}

/** Whether `reason`, which a waiter of this queue failed with, says that it ended as queues do. */
export const isEnd = (queue: Selectable<unknown>, reason: unknown): boolean => {
  if (!(reason instanceof QueueShutDown)) return false
  return hasFailed in queue ? !queue[hasFailed]() : true
}

export const isSelectable = (queue: unknown): queue is Selectable<unknown> =>
  typeof queue === 'object' && queue !== null && enlist in queue
