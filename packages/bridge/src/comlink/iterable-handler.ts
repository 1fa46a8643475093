import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { TransferHandler } from 'comlink'
import { isAsyncIterable, isGenerator } from './iterables.js'
import { RemoteIterator } from './remote-iterator.js'
import { serveIterator } from './serve-iterator.js'

export interface CarriedIterable {
  readonly port: MessagePort
  readonly ahead: number
}

/** Items that the reader asks for ahead, so that a steady one does not wait a round trip for each. */
const ahead = 32

/**
 * Async iterables and generators of either kind: they stay where they are, the other side pulls their items. From a queue nothing is
 * pulled ahead: others may want what a reader that leaves had not asked for.
 */
export const iterableHandler: TransferHandler<AsyncIterable<unknown> | Iterable<unknown>, CarriedIterable> = {
  canHandle: (value): value is AsyncIterable<unknown> | Iterable<unknown> =>
    isAsyncIterable(value) || isGenerator(value),
  serialize(iterable) {
    const { port1, port2 } = new MessageChannel()
    serveIterator(iterable, port1)
    return [{ port: port2, ahead: 'taskDone' in iterable ? 0 : ahead }, [port2]]
  },
  deserialize: ({ port, ahead }) => new RemoteIterator(port, ahead),
}
