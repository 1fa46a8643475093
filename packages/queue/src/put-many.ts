import { BatchPutter, closeIterator, ItemPutter } from './putters.js'
import type { QueueCore } from './queue-core.js'
import { readTerms, UNLIMITED, type WaitOptions, type WaitTerms } from './waiting/wait-terms.js'
import { Waiter } from './waiting/waiter-list.js'

/** What `queue.putMany()` does; its documentation is there. */
export function putMany<T>(
  core: QueueCore<T>,
  items: Iterable<T> | AsyncIterable<T>,
  options?: WaitOptions,
): Promise<number> {
  const terms = readTerms(options)
  if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
  if (core.isShutdown) return Promise.reject(core.endError('putMany()'))
  try {
    if (isIterable(items)) return putAll(core, items[Symbol.iterator](), terms)
    if (isAsyncIterable(items)) return putEach(core, items[Symbol.asyncIterator](), terms)
    throw new TypeError(`expected putMany() to get an iterable, got ${typeof items}`)
  } catch (error) {
    return Promise.reject(error)
  }
}

const isIterable = <T>(items: Iterable<T> | AsyncIterable<T>): items is Iterable<T> =>
  typeof (items as Partial<Iterable<T>> | null | undefined)?.[Symbol.iterator] === 'function'

const isAsyncIterable = <T>(items: Iterable<T> | AsyncIterable<T>): items is AsyncIterable<T> =>
  typeof (items as Partial<AsyncIterable<T>> | null | undefined)?.[Symbol.asyncIterator] === 'function'

/** Puts what can be iterated now: in one go as far as there is room, then as one waiter that keeps its place. */
function putAll<T>(core: QueueCore<T>, items: Iterator<T>, terms: WaitTerms): Promise<number> {
  let accepted = 0
  try {
    for (let next = items.next(); !next.done; next = items.next()) {
      // The iterable is a caller's code, and may have shut the queue down.
      if (core.isShutdown) throw core.endError('putMany()')
      const admission = core.tryPut(next.value)
      if (admission === 'accepted') accepted++
      if (admission !== 'no room') continue
      if (terms.timeout > 0) {
        const putter = new BatchPutter(next.value, core.weightOf(next.value), accepted, items)
        return core.wait(putter, terms) as Promise<number>
      }
      closeIterator(items)
      return accepted > 0 ? core.paced(accepted) : Promise.reject(core.putters.timedOut(0, 'putMany()'))
    }
    return core.paced(accepted)
  } catch (error) {
    closeIterator(items)
    return Promise.reject(error)
  }
}

/** What ends a wait for the source or for room early: the caller's signal or timeout, or the end of the queue. */
class Interruption extends Waiter<never> {
  /** Set when the caller cut the call short. */
  byCaller = false
  #interrupted: { readonly reason: unknown } | undefined
  #rejectStep: ((reason: unknown) => void) | undefined

  /** Like the promise of `step`, or rejects as soon as the call is interrupted; a step after that is not begun. */
  during<V>(step: () => PromiseLike<V>): Promise<V> {
    if (this.#interrupted !== undefined) return Promise.reject(this.#interrupted.reason)
    return new Promise<V>((resolve, reject) => {
      this.#rejectStep = reject
      step().then(resolve, reject)
    })
  }

  protected override onFail(reason: unknown): void {
    this.#interrupted = { reason }
    this.#rejectStep?.(reason)
  }

  protected override onWithdraw(reason: unknown): void {
    this.byCaller = true
    this.onFail(reason)
  }
}

/** Puts what arrives one by one; an item that came from the source and found no room waits like any put. */
async function putEach<T>(core: QueueCore<T>, source: AsyncIterator<T>, terms: WaitTerms): Promise<number> {
  if (terms.timeout === 0) throw core.feeders.timedOut(0)
  let accepted = 0
  const interruption = new Interruption()
  core.feeders.append(interruption, terms)
  try {
    for (;;) {
      const next = await interruption.during(() => source.next())
      if (next.done) return accepted
      if (core.isShutdown) throw core.endError('putMany()')
      const admission = core.tryPut(next.value)
      if (admission === 'accepted') accepted++
      if (admission !== 'no room') {
        if (core.fairness !== undefined) await core.fairness.pace(undefined)
        continue
      }
      const putter = new ItemPutter(next.value, core.weightOf(next.value))
      const put = core.wait(putter, UNLIMITED)
      try {
        await interruption.during(() => put)
        accepted++
      } catch (error) {
        // Admitted in the same tick: then the item is in, and counts.
        if (putter.list === undefined) await put.then(() => accepted++, ignore)
        putter.leave()
        throw error
      }
    }
  } catch (error) {
    closeSource(source)
    if (interruption.byCaller && accepted > 0) return accepted
    throw error
  } finally {
    interruption.leave()
  }
}

/** Tells the source that no more is wanted. There is a result already, which neither its complaints nor its delay may touch. */
function closeSource(source: AsyncIterator<unknown>): void {
  try {
    // Not awaited: the source may be in the middle of a next() that never ends.
    if (source.return !== undefined) Promise.resolve(source.return()).catch(ignore)
  } catch {}
}

const ignore = (): void => {}
