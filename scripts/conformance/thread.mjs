import { parentPort, workerData } from 'node:worker_threads'
import { openConsumer, openProducer } from '../../packages/bridge/dist/worker.js'

const { program, out, work, count, tag } = workerData
const producer = openProducer(out)

const programs = {
  count() {
    for (let i = 0; i < count; i++) producer.putBlocking(tag === undefined ? i : [tag, i])
    producer.close()
  },
  large() {
    producer.putBlocking(Uint8Array.from({ length: 10_000 }, (_, i) => i % 251))
    producer.close()
  },
  async late() {
    await new Promise((resolve) => setTimeout(resolve, 50))
    producer.putBlocking('late')
    producer.close()
  },
  fill() {
    producer.putBlocking(0)
    parentPort.postMessage('started')
    try {
      for (;;) producer.putBlocking('another item')
    } catch (error) {
      parentPort.postMessage(error.code)
    }
  },
  async hang() {
    producer.putBlocking(0)
    producer.putBlocking(1)
    parentPort.postMessage('put')
    await new Promise((resolve) => setTimeout(resolve, 600_000))
  },
  join() {
    producer.putBlocking(0)
    producer.joinBlocking()
    parentPort.postMessage('joined')
    producer.close()
  },
  consume() {
    const consumer = openConsumer(work)
    for (const item of consumer) {
      producer.putBlocking(item)
      consumer.taskDone()
    }
    consumer.close()
    producer.close()
  },
}

await programs[program]()
