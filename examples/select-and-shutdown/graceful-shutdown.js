import { setTimeout as sleep } from 'node:timers/promises'
import { consume, Queue, QueueShutDown } from '@millrace/queue'

/** @type {Queue<number>} */
const jobs = new Queue(5)

const working = consume(jobs, () => sleep(5), { concurrency: 2 })

let accepted = 0
async function produce() {
  try {
    for (let n = 1; ; n++) {
      await jobs.put(n)
      accepted++
    }
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error
    console.log('producer: no more room in this world')
  }
}

process.once('SIGTERM', () => {
  console.log('SIGTERM: take nothing new, finish what was accepted')
  jobs.shutdown()
  // Patience has an end: what is still waiting after ten seconds is dropped.
  setTimeout(() => jobs.shutdown({ immediate: true }), 10_000).unref()
})
setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50) // what your process manager would do

await produce()
const { done } = await working
console.log(`every accepted job was done: ${done === accepted}`)
