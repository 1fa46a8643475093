/** What an abort ends. */
export interface Withdrawable {
  /** Takes the call out of its list and settles it with `reason`; must not throw: it runs inside an abort listener. */
  withdraw(reason: unknown): void
}

/** The place of one pending call among those that wait under the same signal. */
export class WatchEntry {
  readonly watch: SignalWatch
  readonly target: Withdrawable
  next: WatchEntry | undefined = undefined
  previous: WatchEntry | undefined = undefined

  constructor(watch: SignalWatch, target: Withdrawable) {
    this.watch = watch
    this.target = target
  }
}

/** One signal, one listener on it, and a list of the calls that it ends. */
class SignalWatch {
  readonly signal: AbortSignal
  first: WatchEntry | undefined = undefined
  last: WatchEntry | undefined = undefined

  constructor(signal: AbortSignal) {
    this.signal = signal
  }

  readonly onAbort = (): void => {
    // Each withdrawal removes its entry, the last one this listener: the loop ends when nobody waits under the signal.
    for (let entry = this.first; entry !== undefined; entry = this.first) entry.target.withdraw(this.signal.reason)
  }
}

/**
 * The abort listeners of one queue: one a signal, however many calls wait under it.
 *
 * A listener a call would make Node warn of a leak at the eleventh and would cost memory by the call on a signal that
 * lives as long as the program. The listener goes as soon as the last call under its signal has settled.
 * Cost: O(1) to add and to remove, whatever the order.
 */
export class AbortWatches {
  readonly #watches = new Map<AbortSignal, SignalWatch>()

  /** `signal` must not be aborted already: its listeners would never run. */
  add(signal: AbortSignal, target: Withdrawable): WatchEntry {
    let watch = this.#watches.get(signal)
    if (watch === undefined) {
      watch = new SignalWatch(signal)
      this.#watches.set(signal, watch)
      signal.addEventListener('abort', watch.onAbort)
    }
    const entry = new WatchEntry(watch, target)
    const { last } = watch
    if (last === undefined) watch.first = entry
    else {
      last.next = entry
      entry.previous = last
    }
    watch.last = entry
    return entry
  }

  remove(entry: WatchEntry): void {
    const { watch, next, previous } = entry
    if (previous === undefined) watch.first = next
    else previous.next = next
    if (next === undefined) watch.last = previous
    else next.previous = previous
    if (watch.first === undefined) {
      this.#watches.delete(watch.signal)
      watch.signal.removeEventListener('abort', watch.onAbort)
    }
  }
}
