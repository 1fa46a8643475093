import { enlist, isEnd, isSelectable, paced, type Selectable } from './waiting/enlist.js'
import { UNLIMITED } from './waiting/wait-terms.js'
import { Waiter, WaiterList, WaitingRoom } from './waiting/waiter-list.js'

/** What a source tells the merge. */
interface Sink<T> {
  deliver(source: Source, item: T): void
  ended(source: Source): void
  failed(source: Source, error: unknown): void
}

interface Source {
  /**
   * Asks for one item, unless it was asked already.
   * @returns what it answered at once through: in fair mode a step that it served waits its turn there
   */
  ask(): Selectable<unknown> | undefined
  /** Takes the question back, where that is possible without losing an item. */
  unask(): void
  /** Tells the source that no more is wanted. */
  close(): Promise<unknown>
}

/** Asks a queue as a waiter among its gets: the question can be taken back, so that nothing is taken ahead. */
class QueueSource<T> implements Source {
  readonly #queue: Selectable<T> & AsyncIterable<T>
  readonly #sink: Sink<T>
  #waiter: Waiter<T, unknown> | undefined

  constructor(queue: Selectable<T> & AsyncIterable<T>, sink: Sink<T>) {
    this.#queue = queue
    this.#sink = sink
  }

  ask(): Selectable<unknown> | undefined {
    if (this.#waiter !== undefined) return undefined
    this.#waiter = new MergeWaiter(
      (item) => {
        this.#waiter = undefined
        this.#sink.deliver(this, item)
      },
      (reason) => {
        this.#waiter = undefined
        if (isEnd(this.#queue, reason)) this.#sink.ended(this)
        else this.#sink.failed(this, reason)
      },
    )
    this.#queue[enlist](this.#waiter)
    return this.#waiter === undefined ? this.#queue : undefined
  }

  unask(): void {
    this.#waiter?.leave()
    this.#waiter = undefined
  }

  /** As leaving a loop over it does: nothing to most queues, the end to one that is filled for this loop only. */
  async close(): Promise<void> {
    this.unask()
    await this.#queue[Symbol.asyncIterator]().return?.()
  }
}

class MergeWaiter<T> extends Waiter<T, unknown> {
  readonly #got: (item: T) => void
  readonly #over: (reason: unknown) => void

  constructor(got: (item: T) => void, over: (reason: unknown) => void) {
    super()
    this.#got = got
    this.#over = over
  }

  protected override onFulfil(item: T): void {
    this.#got(item)
  }

  protected override onFail(reason: unknown): void {
    this.#over(reason)
  }
}

/** Asks any other iterable by `next()`, which cannot be taken back: at most one item is taken ahead. */
class IterableSource<T> implements Source {
  readonly #iterator: AsyncIterator<T>
  readonly #sink: Sink<T>
  #asked = false

  constructor(iterable: AsyncIterable<T>, sink: Sink<T>) {
    this.#iterator = iterable[Symbol.asyncIterator]()
    this.#sink = sink
  }

  ask(): undefined {
    if (this.#asked) return
    this.#asked = true
    this.#iterator.next().then(
      ({ done, value }) => {
        this.#asked = false
        if (done) this.#sink.ended(this)
        else this.#sink.deliver(this, value)
      },
      (error: unknown) => {
        this.#asked = false
        this.#sink.failed(this, error)
      },
    )
  }

  unask(): void {}

  async close(): Promise<void> {
    const closed = this.#iterator.return?.()
    // A generator in the middle of a step closes behind it, which may be never: not to be waited for.
    if (this.#asked) closed?.catch(() => {})
    else await closed
  }
}

class Merge<T> implements AsyncIterableIterator<T, undefined>, Sink<T> {
  readonly #sources: Source[]
  /** Steps that wait. */
  readonly #steps = new WaiterList<Waiter<IteratorResult<T, undefined>>>(
    new WaitingRoom({ name: undefined, label: () => 'merge()' }),
    'next()',
  )
  /** What iterables gave after the step that had asked was served by another source. */
  readonly #ahead: T[] = []
  #failure: { readonly error: unknown } | undefined
  #done = false
  /** The source that is asked first: each in turn, so that a busy one does not starve the others. */
  #turn = 0

  constructor(sources: readonly AsyncIterable<T>[]) {
    this.#sources = sources.map((source) =>
      isSelectable(source)
        ? new QueueSource(source as Selectable<T> & AsyncIterable<T>, this)
        : new IterableSource(source, this),
    )
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#ahead.length > 0) return Promise.resolve({ value: this.#ahead.shift() as T, done: false })
    if (this.#failure !== undefined) {
      const { error } = this.#failure
      this.#failure = undefined
      return Promise.reject(error)
    }
    if (this.#done || this.#sources.length === 0) return Promise.resolve({ value: undefined, done: true })
    const step = this.#steps.append(new Waiter<IteratorResult<T, undefined>>(), UNLIMITED)
    const answered = this.#ask()
    return answered?.[paced]?.(step) ?? step
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    const sources = this.#end()
    this.#ahead.length = 0
    this.#failure = undefined
    await Promise.all(sources.map((source) => source.close()))
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  deliver(source: Source, item: T): void {
    if (this.#done) return
    this.#turn = this.#sources.indexOf(source) + 1
    const step = this.#steps.first
    if (step === undefined) this.#ahead.push(item)
    else step.fulfil({ value: item, done: false })
    if (this.#steps.size > 0) this.#ask()
    else for (const other of this.#sources) other.unask()
  }

  ended(source: Source): void {
    if (this.#done) return
    const index = this.#sources.indexOf(source)
    this.#sources.splice(index, 1)
    if (this.#turn > index) this.#turn--
    if (this.#sources.length === 0) this.#end()
  }

  failed(source: Source, error: unknown): void {
    if (this.#done) return
    this.#sources.splice(this.#sources.indexOf(source), 1)
    const step = this.#steps.first
    if (step === undefined) this.#failure = { error }
    else step.fail(error)
    for (const other of this.#end()) other.close().catch(() => {})
  }

  /** @returns the queue that answered at once, the last if there are several */
  #ask(): Selectable<unknown> | undefined {
    let answered: Selectable<unknown> | undefined
    const inTurn = [...this.#sources.slice(this.#turn), ...this.#sources.slice(0, this.#turn)]
    for (const source of inTurn) {
      // A source that has an item answers at once, and may have served the last step.
      if (this.#done || this.#steps.size === 0) break
      answered = source.ask() ?? answered
    }
    return answered
  }

  /** Ends the iteration. @returns the sources that were still open */
  #end(): Source[] {
    this.#done = true
    for (let step = this.#steps.first; step !== undefined; step = this.#steps.first) {
      step.fulfil({ value: undefined, done: true })
    }
    return this.#sources.splice(0)
  }
}

/**
 * Iterates over several sources at once: items as they come, those of one source in its order, busy sources in turn.
 * Ends when all sources have ended; an error of one ends it with that error and closes the others.
 *
 * From queues nothing is taken before the consumer asks, and leaving the loop early leaves them as they are. Of other
 * iterables one item may have been taken ahead; leaving early drops it, and closes them.
 */
export function merge<T>(...sources: AsyncIterable<T>[]): AsyncIterableIterator<T, undefined> {
  for (const [index, source] of sources.entries()) {
    if (typeof (source as Partial<AsyncIterable<T>> | null | undefined)?.[Symbol.asyncIterator] === 'function') continue
    throw new TypeError(`expected merge() to get async iterables, got ${String(source)} at index ${index}`)
  }
  return new Merge(sources)
}
