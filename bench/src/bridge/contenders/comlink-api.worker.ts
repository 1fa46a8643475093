import { parentPort, workerData } from 'node:worker_threads'
import { expose, transfer } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { type PayloadName, payloadOf } from '../payloads.js'

const payload = payloadOf(workerData as PayloadName)
/** Below this a copy costs less than a transfer. */
const TRANSFER_FROM_BYTES = 16 * 1024

parentPort!.postMessage('ready')
expose(
  {
    make(index: number): unknown {
      const item = payload.makeFresh(index)
      return item instanceof Uint8Array && item.length >= TRANSFER_FROM_BYTES
        ? transfer(item, payload.transferOf(item))
        : item
    },
  },
  nodeEndpoint(parentPort!),
)
