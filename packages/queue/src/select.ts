import type { ConsumerEnd } from './ends.js'
import { enlist, isEnd, isSelectable, paced, type Selectable } from './waiting/enlist.js'
import { readTerms, type WaitOptions } from './waiting/wait-terms.js'
import { type AnyWaiter, Waiter, WaiterList, WaitingRoom } from './waiting/waiter-list.js'

/** What a queue holds. */
export type ItemOf<Q> = Q extends ConsumerEnd<infer T> ? T : never

/** The item that `select` took, and where from. */
export interface Selected<Q> {
  readonly index: number
  readonly queue: Q
  readonly item: ItemOf<Q>
}

/** One `select()`: settles with the first candidate that is given an item, and takes the others out of their lists. */
class SelectCall<Q extends ConsumerEnd<unknown>> extends Waiter<Selected<Q>> {
  readonly candidates: Candidate<Q>[] = []
  open = 0
  settled = false

  override fulfil(selected: Selected<Q>): void {
    this.#close()
    super.fulfil(selected)
  }

  protected override onFail(reason: unknown): void {
    this.#close()
    this.reject(reason)
  }

  #close(): void {
    this.settled = true
    for (const candidate of this.candidates) candidate.leave()
  }
}

/** A select's place among the gets of one queue. */
class Candidate<Q extends ConsumerEnd<unknown>> extends Waiter<ItemOf<Q>, unknown> {
  readonly #call: SelectCall<Q>
  readonly #index: number
  readonly #queue: Q & Selectable<ItemOf<Q>>

  constructor(call: SelectCall<Q>, index: number, queue: Q & Selectable<ItemOf<Q>>, signal: AbortSignal | undefined) {
    super()
    this.#call = call
    this.#index = index
    this.#queue = queue
    // Only looked at, so that a select that was aborted is given nothing; it is the call itself that listens.
    if (signal !== undefined) this.guard = { signal, watchEntry: undefined, deadline: undefined }
  }

  protected override onFulfil(item: ItemOf<Q>): void {
    this.#call.fulfil({ index: this.#index, queue: this.#queue, item })
  }

  /** A queue that has ended is out; the last one to end, and one that failed, end the call. */
  protected override onFail(reason: unknown): void {
    if (--this.#call.open === 0 || !isEnd(this.#queue, reason)) this.#call.fail(reason)
  }

  protected override onWithdraw(reason: unknown): void {
    this.#call.withdraw(reason)
  }
}

/**
 * Takes one item from whichever of several queues has one first; the others are left as though never asked.
 *
 * Where several have one, the first in the order given does. A queue that is shut down and empty is passed over.
 * Cost: O(number of queues)
 * @throws {QueueShutDown} rejects when all queues have ended; the error of a `fail()` as soon as one has failed
 * @throws {QueueTimeout} rejects, code QUEUE_TIMEOUT; the signal's reason. Nothing was taken then
 * @throws {TypeError} rejects: no queues, or one that cannot be selected from
 */
export function select<Q extends ConsumerEnd<unknown>>(
  queues: readonly Q[],
  options?: WaitOptions,
): Promise<Selected<Q>> {
  const terms = readTerms(options)
  if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
  if (!Array.isArray(queues) || queues.length === 0) {
    return Promise.reject(new TypeError('expected select() to get an array of queues, at least one'))
  }
  for (const [index, queue] of queues.entries()) {
    if (isSelectable(queue)) continue
    return Promise.reject(new TypeError(`expected select() to get queues, got ${String(queue)} at index ${index}`))
  }
  const call = new SelectCall<Q>()
  call.open = queues.length
  for (const [index, queue] of queues.entries()) {
    const selectable = queue as Q & Selectable<ItemOf<Q>>
    const candidate = new Candidate<Q>(call, index, selectable, terms.signal)
    call.candidates.push(candidate)
    selectable[enlist](candidate, terms.timeout === 0)
    if (call.settled) return selectable[paced]?.(call.promise) ?? call.promise
  }
  const calls = callsUnder(terms.signal)
  if (terms.timeout === 0) call.fail(calls.timedOut(0))
  else calls.append(call, terms)
  return call.promise
}

const OWNER = { name: undefined, label: () => 'several queues' }

/** The calls that wait under one signal: a list, so that they have one listener on it, as the calls of one queue have. */
const UNDER = new WeakMap<AbortSignal, WaiterList<AnyWaiter>>()

/** The list for a call. Without a signal it is the call's own: what everybody forgets must not be held by a list of all. */
function callsUnder(signal: AbortSignal | undefined): WaiterList<AnyWaiter> {
  const known = signal && UNDER.get(signal)
  if (known !== undefined) return known
  const calls = new WaiterList<AnyWaiter>(new WaitingRoom(OWNER), 'select()')
  if (signal !== undefined) UNDER.set(signal, calls)
  return calls
}
