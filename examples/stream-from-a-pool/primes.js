import { stream } from '@millrace/bridge/piscina'
import { Piscina } from 'piscina'

const pool = new Piscina({ filename: new URL('./primes.worker.js', import.meta.url).href, maxThreads: 1 })

// pool.run() gives one result, when all is done. stream() gives many, while the task runs.
for await (const prime of stream(pool, { from: 1_000_000_000, count: 3 })) console.log(prime)

// The task would go on for ever; `break` stops it at its next yield, and its thread is free for the next task.
let sum = 0
for await (const prime of stream(pool, { from: 1, count: Infinity })) {
  sum += prime
  if (prime > 100) break
}
console.log(`sum up to the first prime above 100: ${sum}`)

// What the task throws arrives after what it had yielded, with its class, message, code and own properties.
try {
  for await (const prime of stream(pool, { from: -5, count: 1 })) console.log(prime)
} catch (error) {
  console.log(`${error}`)
}
await pool.close()
