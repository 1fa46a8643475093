import { setTimeout as sleep } from 'node:timers/promises'
import { PriorityQueue, Queue, QueueEmpty, QueueFull, QueueTimeout } from '@millrace/queue'

/** @typedef {PriorityQueue<[priority: number, job: string]>} Jobs */

/** @param {string} name @param {Jobs} jobs @param {number} count */
async function producer(name, jobs, count) {
  for (let n = 1; n <= count; n++) await jobs.put([n % 3, `${name}${n}`])
}

/** @param {Jobs} jobs @param {Queue<[string, number]>} results */
async function worker(jobs, results) {
  for await (const [priority, job] of jobs) {
    try {
      if (job === 'b4') throw new RangeError('b4 is broken')
      await sleep(1)
      await results.put([job, priority])
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      console.log('failed:', error.message)
    } finally {
      jobs.taskDone()
    }
  }
}

/** @type {Jobs} */
const jobs = new PriorityQueue(4)
/** @type {Queue<[string, number]>} */
const results = new Queue()
const workers = [1, 2, 3].map(() => worker(jobs, results))

await Promise.all([producer('a', jobs, 5), producer('b', jobs, 5)])
await jobs.join()
jobs.shutdown() // the workers' loops end by themselves: nothing to cancel
await Promise.all(workers)

const done = results.drain()
const names = done.map(([job]) => job).sort()
const sum = done.reduce((total, [, priority]) => total + priority, 0)
console.log('done:', names.join(' '))
console.log('sum of priorities:', sum)

const idle = new PriorityQueue()
try {
  idle.getNowait()
} catch (error) {
  if (error instanceof QueueEmpty) console.log('empty')
}

try {
  await results.get({ timeout: 10 })
} catch (error) {
  if (error instanceof QueueTimeout) console.log('timed out')
}

const full = new Queue(1)
full.putNowait('x')
try {
  full.putNowait('y')
} catch (error) {
  if (error instanceof QueueFull) console.log('full at', full.qsize())
}
