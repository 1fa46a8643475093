import type { ConsumerEnd, ProducerEnd } from './ends.js'

/**
 * The queue as a WHATWG stream to read from. An item is taken only when somebody reads, so cancelling the stream leaves
 * the rest in the queue; it closes at the queue's end, and errors with the error of a `fail()`.
 */
export function toReadableStream<T>(queue: ConsumerEnd<T>): ReadableStream<T> {
  const iterator = queue[Symbol.asyncIterator]()
  let cancelled = false
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const next = await iterator.next()
        if (cancelled) return
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        cancelled = true
        await iterator.return?.()
      },
    },
    // Nothing is read ahead: what sits in a stream's own buffer is lost when the stream is cancelled.
    { highWaterMark: 0 },
  )
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
