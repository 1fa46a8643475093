import { parentPort, workerData } from 'node:worker_threads'
import type { ProducerHandle } from '@millrace/bridge'
import type * as BridgeWorker from '@millrace/bridge/worker'

export interface FloodData {
  /** Left out: postMessage. */
  readonly entry?: string
  readonly handle?: ProducerHandle<unknown>
  readonly window?: number
  /** Word 0: messages that the receiver has dealt with. */
  readonly credits?: SharedArrayBuffer
}

const { entry, handle, window = 0, credits } = workerData as FloodData
const port = parentPort!
let send = (item: number): void => port.postMessage(item)
if (entry !== undefined) {
  const { openProducer } = (await import(entry)) as typeof BridgeWorker
  const producer = openProducer<unknown>(handle!)
  send = (item) => producer.putBlocking(item)
} else if (credits !== undefined) {
  const done = new Int32Array(credits)
  let sent = 0
  send = (item) => {
    for (let dealtWith = Atomics.load(done, 0); ((sent - dealtWith) | 0) >= window; dealtWith = Atomics.load(done, 0)) {
      Atomics.wait(done, 0, dealtWith)
    }
    sent = (sent + 1) | 0
    port.postMessage(item)
  }
}

port.on('message', ({ ms }: { ms: number }) => {
  const until = performance.now() + ms
  let count = 0
  while ((count & 31) !== 0 || performance.now() < until) send(count++)
  send(-1 - count)
})
port.postMessage('ready')
