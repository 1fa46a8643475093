import type { ConsumerEnd, ProducerEnd } from './ends.js'
import { Queue } from './queue.js'
import { enlist, isEnd, paced, type Selectable } from './waiting/enlist.js'
import { Waiter } from './waiting/waiter-list.js'

/**
 * The queue as a WHATWG stream to read from. An item is taken only when somebody reads, so cancelling the stream leaves
 * the rest in the queue; it closes at the queue's end, and errors with the error of a `fail()`.
 */
export function toReadableStream<T>(queue: ConsumerEnd<T>): ReadableStream<T> {
  // Nothing is read ahead: what sits in a stream's own buffer is lost when the stream is cancelled.
  return new ReadableStream<T>(queue instanceof Queue ? new QueueReading<T>(queue) : new IteratorReading(queue), {
    highWaterMark: 0,
  })
}

/**
 * Reads as a waiter among the gets. What it is handed is in the hands of the reader at once: there is no moment between,
 * in which cancelling the stream would lose it.
 */
class QueueReading<T> {
  readonly #queue: Queue<T>
  #reading: Reading<T> | undefined

  constructor(queue: Queue<T>) {
    this.#queue = queue
  }

  /** Called while somebody reads, and not again before its promise has settled. */
  pull(controller: ReadableStreamDefaultController<T>): Promise<void> {
    const reading = new Reading<T>(this.#queue, controller)
    this.#reading = reading
    this.#queue[enlist](reading)
    return this.#queue[paced](reading.promise)
  }

  cancel(): void {
    this.#reading?.leave()
  }
}

class Reading<T> extends Waiter<T, void> {
  readonly #queue: Selectable<T>
  readonly #controller: ReadableStreamDefaultController<T>

  constructor(queue: Selectable<T>, controller: ReadableStreamDefaultController<T>) {
    super()
    this.#queue = queue
    this.#controller = controller
  }

  protected override onFulfil(item: T): void {
    this.#controller.enqueue(item)
    this.resolve(undefined)
  }

  protected override onFail(reason: unknown): void {
    if (isEnd(this.#queue, reason)) this.#controller.close()
    else this.#controller.error(reason)
    this.resolve(undefined)
  }
}

/** Reads by iterating, from any other end that can be taken from. */
class IteratorReading<T> {
  readonly #iterator: AsyncIterator<T>
  #cancelled = false

  constructor(queue: ConsumerEnd<T>) {
    this.#iterator = queue[Symbol.asyncIterator]()
  }

  async pull(controller: ReadableStreamDefaultController<T>): Promise<void> {
    const next = await this.#iterator.next()
    if (this.#cancelled) return
    if (next.done) controller.close()
    else controller.enqueue(next.value)
  }

  async cancel(): Promise<void> {
    this.#cancelled = true
    await this.#iterator.return?.()
  }
}

/** What a stream that is aborted does to the queue: with `fail`, consumers get the reason after what is there. */
type Failing<T> = ProducerEnd<T> & { fail?(error: unknown): void }

/** The platform's controller, whose signal Node's types leave out. */
type SignallingController = WritableStreamDefaultController & { readonly signal?: AbortSignal }

/**
 * The queue as a WHATWG stream to write to: writes wait while the queue is full. Closing the stream shuts the queue
 * down, and aborting it makes the queue fail with the reason; `preventShutdown` leaves the queue as it is in both cases.
 */
export function toWritableStream<T>(
  queue: ProducerEnd<T>,
  options: { preventShutdown?: boolean | undefined } = {},
): WritableStream<T> {
  const { preventShutdown = false } = options
  return new WritableStream<T>({
    write: (item, controller: SignallingController) => queue.put(item, { signal: controller.signal }),
    close() {
      if (!preventShutdown) queue.shutdown()
    },
    abort(reason) {
      if (preventShutdown) return
      const { fail } = queue as Failing<T>
      if (fail === undefined) queue.shutdown({ immediate: true })
      else fail.call(queue, reason)
    },
  })
}
