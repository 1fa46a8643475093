import type { TransferHandler } from 'comlink'
import type { ConsumerHandle, ProducerHandle } from '../index.js'

type Handle = ProducerHandle<unknown> | ConsumerHandle<unknown>

/** Handles are plain data that need no handler, except those with a port, which has to be transferred. */
export const handleHandler: TransferHandler<Handle, Handle> = {
  canHandle: (value): value is Handle =>
    typeof value === 'object' &&
    value !== null &&
    'millrace' in value &&
    'transferList' in value &&
    Array.isArray(value.transferList) &&
    value.transferList.length > 0,
  serialize: (handle) => [handle, [...handle.transferList]],
  deserialize: (handle) => handle,
}
