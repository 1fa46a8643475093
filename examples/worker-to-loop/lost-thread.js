import { Worker } from 'node:worker_threads'
import { FanInQueue, RemoteLost } from '@millrace/bridge'

/** @type {FanInQueue<number>} */
const numbers = new FanInQueue()
new Worker(new URL('./dying.worker.js', import.meta.url), {
  workerData: { out: numbers.producer({ name: 'counter' }) },
})

const got = []
try {
  for await (const n of numbers) got.push(n)
} catch (error) {
  if (!(error instanceof RemoteLost)) throw error
  console.log(`got ${got.join(' ')}`)
  const { code, remoteName, exitCode, deliveredItems, lostItems } = error
  console.log(`then ${code}: ${remoteName}, exit code ${exitCode}, ${deliveredItems} delivered, ${lostItems} lost`)
}
