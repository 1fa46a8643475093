/**
 * @module `@millrace/queue/waiting`: for those who build queues of their own on the same waits.
 *
 * A queue keeps one `WaitingRoom`, and in it one `WaiterList` for each kind of call that can wait. A waiting call goes
 * through four steps, in this order (the precedence of T091):
 *
 * ```ts
 * get(options?: WaitOptions): Promise<T> {
 *   const terms = readTerms(options)                                      // never throws
 *   if (terms.refusal) return Promise.reject(terms.refusal.reason)        // bad options, a signal already aborted
 *   if (this.available()) return Promise.resolve(this.take())             // served at once: no waiter is made
 *   if (this.isShutdown) return Promise.reject(new QueueShutDown(...))
 *   if (terms.timeout === 0) return Promise.reject(this.getters.timedOut(0))
 *   return this.getters.append(new Waiter<T>(), terms)
 * }
 * ```
 *
 * and whatever brings an item hands it over: `this.getters.first?.fulfil(item)`. `first` passes over a waiter whose
 * signal is aborted, so an item is never given to a call that has been given up. Once `fulfil` was called the item is
 * the caller's: an abort that comes later is too late, and changes nothing.
 *
 * A queue that has the `enlist` method can be given to `select` and `merge`. Errors of one's own extend `QueueError`, and
 * `markKind` makes `instanceof` hold between copies of them.
 */

export { markKind } from '../errors.js'
export { enlist, hasFailed, isSelectable, paced, type Selectable } from './enlist.js'
export { readTerms, UNLIMITED, type WaitOptions, WaitTerms } from './wait-terms.js'
export { type AnyWaiter, Waiter, WaiterList, WaitingRoom, type WaitOwner } from './waiter-list.js'
