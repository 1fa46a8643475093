// A thread with the home end of a queue: { kind, options, puts }. Posts a handle for each that it is asked for, and dies when it is told to.
import { parentPort, workerData } from 'node:worker_threads'
import { FanInQueue, FanOutQueue } from '../../dist/index.js'

const { kind, options, puts = 0 } = workerData
const queue = kind === 'fan-in' ? new FanInQueue(options) : new FanOutQueue(options)
for (let i = 0; i < puts; i++) queue.putNowait(i)
parentPort.on('message', async (what) => {
  if (what === 'handle') parentPort.postMessage(kind === 'fan-in' ? queue.producer() : queue.consumer())
  if (what === 'stats') parentPort.postMessage(queue.stats())
  if (what === 'get') parentPort.postMessage(await queue.get())
  if (what === 'shutdown') parentPort.postMessage(queue.shutdown({ immediate: true }))
  if (what === 'exit') process.exit(7)
  if (what === 'throw') {
    setTimeout(() => {
      throw new Error('the home broke')
    })
  }
})
