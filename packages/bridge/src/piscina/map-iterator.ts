import type { Call } from './call.js'
import { Crew, type CrewOptions } from './crew.js'
import type { TaskPool } from './task-pool.js'
import type { Window } from './window.js'

/** What becomes of an item whose function threw: 'throw' ends the iteration with the error, a function is told and the item left out. */
export type MapErrorPolicy<I> = 'throw' | ((error: unknown, item: I, index: number) => void)

export interface MapSettings<I> {
  readonly ordered: boolean
  readonly window: Window
  readonly signal: AbortSignal | undefined
  readonly onError: MapErrorPolicy<I>
  readonly crew: CrewOptions
}

/** Results of one generator that may wait for the reader before its thread has to. */
const aheadLimit = 16

/** An item on its way, and what came back of it and has not been read. */
class MapCall<I, R> implements Call<R> {
  deaths = 0
  delivered = 0
  readonly results: R[] = []
  isOver = false
  failure: { readonly error: unknown } | undefined
  /** In the list of calls that have something to read; only where order does not matter. */
  isListed = false
  #wake: (() => void) | undefined

  constructor(
    private readonly onChange: (call: MapCall<I, R>) => void,
    readonly item: I,
    readonly index: number,
  ) {}

  succeed(value: R): void {
    this.results.push(value)
    this.end()
  }

  part(value: R, index: number): Promise<void> | undefined {
    if (index !== this.delivered) return undefined
    this.delivered++
    this.results.push(value)
    this.onChange(this)
    if (this.results.length < aheadLimit) return undefined
    return new Promise((wake) => {
      this.#wake = wake
    })
  }

  end(): void {
    this.isOver = true
    this.onChange(this)
  }

  fail(error: unknown): void {
    this.failure = { error }
    this.end()
  }

  /** The reader takes the next result; `results` is not empty. */
  take(): R {
    const value = this.results.shift() as R
    if (this.results.length < aheadLimit) this.free()
    return value
  }

  free(): void {
    this.#wake?.()
    this.#wake = undefined
  }
}

interface Reader<R> {
  readonly resolve: (result: IteratorResult<R, undefined>) => void
  readonly reject: (error: unknown) => void
}

/**
 * The results of a map over threads.
 *
 * Invariants: at most `window` calls are unsettled or unread; a reader waits only while there is nothing to read; the feeder waits only
 * while the window is full. Written out rather than an async generator, which costs several promises a result.
 */
export class MapIterator<I, R> implements AsyncIterableIterator<R, undefined> {
  /** Calls that are read next: in the order of the source, or, where order does not matter, those that have something to read. */
  readonly #calls: MapCall<I, R>[] = []
  #head = 0
  readonly #readers: Reader<R>[] = []
  #crew: Crew<I, R> | undefined
  #iterator: Iterator<I> | AsyncIterator<I> | undefined
  #underWay = 0
  #wakeFeeder: (() => void) | undefined
  #isFed = false
  #isOver = false
  /** Why it ended before its end; told once. */
  #failure: { readonly error: unknown } | undefined
  readonly #abort = () => this.#end({ error: this.settings.signal?.reason })

  constructor(
    private readonly pool: TaskPool,
    private readonly source: Iterable<I> | AsyncIterable<I>,
    private readonly settings: MapSettings<I>,
  ) {}

