import { QueueTimeout } from '../errors.js'
import { AbortWatches, type WatchEntry, type Withdrawable } from './abort-watches.js'
import { Deadline } from './deadline.js'
import { UNLIMITED, type WaitTerms } from './wait-terms.js'

/** The signal and the timer of one wait. */
interface WaitGuard {
  readonly signal: AbortSignal | undefined
  /** Undefined for a signal that is only looked at, because somebody else listens to it. */
  readonly watchEntry: WatchEntry | undefined
  readonly deadline: Deadline | undefined
}

/** A waiter whatever it waits for. */
export type AnyWaiter = Waiter<never, unknown>

/**
 * One pending call: its promise of an `Out`, made of the `In` that it waits for, and its place in the list.
 *
 * It settles in one of four ways, each of which first takes it out of its list and drops its listener and timer:
 * `fulfil` (it gets what it waited for), `fail` (the queue ends it), `withdraw` (its signal does), `expire` (its timeout
 * does). A subclass says what that means for it by overriding `onFulfil`, `onFail`, `onWithdraw` or `onExpire`; none of
 * them may throw, for they run inside other calls of the queue, and inside abort listeners.
 */
export class Waiter<In, Out = In> implements Withdrawable {
  // Declared only: as class fields they would be defined first and assigned again, which costs a wait some nanoseconds.
  /** What the caller awaits: a native promise, with nothing chained to it. */
  declare readonly promise: Promise<Out>
  declare protected readonly resolve: (value: unknown) => void
  declare protected readonly reject: (reason: unknown) => void

  /** The list in which it waits; undefined before and after. Written by the list only, as are the fields below. */
  declare list: WaiterList<AnyWaiter> | undefined
  declare next: AnyWaiter | undefined
  declare previous: AnyWaiter | undefined
  /** What may end the wait early; most waits have none. */
  declare guard: WaitGuard | undefined

  constructor() {
    // A closure of its own, which the engine inlines: one function for all promises would have to hand the two functions
    // over in variables of the module, and costs a tenth of the wait more.
    let resolve: (value: Out) => void
    let reject: (reason: unknown) => void
    this.promise = new Promise<Out>((resolvePromise, rejectPromise) => {
      resolve = resolvePromise
      reject = rejectPromise
    })
    this.resolve = resolve! as (value: unknown) => void
    this.reject = reject!
    this.list = undefined
    this.next = undefined
    this.previous = undefined
    this.guard = undefined
  }

  /** The call as it is written, `getMany()`, where it waits in a list of another name. */
  get operation(): string | undefined {
    return undefined
  }

  /** Gives it what it waited for. */
  fulfil(value: In): void {
    if (this.list !== undefined) this.list.remove(this)
    this.onFulfil(value)
  }

  /** Ends it on the queue's part: a shutdown, a failure. */
  fail(reason: unknown): void {
    this.leave()
    this.onFail(reason)
  }

  /** Ends it on its caller's part: its signal was aborted. */
  withdraw(reason: unknown): void {
    const { list } = this
    this.leave()
    this.onWithdraw(reason)
    list?.onGivenUp?.()
  }

  /** Ends it on its caller's part: its timeout has passed. */
  expire(error: QueueTimeout): void {
    const { list } = this
    this.leave()
    this.onExpire(error)
    list?.onGivenUp?.()
  }

  /** Takes it out of its list without settling it; nothing if it is in none. */
  leave(): void {
    this.list?.remove(this)
  }

  protected onFulfil(value: In): void {
    this.resolve(value)
  }

  protected onFail(reason: unknown): void {
    this.reject(reason)
  }

  /** @default the same as a failure */
  protected onWithdraw(reason: unknown): void {
    this.onFail(reason)
  }

  /** @default the same as a withdrawal */
  protected onExpire(error: QueueTimeout): void {
    this.onWithdraw(error)
  }
}

/** Whose waits these are, for messages: `QueueTimeout: get() on Queue "jobs" had nothing after 30 ms`. */
export interface WaitOwner {
  readonly name: string | undefined
  /** A short text that names the queue, as `Queue "jobs"`. */
  label(): string
}

/** What the waiter lists of one queue share: its abort listeners, one a signal, and its name. */
export class WaitingRoom {
  readonly owner: WaitOwner
  #watches: AbortWatches | undefined

  constructor(owner: WaitOwner) {
    this.owner = owner
  }

