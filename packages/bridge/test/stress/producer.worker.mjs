// A producer that puts checked records until its end comes: by itself, as `end` says at record `last`, or from outside.
import { workerData } from 'node:worker_threads'
import { openProducer } from '../../dist/worker.js'
import { die } from './die.mjs'
import { makeRecord } from './record.mjs'

const { out, producer, sizes, progress, last, end, how } = workerData
const queue = openProducer(out)
/** How many records this thread was told are put: all of these have to arrive. */
const put = new Int32Array(progress)
Atomics.store(put, 4 + producer, 1)

try {
  for (let sequence = 0; ; sequence++) {
    if (sequence === last) {
      if (end === 'close') break
      die(end)
    }
    const record = makeRecord(producer, sequence, sizes[sequence % sizes.length])
    if (how === 'blocking') queue.putBlocking(record)
    else if (how === 'many') queue.putMany([record])
    else await queue.put(record)
    Atomics.store(put, producer, sequence + 1)
  }
  queue.close()
} catch (error) {
  if (error?.code !== 'QUEUE_SHUT_DOWN') throw error
}
