import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { expose, type TransferHandler, wrap } from 'comlink'
import { answeringEndpoint, callingEndpoint } from './endpoint.js'

/** What Comlink's `proxy()` marks: as Comlink's own, over ports that hold the process no longer than they have to. */
export function proxyHandler(original: TransferHandler<object, MessagePort>): TransferHandler<object, MessagePort> {
  return {
    canHandle: original.canHandle,
    serialize(object) {
      const { port1, port2 } = new MessageChannel()
      expose(object, answeringEndpoint(port1))
      return [port2, [port2]]
    },
    deserialize: (port) => wrap(callingEndpoint(port)) as object,
  }
}
