/**
 * Gives a class of errors a kind that `instanceof` recognises whichever copy of the class made the error: a package may be
 * loaded twice, as ESM and CJS, and an entry of a package may hold a copy of its own.
 *
 * @param name - of the kind, with its package; the same in every copy
 */
export function markKind(Class: { readonly prototype: object }, name: string): void {
  const kind = Symbol.for(name)
  Object.defineProperty(Class.prototype, kind, { value: true })
  Object.defineProperty(Class, Symbol.hasInstance, {
    value(this: unknown, candidate: unknown): boolean {
      // A subclass of a user's own inherits this function; it has no kind, and is recognised the ordinary way.
      if (this !== Class) return Function.prototype[Symbol.hasInstance].call(this as Function, candidate)
      return typeof candidate === 'object' && candidate !== null && kind in candidate
    },
  })
}

/**
 * What every error of millrace's queues is: a stable `code` to match on, and the name of the queue that it came from.
 *
 * `instanceof` holds even where two copies of the package are loaded. Match by `code` where errors cross threads:
 * structured cloning keeps an error's message and stack, but neither its class nor its code.
 */
export class QueueError extends Error {
  readonly code: string
  declare readonly queue?: string

  constructor(message: string, code: string, queue?: string) {
    super(message)
    // Not enumerable, as on the platform's own errors: printed in front of the message, not among the properties.
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true })
    this.code = code
    if (queue !== undefined) this.queue = queue
  }
}
markKind(QueueError, '@millrace/queue.QueueError')

/** Thrown by `getNowait()` and `peekNowait()` when there is nothing to take: code `QUEUE_EMPTY`. */
export class QueueEmpty extends QueueError {
  constructor(message: string, queue?: string) {
    super(message, 'QUEUE_EMPTY', queue)
  }
}
markKind(QueueEmpty, '@millrace/queue.QueueEmpty')

/** Thrown by `putNowait()` when there is no room: code `QUEUE_FULL`. */
export class QueueFull extends QueueError {
  constructor(message: string, queue?: string) {
    super(message, 'QUEUE_FULL', queue)
  }
}
markKind(QueueFull, '@millrace/queue.QueueFull')

/** What every operation answers that a shutdown made impossible: code `QUEUE_SHUT_DOWN`. */
export class QueueShutDown extends QueueError {
  constructor(message: string, queue?: string) {
    super(message, 'QUEUE_SHUT_DOWN', queue)
  }
}
markKind(QueueShutDown, '@millrace/queue.QueueShutDown')

/** What a wait rejects with when its `timeout` has passed: name `TimeoutError` as the platform's, code `QUEUE_TIMEOUT`. */
export class QueueTimeout extends QueueError {
  constructor(message: string, queue?: string) {
    super(message, 'QUEUE_TIMEOUT', queue)
    Object.defineProperty(this, 'name', { value: 'TimeoutError', configurable: true, writable: true })
  }
}
markKind(QueueTimeout, '@millrace/queue.QueueTimeout')

/** A producer's handle was used after its own `close()`: code `HANDLE_CLOSED`. The queue itself may be well alive. */
export class HandleClosed extends QueueError {
  constructor(message: string, queue?: string) {
    super(message, 'HANDLE_CLOSED', queue)
  }
}
markKind(HandleClosed, '@millrace/queue.HandleClosed')
