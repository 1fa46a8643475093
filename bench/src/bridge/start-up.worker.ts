import { parentPort, workerData } from 'node:worker_threads'
import type { ProducerHandle } from '@millrace/bridge'
import type * as BridgeWorker from '@millrace/bridge/worker'

export interface StartUpData {
  /** Left out: postMessage. */
  readonly entry?: string
  readonly handle?: ProducerHandle<unknown>
}

const { entry, handle } = workerData as StartUpData
if (entry === undefined) {
  parentPort!.postMessage(1)
} else {
  const { openProducer } = (await import(entry)) as typeof BridgeWorker
  const producer = openProducer<unknown>(handle!)
  producer.putBlocking(1)
  producer.close()
}
