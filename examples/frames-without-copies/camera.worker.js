import { workerData } from 'node:worker_threads'
import { openProducer } from '@millrace/bridge/worker'

const FRAME_BYTES = 160 * 120 * 4

const frames = openProducer(workerData.out)

/** @param {Uint8Array} pixels @param {number} n */
const draw = (pixels, n) => pixels.fill(n % 200)

for (let n = 0; n < 1000; n++) {
  const place = frames.reserveBlocking(FRAME_BYTES) // stops this thread while the ring is full of frames
  draw(place.bytes, n)
  place.commit() // from now on the consumer sees it
}
frames.close()
