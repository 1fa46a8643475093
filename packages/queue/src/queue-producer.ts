import type { ProducerEnd } from './ends.js'
import { HandleClosed } from './errors.js'
import type { QueueCore } from './queue-core.js'
import type { WaitOptions } from './waiting/wait-terms.js'

/** What a handle puts into. */
type Target<T> = Pick<ProducerEnd<T>, 'put' | 'putNowait' | 'putMany' | 'qsize' | 'full' | 'maxsize' | 'isShutdown'>

/**
 * One producer's handle on a queue. When every handle has been closed, the queue is shut down: what was put is
 * delivered, and the consumers' loops end. Puts that still wait then are rejected; await them before `close()`.
 */
export class QueueProducer<T> implements Disposable {
  readonly #queue: Target<T>
  readonly #core: QueueCore<T>
  #closed = false

  private constructor(queue: Target<T>, core: QueueCore<T>) {
    this.#queue = queue
    this.#core = core
    core.handles++
  }

  /** For `queue.producer()`. */
  static open<T>(queue: Target<T>, core: QueueCore<T>): QueueProducer<T> {
    return new QueueProducer(queue, core)
  }

  get maxsize(): number {
    return this.#queue.maxsize
  }

  qsize(): number {
    return this.#queue.qsize()
  }

  full(): boolean {
    return this.#queue.full()
  }

  get isShutdown(): boolean {
    return this.#queue.isShutdown
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** As the queue's. @throws {HandleClosed} rejects, code HANDLE_CLOSED, after `close()` */
  put(item: T, options?: WaitOptions): Promise<void> {
    return this.#closed ? Promise.reject(this.#closedError('put()')) : this.#queue.put(item, options)
  }

  /** As the queue's. @throws {HandleClosed} code HANDLE_CLOSED, after `close()` */
  putNowait(item: T): void {
    if (this.#closed) throw this.#closedError('putNowait()')
    this.#queue.putNowait(item)
  }

  /** As the queue's. @throws {HandleClosed} rejects, code HANDLE_CLOSED, after `close()` */
  putMany(items: Iterable<T> | AsyncIterable<T>, options?: WaitOptions): Promise<number> {
    return this.#closed ? Promise.reject(this.#closedError('putMany()')) : this.#queue.putMany(items, options)
  }

  /** One more handle, to be closed by itself. @throws {HandleClosed} code HANDLE_CLOSED, after `close()` */
  clone(): QueueProducer<T> {
    if (this.#closed) throw this.#closedError('clone()')
    return new QueueProducer(this.#queue, this.#core)
  }

  /** Gives the handle up; the last one shuts the queue down. Again: nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (--this.#core.handles === 0) this.#core.shutdown(false)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #closedError(operation: string): HandleClosed {
    return new HandleClosed(
      `${operation} on a producer of ${this.#core.label()}: the handle is closed`,
      this.#core.name,
    )
  }
}
