// A consumer that takes checked records until its end comes: by itself, as `end` says at its item `last`, or from outside.
import { workerData } from 'node:worker_threads'
import { openConsumer } from '../../dist/worker.js'
import { die } from './die.mjs'
import { readRecord } from './record.mjs'

const { from, progress, consumer, items, last, end, how } = workerData
const words = new Int32Array(progress)
const opened = 0
const damaged = 1
/** Of each record: how often it was in somebody's hands, and how often somebody had said that it is done with and nobody objected. */
const taken = words.subarray(2 + consumer.limit, 2 + consumer.limit + items)
const done = words.subarray(2 + consumer.limit + items)

const queue = openConsumer(from)
Atomics.store(words, 2 + consumer.number, 1)
Atomics.add(words, opened, 1)
let held = 0

function take(bytes) {
  const record = readRecord(bytes)
  if (record === undefined || record.sequence >= items) {
    Atomics.add(words, damaged, 1)
    return undefined
  }
  Atomics.add(taken, record.sequence, 1)
  if (held++ === last && end !== 'close') die(end)
  return record.sequence
}

function hasEnded(sequence) {
  if (sequence !== undefined) Atomics.add(done, sequence, 1)
}

try {
  if (how === 'taskDone') {
    for (;;) {
      const sequence = take(queue.getBlocking())
      queue.taskDone()
      hasEnded(sequence)
    }
  } else if (how === 'for of') {
    let before
    for (const bytes of queue) {
      hasEnded(before)
      before = take(bytes)
    }
    hasEnded(before)
  } else if (how === 'for await') {
    let before
    for await (const bytes of queue) {
      hasEnded(before)
      before = take(bytes)
    }
    hasEnded(before)
  } else {
    let before = []
    for await (const batch of queue.batches()) {
      before.forEach(hasEnded)
      before = batch.map(take)
    }
    before.forEach(hasEnded)
  }
} catch (error) {
  if (error?.code !== 'QUEUE_SHUT_DOWN') throw error
}
queue.close()
