import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { FanInQueue, FanOutQueue } from '@millrace/bridge'

const THREADS = Math.min(4, Math.max(2, availableParallelism()))

/** @type {FanOutQueue<{ from: number, to: number }>} */
const ranges = new FanOutQueue()
/** @type {FanInQueue<{ from: number, primes: number }>} */
const counts = new FanInQueue()

for (let n = 0; n < THREADS; n++) {
  new Worker(new URL('./count-primes.worker.js', import.meta.url), {
    workerData: { ranges: ranges.consumer(), counts: counts.producer() },
  })
}
counts.closeWhenIdle() // when every thread has closed its end, the loop below ends

async function hand() {
  for (let from = 0; from < 1_000_000; from += 50_000) await ranges.put({ from, to: from + 50_000 })
  ranges.shutdown()
}
const handing = hand()

let total = 0
const seen = new Set()
for await (const { from, primes } of counts) {
  seen.add(from)
  total += primes
}
await handing
console.log(`${seen.size} ranges, ${total} primes below a million`)
