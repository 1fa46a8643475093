import type { WaiterList, WaitTerms } from '@millrace/queue/waiting'
import type { Getter } from './getters.js'
import type { ItemSource, NOTHING } from './item-source.js'

/** What an iterator needs of the end that it takes from: the home end of a fan-in, or a consumer of a fan-out. */
export interface Intake<T> extends ItemSource<T> {
  /** Calls that wait for items, first come first served. */
  readonly getters: WaiterList<Getter<T, unknown>>
  /** Finds the item that is next. @returns whether there is one: then `take()` may be called */
  ready(): boolean
  /** What a call has to be told before it takes anything; it has been told then. */
  report(): { readonly error: unknown } | undefined
  /** Whether `items` may be served now, as far as the loop's budget and those who wait already are concerned. */
  mayServe(items: number): boolean
  /** Takes the next item if nothing stands in its way: a short way for the common case. NOTHING otherwise: then the long way is to be gone. */
  takeNext(): T | typeof NOTHING
  /** Serves those who wait already, whatever the loop's budget. @returns whether none of them is left, so that what is there may be taken */
  serveEarlier(): boolean
  /** Why a call that finds nothing cannot wait; undefined when it can. */
  endOf(operation: string): { readonly error: unknown } | undefined
  /** Appends a call; it is served in its turn. */
  wait<G extends Getter<T, unknown>>(getter: G, terms: WaitTerms): G['promise']
}
