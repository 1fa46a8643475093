import { parentPort, workerData } from 'node:worker_threads'
import type { ConsumerHandle, ProducerHandle } from '@millrace/bridge'
import type * as BridgeWorker from '@millrace/bridge/worker'
import { spin } from '../harness/spin.js'

export interface UnevenTask {
  readonly id: number
  readonly us: number
}

export interface FanOutData {
  /** Left out: tasks and answers by postMessage. */
  readonly entry?: string
  readonly tasks?: ConsumerHandle<unknown>
  readonly results?: ProducerHandle<unknown>
}

const { entry, tasks, results } = workerData as FanOutData
const port = parentPort!
if (entry === undefined) {
  port.on('message', ({ id, us }: UnevenTask) => {
    spin(us)
    port.postMessage(id)
  })
  port.postMessage('ready')
} else {
  const { openConsumer, openProducer } = (await import(entry)) as typeof BridgeWorker
  const consumer = openConsumer<UnevenTask>(tasks as ConsumerHandle<UnevenTask>)
  const producer = openProducer<unknown>(results!)
  port.postMessage('ready')
  for (const { id, us } of consumer) {
    spin(us)
    producer.putBlocking(id)
  }
}
