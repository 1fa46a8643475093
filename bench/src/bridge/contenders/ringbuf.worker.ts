import { parentPort, workerData } from 'node:worker_threads'
import { RingBuffer } from 'ringbuf.js'
import { payloadOf } from '../payloads.js'
import type { SendCommand } from '../threads.js'

export interface RingBufData {
  readonly storage: SharedArrayBuffer
  readonly elements: 'number' | `bytes-${number}`
  /** Elements of one push. */
  readonly push: number
}

const { storage, elements, push } = workerData as RingBufData

function sendNumbers(items: number): void {
  const ring = new RingBuffer(storage, Float64Array)
  const chunk = new Float64Array(push)
  for (let from = 0; from < items; ) {
    const count = Math.min(push, items - from)
    for (let i = 0; i < count; i++) chunk[i] = from + i
    for (let pushed = 0; pushed < count; ) pushed += ring.push(chunk, count - pushed, pushed)
    from += count
  }
}

function sendFrames(items: number, name: `bytes-${number}`): void {
  const ring = new RingBuffer(storage, Uint8Array)
  const payload = payloadOf(name)
  for (let i = 0; i < items; i++) {
    while (ring.available_write() < push);
    ring.push(payload.make(i), push)
  }
}

parentPort!.on('message', ({ items }: SendCommand) => {
  if (elements === 'number') sendNumbers(items)
  else sendFrames(items, elements)
})
parentPort!.postMessage('ready')
