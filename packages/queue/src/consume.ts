import type { ConsumerEnd } from './ends.js'
import { checkOptions } from './queue-options.js'
import { readTerms } from './waiting/wait-terms.js'

export interface ConsumeOptions<T> {
  /** Handlers that run at a time. @default 1 */
  concurrency?: number | undefined
  /** Ends it: no more items are taken, handlers that run are told by their signal and awaited. */
  signal?: AbortSignal | undefined
  /** What a handler's error does: end it all with that error, or be told and go on. @default 'throw' */
  onError?: 'throw' | ((error: unknown, item: T) => void) | undefined
}

export interface Consumed {
  /** Items whose handler returned. */
  readonly done: number
  /** Items whose handler threw. */
  readonly failed: number
}

/**
 * Takes items and hands each to `handler`, calling `taskDone()` after each whatever the handler did, until the queue is
 * shut down and empty.
 *
 * A handler that is running is always awaited, and an item that was taken is always handled: when it ends early, for a
 * signal or an error, what is still in the queue stays there.
 * @param handler - also gets a signal, aborted when it ends early
 * @throws {TypeError | RangeError} rejects: bad options
 * @throws the signal's reason; the first handler's error under 'throw', or what `onError` throws; the error of a `fail()`
 */
export async function consume<T>(
  queue: ConsumerEnd<T>,
  handler: (item: T, context: { signal: AbortSignal }) => unknown,
  options: ConsumeOptions<T> = {},
): Promise<Consumed> {
  checkOptions(options, ['concurrency', 'signal', 'onError'], 'consume()')
  const { concurrency = 1, signal, onError = 'throw' } = options
  if (!isConsumerEnd(queue)) {
    throw new TypeError(`expected consume() to get a queue, with iteration and taskDone(), got ${String(queue)}`)
  }
  if (typeof handler !== 'function') throw new TypeError(`expected handler to be a function, got ${String(handler)}`)
  if (typeof concurrency !== 'number' || !Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`expected concurrency to be a whole number of at least 1, got ${String(concurrency)}`)
  }
  if (onError !== 'throw' && typeof onError !== 'function') {
    throw new TypeError(`expected onError to be 'throw' or a function, got ${String(onError)}`)
  }
  const { refusal } = readTerms({ signal })
  if (refusal !== undefined) throw refusal.reason
  const consumption = new Consumption(queue, handler, onError)
  return consumption.run(concurrency, signal)
}

function isConsumerEnd(queue: unknown): boolean {
  if (typeof queue !== 'object' || queue === null) return false
  const { taskDone, [Symbol.asyncIterator]: iterate } = queue as Partial<ConsumerEnd<unknown>>
  return typeof taskDone === 'function' && typeof iterate === 'function'
}

class Consumption<T> {
  readonly #queue: ConsumerEnd<T>
  readonly #handler: (item: T, context: { signal: AbortSignal }) => unknown
  readonly #onError: 'throw' | ((error: unknown, item: T) => void)
  readonly #controller = new AbortController()
  readonly #iterators = new Set<AsyncIterator<T>>()
  #ended: { readonly error: unknown } | undefined
  #done = 0
  #failed = 0

  constructor(
    queue: ConsumerEnd<T>,
    handler: (item: T, context: { signal: AbortSignal }) => unknown,
    onError: 'throw' | ((error: unknown, item: T) => void),
  ) {
    this.#queue = queue
    this.#handler = handler
    this.#onError = onError
  }

  async run(concurrency: number, signal: AbortSignal | undefined): Promise<Consumed> {
    const onAbort = (): void => this.#end((signal as AbortSignal).reason)
    signal?.addEventListener('abort', onAbort)
    try {
      await Promise.all(Array.from({ length: concurrency }, () => this.#work()))
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
    if (this.#ended !== undefined) throw this.#ended.error
    return { done: this.#done, failed: this.#failed }
  }

  /** One consumer: by an iterator of its own, whose pending step can be ended without taking anything. */
  async #work(): Promise<void> {
    const iterator = this.#queue[Symbol.asyncIterator]()
    this.#iterators.add(iterator)
    try {
      while (this.#ended === undefined) {
        const next = await iterator.next()
        if (next.done) return
        await this.#handle(next.value)
      }
    } catch (error) {
      this.#end(error)
    } finally {
      this.#iterators.delete(iterator)
    }
  }

  async #handle(item: T): Promise<void> {
    try {
      await this.#handler(item, { signal: this.#controller.signal })
      this.#done++
    } catch (error) {
      this.#failed++
      if (this.#onError === 'throw') throw error
      this.#onError(error, item)
    } finally {
      this.#queue.taskDone()
    }
  }

  /** Ends it with the first error; pending steps end, running handlers are told. */
  #end(error: unknown): void {
    if (this.#ended !== undefined) return
    this.#ended = { error }
    for (const iterator of this.#iterators) iterator.return?.().catch(() => {})
    this.#controller.abort(error)
  }
}