  /** Made at the first wait under a signal: most queues never see one. */
  get watches(): AbortWatches {
    this.#watches ??= new AbortWatches()
    return this.#watches
  }
}

/**
 * Pending calls of one kind, first come first served: a doubly linked list whose links are in the waiters themselves.
 *
 * Invariants: a waiter is in at most one list; a waiter in a list is unsettled; a waiter out of a list holds no abort
 * listener and no timer.
 * Cost: O(1) to append, to take the first and to remove any, whatever the order in which they leave.
 */
export class WaiterList<W extends AnyWaiter> {
  /** How many calls wait. */
  size: number
  /** Called when a waiter was given up by its caller: whoever is first now may be one that can be served. */
  onGivenUp: (() => void) | undefined
  readonly #room: WaitingRoom
  readonly #operation: string
  #first: AnyWaiter | undefined
  #last: AnyWaiter | undefined

  /** @param operation - the call that waits here, as it is written: `get()`; a waiter may say another. */
  constructor(room: WaitingRoom, operation: string) {
    this.size = 0
    this.onGivenUp = undefined
    this.#room = room
    this.#operation = operation
    this.#first = undefined
    this.#last = undefined
  }

  /**
   * Puts a waiter at the end, under `terms` that the caller has found unrefused and with a timeout above 0 (a call with
   * timeout 0 never waits: it rejects with `timedOut(0)`).
   * @returns the waiter's promise
   */
  append<X extends W>(waiter: X, terms: WaitTerms): X['promise'] {
    const last = this.#last
    waiter.list = this
    if (last === undefined) this.#first = waiter
    else {
      last.next = waiter
      waiter.previous = last
    }
    this.#last = waiter
    this.size++
    if (terms !== UNLIMITED) this.#guard(waiter, terms)
    return waiter.promise
  }

  /**
   * The waiter whose turn it is; undefined when nobody waits.
   *
   * One whose signal is aborted although its own listener has not run yet (an earlier listener of the same abort may be
   * what brings an item) is withdrawn on the way: what it would be given could not be taken back.
   */
  get first(): W | undefined {
    let waiter = this.#first
    while (waiter?.guard?.signal?.aborted) {
      waiter.withdraw(waiter.guard.signal.reason)
      waiter = this.#first
    }
    return waiter as W | undefined
  }

  /** Every waiter, in order, as they are now: they may leave while one goes through them. */
  all(): W[] {
    const waiters: W[] = []
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.next) waiters.push(waiter as W)
    return waiters
  }

  /** Ends every waiter on the queue's part, first come first; each gets a reason of its own. */
  failAll(reasonFor: (operation: string) => unknown): void {
    for (let waiter = this.first; waiter !== undefined; waiter = this.first) {
      waiter.fail(reasonFor(waiter.operation ?? this.#operation))
    }
  }

  /**
   * The error of a wait in this list that was over after `timeout` milliseconds.
   * @param operation - the call, where that is not what the list is named after
   */
  timedOut(timeout: number, operation = this.#operation): QueueTimeout {
    const { owner } = this.#room
    const what = timeout === 0 ? 'would have had to wait (timeout 0)' : `was not served within ${timeout} ms`
    return new QueueTimeout(`${operation} on ${owner.label()} ${what}`, owner.name)
  }

  /** For `Waiter.leave`, which knows that the waiter is in this list. */
  remove(waiter: AnyWaiter): void {
    const { next, previous } = waiter
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    waiter.next = undefined
    waiter.previous = undefined
    waiter.list = undefined
    this.size--
    if (waiter.guard !== undefined) this.#unguard(waiter, waiter.guard)
  }

  #guard(waiter: AnyWaiter, { signal, timeout }: WaitTerms): void {
    if (signal?.aborted) {
      // Aborted since the terms were read, by code of the caller's that ran in between: no listener would tell.
      waiter.withdraw(signal.reason)
      return
    }
    waiter.guard = {
      signal,
      watchEntry: signal && this.#room.watches.add(signal, waiter),
      deadline:
        timeout === Number.POSITIVE_INFINITY
          ? undefined
          : new Deadline(timeout, () => waiter.expire(this.timedOut(timeout, waiter.operation))),
    }
  }

  #unguard(waiter: AnyWaiter, { watchEntry, deadline }: WaitGuard): void {
    waiter.guard = undefined
    if (watchEntry !== undefined) this.#room.watches.remove(watchEntry)
    deadline?.cancel()
  }
}
