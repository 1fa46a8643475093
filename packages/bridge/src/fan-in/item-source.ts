import type { Lease } from './lease.js'
import type { LeaseBatch } from './lease-batch.js'

/** No item; items can be anything, undefined included. */
export const NOTHING: unique symbol = Symbol('nothing')

/** What a waiting call needs of the home end that it waits on. */
export interface ItemSource<T> {
  /** Takes the next item; there is one. Throws what the codec throws. */
  take(): T
  /** Takes what is there, up to `max` items. */
  takeMany(max: number): T[]
  takeManyInto(into: T[], max: number): void
  /** What was taken and given back comes first. */
  putBack(items: readonly T[]): void
  /** To call after having settled. */
  afterWait(): void
}

export interface LeaseSource<T> extends ItemSource<T> {
  /** Takes the next item without a copy. */
  lease(): Lease
  /** As `lease()` for the item that follows another, is known to be there, and has nothing in its way; undefined if it is none. */
  leaseNext(): Lease | undefined
  /** Takes what is there in one lane without a copy, up to `max` items and a good part of the ring. */
  leaseMany(max: number): LeaseBatch
}