  next(): Promise<IteratorResult<R, undefined>> {
    if (this.#crew === undefined) this.#start()
    if (this.#readers.length === 0) {
      const taken = this.#take()
      const failure = this.#toldFailure()
      if (failure !== undefined) return Promise.reject(failure.error)
      if (taken !== undefined) return Promise.resolve(taken)
    }
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject })
      this.#serve()
    })
  }

  async return(value?: unknown): Promise<IteratorResult<R, undefined>> {
    this.#end(undefined)
    return { done: true, value: value as undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #start(): void {
    const { signal, crew } = this.settings
    if (this.#isOver) return
    this.#crew = new Crew<I, R>(this.pool, crew)
    signal?.addEventListener('abort', this.#abort, { once: true })
    if (signal?.aborted) this.#abort()
    else void this.#feed(this.#crew)
  }

  // ── what goes in ────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #feed(crew: Crew<I, R>): Promise<void> {
    const { window } = this.settings
    // A text is an iterable too, and `in` takes no primitives.
    const source = Object(this.source) as Iterable<I> | AsyncIterable<I>
    try {
      const isAsync = Symbol.asyncIterator in source
      if (!isAsync && !(Symbol.iterator in source)) {
        throw new TypeError(`mapThreads(): expected the source to be an iterable, got ${String(this.source)}`)
      }
      const iterator = isAsync ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
      this.#iterator = iterator
      for (let index = 0; !this.#isOver; index++) {
        if (this.#underWay >= window.size) {
          await new Promise<void>((wake) => {
            this.#wakeFeeder = wake
          })
          if (this.#isOver) break
        }
        const pulled = iterator.next()
        const next = isAsync ? await pulled : (pulled as IteratorResult<I>)
        if (this.#isOver) break
        if (next.done) {
          this.#isFed = true
          this.#serve()
          return
        }
        this.#send(crew, next.value, index)
      }
    } catch (error) {
      this.#iterator = undefined
      this.#end({ error })
    }
  }

  #send(crew: Crew<I, R>, item: I, index: number): void {
    const call = new MapCall<I, R>(this.#onChange, item, index)
    this.#underWay++
    if (this.settings.ordered) this.#calls.push(call)
    crew.send(item, call)
  }

  // ── what comes out ──────────────────────────────────────────────────────────────────────────────────────────────────────

  readonly #onChange = (call: MapCall<I, R>): void => {
    if (!this.settings.ordered && !call.isListed) {
      call.isListed = true
      this.#calls.push(call)
    }
    if (this.#readers.length > 0) this.#serve()
  }

  #serve(): void {
    while (this.#readers.length > 0) {
      const taken = this.#take()
      const failure = this.#toldFailure()
      if (failure !== undefined) this.#readers.shift()?.reject(failure.error)
      else if (taken === undefined) return
      else this.#readers.shift()?.resolve(taken)
    }
  }

  #toldFailure(): { readonly error: unknown } | undefined {
    const failure = this.#failure
    this.#failure = undefined
    return failure
  }

  /** The next result, or the end; undefined when it is not there yet. */
  #take(): IteratorResult<R, undefined> | undefined {
    while (!this.#isOver) {
      const call = this.#calls[this.#head]
      if (call === undefined) {
        if (this.#isFed && this.#underWay === 0) this.#close()
        return undefined
      }
      if (call.results.length > 0) {
        const value = call.take()
        // A failure is told after the last result, by whoever asks next.
        if (call.results.length === 0 && call.failure === undefined) this.#pass(call)
        return { done: false, value }
      }
      if (!call.isOver) return undefined
      this.#pass(call)
    }
    return { done: true, value: undefined }
  }

  /** Everything that this call has was read. */
  #pass(call: MapCall<I, R>): void {
    if (call.isOver) {
      this.#underWay--
      const { window } = this.settings
      window.pass()
      // Half of the window at a time, so that items leave together: a thread is woken for many of them.
      if (this.#wakeFeeder !== undefined && this.#underWay <= window.size - Math.ceil(window.size / 2)) {
        this.#wakeFeeder()
        this.#wakeFeeder = undefined
      }
    } else if (this.settings.ordered) {
      return
    }
    call.isListed = false
    this.#shift()
    if (call.failure !== undefined) this.#onFailure(call, call.failure)
  }

  #shift(): void {
    this.#head++
    if (this.#head < 1024 || this.#head * 2 < this.#calls.length) return
    this.#calls.splice(0, this.#head)
    this.#head = 0
  }

  #onFailure({ item, index }: MapCall<I, R>, failure: { readonly error: unknown }): void {
    const { onError } = this.settings
    if (onError === 'throw') {
      this.#end(failure)
      return
    }
    try {
      onError(failure.error, item, index)
    } catch (error) {
      this.#end({ error })
    }
  }

  // ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** All results have been read. The end is told when the threads are free. */
  #close(): void {
    this.#isFed = false
    this.settings.signal?.removeEventListener('abort', this.#abort)
    void this.#crew?.close().then(() => {
      this.#isOver = true
      this.#serve()
    })
  }

  /** Ends before the end. Threads stop at their next checkpoint, which nobody waits for here. */
  #end(failure: { readonly error: unknown } | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = failure
    this.settings.signal?.removeEventListener('abort', this.#abort)
    this.#wakeFeeder?.()
    for (const call of this.#calls.splice(0)) call.free()
    const reason = failure === undefined ? new DOMException('the iteration was left', 'AbortError') : failure.error
    void this.#crew?.stop(reason)
    void this.#leaveSource()
    this.#serve()
  }

  async #leaveSource(): Promise<void> {
    try {
      await this.#iterator?.return?.()
    } catch {
      // Whatever goes wrong in the source now, nobody wants its items any more.
    }
  }
}
