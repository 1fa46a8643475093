import { workerData } from 'node:worker_threads'
import { openProducer } from '@millrace/bridge/worker'

const FRAME_BYTES = 160 * 120 * 4

const frames = openProducer(workerData.out)
const spare = new Uint8Array(FRAME_BYTES)

/** @param {Uint8Array} pixels @param {number} n */
const draw = (pixels, n) => pixels.fill(n % 200)

for (let n = 0; n < 1000; n++) {
  const place = frames.reserve(FRAME_BYTES)
  if (place) {
    draw(place.bytes, n)
    place.commit() // from now on the consumer sees it
  } else {
    draw(spare, n) // no room just now: putBlocking() waits for it, at the price of one copy
    frames.putBlocking(spare)
  }
}
frames.close()
