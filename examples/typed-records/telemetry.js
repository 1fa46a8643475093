import { Worker } from 'node:worker_threads'
import { FanInQueue } from '@millrace/bridge'
import { reading } from './reading.js'

const readings = new FanInQueue({ codec: reading }) // its type is FanInQueue<{ sensor: number, kind: ..., ... }>
new Worker(new URL('./sensor.worker.js', import.meta.url), { workerData: { out: readings.producer() } })
readings.closeWhenIdle()

const sums = { temperature: 0, pressure: 0 }
const notes = []
let count = 0
for await (const batch of readings.batches()) {
  for (const { kind, value, valid, note } of batch) {
    count++
    if (valid) sums[kind] += value
    if (note) notes.push(note)
  }
}

console.log(`${count} readings`)
console.log(`temperature ${sums.temperature}, pressure ${sums.pressure}`)
console.log(notes.join(', '))
