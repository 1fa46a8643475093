import { setTimeout as sleep } from 'node:timers/promises'
import { consume, Queue } from '@millrace/queue'

/** @type {Queue<number>} */
const orders = new Queue(10)
let active = 0
let most = 0
const served = new Set()

// Four coroutines take from one queue; each order goes to exactly one of them.
const kitchen = consume(
  orders,
  async (order) => {
    most = Math.max(most, ++active)
    await sleep(2) // an oven, a database, another service: waiting that four can do at the same time
    served.add(order)
    active--
  },
  { concurrency: 4 },
)

await orders.putMany(Array.from({ length: 40 }, (_, n) => n + 1))
orders.shutdown()
const { done } = await kitchen
console.log(`${done} orders done, ${served.size} different ones, ${most} at the same time`)
