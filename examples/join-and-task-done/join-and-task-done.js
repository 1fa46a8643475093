import { setImmediate as turn } from 'node:timers/promises'
import { consume, Queue } from '@millrace/queue'

/** @type {Queue<number>} */
const jobs = new Queue()
const results = /** @type {number[]} */ ([])

async function worker() {
  for await (const n of jobs) {
    try {
      await turn() // the work itself: the item has left the queue, but is not done
      results.push(n * n)
    } finally {
      jobs.taskDone() // whatever happened to it, or join() waits for ever
    }
  }
}
const workers = [worker(), worker(), worker()]

for (let n = 1; n <= 5; n++) jobs.putNowait(n)
console.log(`${jobs.unfinishedTasks} unfinished`)
await jobs.join()
console.log(`first batch: ${results.join(' ')}`)

// The queue is still open, and the workers wait for more.
for (let n = 6; n <= 10; n++) jobs.putNowait(n)
await jobs.join()
console.log(`both batches: ${results.join(' ')}`)

jobs.shutdown()
await Promise.all(workers)

// consume() is that worker loop, ready made: it calls taskDone() whatever happens and counts what failed.
/** @type {Queue<number>} */
const risky = new Queue()
const consuming = consume(
  risky,
  async (n) => {
    if (n % 3 === 0) throw new Error(`${n} is a multiple of three`)
  },
  { concurrency: 2, onError: (error) => console.log(`failed: ${error instanceof Error ? error.message : error}`) },
)
await risky.putMany([1, 2, 3, 4, 5, 6, 7])
await risky.join()
risky.shutdown()
const { done, failed } = await consuming
console.log(`consume: ${done} done, ${failed} failed`)

try {
  risky.taskDone()
} catch (error) {
  console.log(`${error}`)
}
