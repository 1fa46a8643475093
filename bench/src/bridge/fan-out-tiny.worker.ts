import { parentPort, workerData } from 'node:worker_threads'
import type { ConsumerHandle } from '@millrace/bridge'
import type * as BridgeWorker from '@millrace/bridge/worker'

export interface TinyData {
  /** Left out: items by postMessage, one or an array of them, each message answered. */
  readonly entry?: string
  readonly items?: ConsumerHandle<unknown>
  readonly how?: 'items' | 'batches'
  /** Two Float64s: how many items this thread has had, and their sum. Written before they are counted off or answered. */
  readonly sums: SharedArrayBuffer
}

const { entry, items, how, sums } = workerData as TinyData
const port = parentPort!
const had = new Float64Array(sums)

function take(item: number): void {
  had[0]!++
  had[1]! += item
}

if (entry === undefined) {
  port.on('message', (message: number | number[]) => {
    if (typeof message === 'number') take(message)
    else for (const item of message) take(item)
    port.postMessage(0)
  })
  port.postMessage('ready')
} else {
  const { openConsumer } = (await import(entry)) as typeof BridgeWorker
  const consumer = openConsumer<number>(items as ConsumerHandle<number>)
  port.postMessage('ready')
  if (how === 'items') {
    for (const item of consumer) {
      take(item)
      consumer.taskDone()
    }
  } else {
    for await (const batch of consumer.batches()) {
      for (const item of batch) take(item)
      consumer.taskDone(batch.length)
    }
  }
}
