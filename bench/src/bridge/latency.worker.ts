import { parentPort, workerData } from 'node:worker_threads'
import type { ProducerHandle } from '@millrace/bridge'
import type * as BridgeWorker from '@millrace/bridge/worker'

export interface LatencyData {
  /** Microseconds between two items; from 1,000 on the thread sleeps, below it spins. */
  readonly gapUs: number
  /** Left out: postMessage. */
  readonly entry?: string
  readonly handle?: ProducerHandle<unknown>
}

const { gapUs, entry, handle } = workerData as LatencyData
const port = parentPort!
let send = (sentAt: number): void => port.postMessage(sentAt)
if (entry !== undefined) {
  const { openProducer } = (await import(entry)) as typeof BridgeWorker
  const producer = openProducer<unknown>(handle!)
  send = (sentAt) => producer.putBlocking(sentAt)
}

const nap = new Int32Array(new SharedArrayBuffer(4))
const now = () => Number(process.hrtime.bigint())

port.on('message', ({ items }: { items: number }) => {
  let due = now()
  for (let i = 0; i < items; i++) {
    due += gapUs * 1000
    if (gapUs >= 1_000) Atomics.wait(nap, 0, 0, gapUs / 1000)
    else while (now() < due);
    send(now())
  }
})
port.postMessage('ready')
