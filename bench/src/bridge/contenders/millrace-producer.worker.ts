import { parentPort, workerData } from 'node:worker_threads'
import type { ProducerHandle } from '@millrace/bridge'
import type * as BridgeWorker from '@millrace/bridge/worker'
import { type PayloadName, payloadOf } from '../payloads.js'
import type { SendCommand } from '../threads.js'

export type Put =
  | 'putBlocking()'
  | 'putMany(array)'
  | 'putMany(Float64Array)'
  | 'await put()'
  | 'reserveBlocking()'
  | 'reserveManyBlocking()'

export interface MillraceProducerData {
  readonly entry: string
  readonly handle: ProducerHandle<unknown>
  readonly payload: PayloadName
  readonly put: Put
}

const { entry, handle, payload: payloadName, put } = workerData as MillraceProducerData
const { openProducer } = (await import(entry)) as typeof BridgeWorker
const producer = openProducer<unknown>(handle)
const payload = payloadOf(payloadName)
/** Items of one putMany(): a thousand, of large ones as many as make 4 MiB. */
const ITEM_BYTES = bytesOf(payloadName)
const CHUNK = Math.max(1, Math.min(1024, Math.floor((4 << 20) / ITEM_BYTES)))
/** Items of one reservation: 64, of large ones as many as make half a MiB. */
const AT_ONCE = Math.max(1, Math.min(64, Math.floor((1 << 19) / ITEM_BYTES)))

function bytesOf(name: PayloadName): number {
  return name.startsWith('bytes-') ? Number(name.slice('bytes-'.length)) : 1
}

async function send({ items, first = 0, step = 1 }: SendCommand): Promise<void> {
  const end = first + items * step
  switch (put) {
    case 'putBlocking()':
      for (let i = first; i < end; i += step) producer.putBlocking(payload.make(i))
      return
    case 'await put()':
      for (let i = first; i < end; i += step) await producer.put(payload.make(i))
      return
    case 'putMany(array)': {
      // One array for all chunks, and one set of byte arrays in it: they are copied.
      const chunk: unknown[] = []
      for (let from = first; from < end; from += CHUNK * step) {
        const length = Math.min(CHUNK, Math.ceil((end - from) / step))
        payload.fill(chunk, length, from, step)
        producer.putMany(length === CHUNK ? chunk : chunk.slice(0, length))
      }
      return
    }
    case 'putMany(Float64Array)': {
      const chunk = new Float64Array(CHUNK)
      for (let from = first; from < end; from += CHUNK * step) {
        const length = Math.min(CHUNK, Math.ceil((end - from) / step))
        for (let i = 0; i < length; i++) chunk[i] = from + i * step
        producer.putMany(chunk.subarray(0, length))
      }
      return
    }
    case 'reserveBlocking()': {
      const { length } = payload.make(0) as Uint8Array
      for (let i = first; i < end; i += step) {
        const reservation = producer.reserveBlocking(length)
        reservation.bytes.set(payload.make(i) as Uint8Array)
        reservation.commit()
      }
      return
    }
    case 'reserveManyBlocking()':
      for (let i = first; i < end; ) i = writeInPlace(i, end, step)
  }
}

/** Writes as many as are reserved at once. @returns the number of the next one */
function writeInPlace(from: number, end: number, step: number): number {
  const batch = producer.reserveManyBlocking(Math.min(AT_ONCE, Math.ceil((end - from) / step)), ITEM_BYTES)
  let i = from
  for (let k = 0; k < batch.length; k++, i += step) batch.at(k).set(payload.make(i) as Uint8Array)
  batch.commit()
  return i
}

parentPort!.on('message', (command: SendCommand) => void send(command))
parentPort!.postMessage('ready')
