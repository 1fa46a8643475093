import type { Receipt } from './receipt.js'

/** Where a stage puts its results: the entrance of the next one. The receipt, if any, passes to whoever is put to. */
export interface Outlet<T> {
  /** Waits while the next stage has no room. Rejects once the run has been stopped. `index` is the item's position in the source. */
  put(value: T, index: number, receipt: Receipt | undefined): Promise<void>
  /** No more results will come. */
  end(): void
}
