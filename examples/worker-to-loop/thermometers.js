import { Worker } from 'node:worker_threads'
import { FanInQueue } from '@millrace/bridge'

/** @typedef {{ place: string, n: number, celsius: number }} Reading */

/** @type {FanInQueue<Reading>} */
const readings = new FanInQueue({ maxItems: 100 }) // at most 100 in flight, over all threads

for (const place of ['cellar', 'roof', 'garden']) {
  new Worker(new URL('./thermometer.worker.js', import.meta.url), {
    workerData: { place, out: readings.producer({ name: place }) },
  })
}
readings.closeWhenIdle() // shuts down when all three have closed: then the loop ends

/** @type {Map<string, { count: number, sum: number, inOrder: boolean }>} */
const places = new Map()
let largest = 0
for await (const { place, n, celsius } of readings) {
  const seen = places.get(place) ?? { count: 0, sum: 0, inOrder: true }
  seen.inOrder &&= n === seen.count
  seen.count++
  seen.sum += celsius
  places.set(place, seen)
  largest = Math.max(largest, readings.qsize())
}

for (const [place, { count, sum, inOrder }] of [...places].sort()) {
  console.log(`${place}: ${count} readings, mean ${(sum / count).toFixed(1)}, in order: ${inOrder}`)
}
console.log(`never more than 100 in flight: ${largest <= 100}`)
