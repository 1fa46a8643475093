import { type TransferHandler, transferHandlers } from 'comlink'
import { handleHandler } from './handle-handler.js'
import { iterableHandler } from './iterable-handler.js'
import { proxyHandler } from './proxy-handler.js'
import { signalHandler } from './signal-handler.js'
import { thrownHandler } from './thrown-handler.js'

/** Marks a map that has our handlers, so that installing twice wraps nothing twice. */
const installed = '@millrace/bridge/signal'

/**
 * Lets async iterables, generators, AbortSignals and queue handles be passed to, returned from and thrown by a Comlink API. Call it once
 * on each side, before the first `wrap()` or `expose()`.
 *
 * Comlink looks at arguments and return values themselves, not inside them: pass a signal as an argument, not as a property of one.
 *
 * @param handlers - the `transferHandlers` of the Comlink that is used, when it is another copy than `import 'comlink'` gives
 */
export function installTransferHandlers(handlers: typeof transferHandlers = transferHandlers): void {
  if (handlers.has(installed)) return
  replace(handlers, 'proxy', proxyHandler)
  replace(handlers, 'throw', thrownHandler)
  add(handlers, installed, signalHandler)
  add(handlers, '@millrace/bridge/handle', handleHandler)
  add(handlers, '@millrace/bridge/iterable', iterableHandler)
}

/** The map is of handlers of anything; each of ours is of one kind. */
function add<T, S>(handlers: typeof transferHandlers, name: string, handler: TransferHandler<T, S>): void {
  handlers.set(name, handler as TransferHandler<unknown, unknown>)
}

function replace<T, S>(
  handlers: typeof transferHandlers,
  name: string,
  make: (original: TransferHandler<T, S>) => TransferHandler<T, S>,
): void {
  const original = handlers.get(name)
  if (original === undefined) throw new TypeError(`installTransferHandlers(): this Comlink has no handler '${name}'`)
  add(handlers, name, make(original as TransferHandler<T, S>))
}
