import { Queue, RateLimiter } from '@millrace/queue'

/** @type {Queue<string>} */
const calls = new Queue(10)

// On average 5 calls in 100 ms; after a pause up to 5 may go at once.
const limiter = new RateLimiter({ limit: 5, interval: 100, burst: 5 })

async function produce() {
  for (let n = 1; n <= 20; n++) {
    await limiter.acquire()
    await calls.put(`call ${n}`)
  }
  calls.shutdown()
}

const startedAt = performance.now()
const producing = produce()
const made = []
for await (const call of calls) made.push(call)
await producing
const took = performance.now() - startedAt

console.log(`${made.length} calls, from ${made[0]} to ${made.at(-1)}`)
console.log(`5 at once and 15 at 50 a second take at least 300 ms: ${took >= 300}`)

// Without waiting: is there an allowance now?
const spender = new RateLimiter({ limit: 1, interval: 60_000, burst: 3 })
console.log([1, 2, 3, 4].map(() => spender.tryAcquire()))

// A heavy call may cost more than one.
const budget = new RateLimiter({ limit: 100, interval: 60_000, burst: 100 })
console.log(budget.tryAcquire(60), budget.tryAcquire(60), budget.tryAcquire(40))
