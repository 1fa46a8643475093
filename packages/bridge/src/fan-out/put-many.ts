import { readTerms, Waiter, type WaitOptions, WaitTerms } from '@millrace/queue/waiting'
import { endOfRun, isList } from '../runs.js'
import type { FanOutCore } from './fan-out-core.js'
import { PartWaiter } from './waiters.js'

/** Ends a wait for the source early: on the caller's signal or timeout, or at the end of the queue. */
class Interruption extends Waiter<never> {
  private reason: { readonly error: unknown } | undefined
  private rejectStep: ((error: unknown) => void) | undefined
  byCaller = false

  /** As `step`, or rejects as soon as this ends. Nothing is chained to a promise that outlives the step. */
  during<V>(step: PromiseLike<V>): Promise<V> {
    if (this.reason !== undefined) return Promise.reject(this.reason.error)
    return new Promise<V>((resolve, reject) => {
      this.rejectStep = reject
      step.then(resolve, reject)
    })
  }

  protected override onFail(error: unknown): void {
    this.reason = { error }
    this.rejectStep?.(error)
  }

  protected override onWithdraw(error: unknown): void {
    this.byCaller = true
    this.onFail(error)
  }
}

/** What `putMany()` of a fan-out does; its documentation is there. */
export async function putMany<T>(
  core: FanOutCore<T>,
  items: Iterable<T> | AsyncIterable<T>,
  options: WaitOptions | undefined,
): Promise<number> {
  const terms = readTerms(options)
  if (terms.refusal !== undefined) throw terms.refusal.reason
  const deadline = performance.now() + terms.timeout
  const left = (): WaitTerms => new WaitTerms(terms.signal, Math.max(0, deadline - performance.now()))
  let accepted = 0
  let isCutShort = false

  /** @returns what to wait for, if the item has to */
  const put = (item: T): Promise<void> | undefined => {
    const refusal = core.refusal('putMany()')
    if (refusal !== undefined) throw refusal
    const parcel = core.tryPut(item, 'putMany()')
    if (parcel === undefined) {
      accepted++
      return undefined
    }
    const now = left()
    if (terms.signal?.aborted === true || now.timeout === 0) {
      isCutShort = true
      throw terms.signal?.aborted === true ? terms.signal.reason : core.putters.timedOut(terms.timeout, 'putMany()')
    }
    const waiter = new PartWaiter(core, parcel, () => {
      isCutShort = true
    })
    const promise = core.putters.append(waiter, now)
    core.awaitConsumers()
    return promise.then(() => {
      accepted++
    })
  }

  try {
    const refusal = core.refusal('putMany()')
    if (refusal !== undefined) throw refusal
    if (isIterable(items)) await putAll(items)
    else if (isAsyncIterable(items)) await putEach(items)
    else throw new TypeError(`expected putMany() to get an iterable, got ${typeof items}`)
    return accepted
  } catch (error) {
    if (isCutShort && accepted > 0) return accepted
    throw error
  }

  async function putAll(source: Iterable<T>): Promise<void> {
    if (isList(source) && core.settings.codec.fixedSize !== undefined) return putList(source)
    for (const item of source) {
      const waiting = put(item)
      if (waiting !== undefined) await waiting
    }
  }

  /** Those of the codec's fixed size go side by side, many in a record. */
  async function putList(source: ArrayLike<T>): Promise<void> {
    /** Up to where they go one by one: then the one that the codec refuses is the first that is not accepted. */
    let singles = 0
    for (let i = 0; i < source.length; ) {
      const to = i < singles ? i : endOfRun(core.settings.codec, source, i)
      if (to - i > 1) {
        const refusal = core.refusal('putMany()')
        if (refusal !== undefined) throw refusal
        let count = 0
        try {
          count = core.tryPutRun(source, i, to)
        } catch {
          singles = to
        }
        accepted += count
        i += count
        if (count > 0) continue
      }
      const waiting = put(source[i])
      if (waiting !== undefined) await waiting
      i++
    }
  }

  async function putEach(source: AsyncIterable<T>): Promise<void> {
    const iterator = source[Symbol.asyncIterator]()
    const interruption = new Interruption()
    core.feeders.append(interruption, terms)
    try {
      for (;;) {
        const next = await interruption.during(iterator.next())
        if (next.done) return
        await put(next.value)
      }
    } catch (error) {
      isCutShort ||= interruption.byCaller
      // Not awaited: the source may be in the middle of a next() that never ends.
      void close(iterator)
      throw error
    } finally {
      interruption.leave()
    }
  }
}

/** Whatever goes wrong in the source now, nobody wants its items any more. */
async function close(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.()
  } catch {}
}

const isIterable = <T>(items: Iterable<T> | AsyncIterable<T>): items is Iterable<T> =>
  typeof (items as Partial<Iterable<T>> | null | undefined)?.[Symbol.iterator] === 'function'

const isAsyncIterable = <T>(items: Iterable<T> | AsyncIterable<T>): items is AsyncIterable<T> =>
  typeof (items as Partial<AsyncIterable<T>> | null | undefined)?.[Symbol.asyncIterator] === 'function'
