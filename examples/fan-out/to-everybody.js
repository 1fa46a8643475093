import { Queue } from '@millrace/queue'

// One queue for each listener: then each has its own pace, its own limit, and its own idea of what to do when it is too slow.
/** @type {Queue<number>} */
const archive = new Queue(2)
/** @type {Queue<number>} */
const display = new Queue({ maxsize: 1, overflow: 'dropOldest' })
const listeners = [archive, display]

/** @param {number} price */
const publish = (price) => Promise.all(listeners.map((listener) => listener.put(price)))

/** @param {Queue<number>} prices */
async function collect(prices) {
  const seen = []
  for await (const price of prices) seen.push(price)
  return seen.join(' ')
}

const archived = collect(archive) // takes every price, and publish() waits for it
for (const price of [101, 102, 103, 104, 105]) await publish(price)
for (const listener of listeners) listener.shutdown()

console.log('archive:', await archived)
console.log('display:', await collect(display)) // was busy all the time: only the newest price is still there
