import { Worker } from 'node:worker_threads'
import { bytes, FanInQueue } from '@millrace/bridge'

const frames = new FanInQueue({ codec: bytes(), capacityBytes: 1024 * 1024 })
new Worker(new URL('./camera.worker.js', import.meta.url), { workerData: { out: frames.producer() } })
frames.closeWhenIdle()

let count = 0
let brightness = 0
let intact = true
for await (const lease of frames.leases()) {
  const pixels = lease.bytes // not a copy: the very memory into which the camera has drawn
  count++
  brightness += pixels[0]
  intact &&= pixels[0] === pixels[pixels.length - 1]
  lease.release() // now the camera may draw there again
}

console.log(`${count} frames, mean brightness ${(brightness / count).toFixed(1)}`)
console.log(`each of them whole: ${intact}`)
