import { workerData } from 'node:worker_threads'
import { openConsumer, openProducer } from '@millrace/bridge/worker'

const ranges = openConsumer(workerData.ranges)
const counts = openProducer(workerData.counts)

/** @param {number} n */
function isPrime(n) {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false
  return n >= 2
}

// This thread has nothing else to do, so it may block: the loop sleeps while there is no range, and ends at shutdown.
for (const { from, to } of ranges) {
  let primes = 0
  for (let n = from; n < to; n++) if (isPrime(n)) primes++
  counts.putBlocking({ from, primes })
  ranges.taskDone() // acknowledged: had this thread died before, another one would have got the range
}
counts.close()
