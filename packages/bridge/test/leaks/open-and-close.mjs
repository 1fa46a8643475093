// Prints as JSON what is left over after so many cycles, or items; then has to end by itself.
import { fileURLToPath } from 'node:url'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { FanInQueue } from '../../dist/index.js'
import { openProducer } from '../../dist/worker.js'

const [, , what, count] = process.argv

async function settle() {
  for (let i = 0; i < 5; i++) {
    globalThis.gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Of the process: what a queue might add to and forget. */
function listeners() {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
}

/** One queue: opened, used in every way that waits, closed. */
async function cycle() {
  const queue = new FanInQueue({ capacityBytes: 1024 })
  const producer = openProducer(queue.producer())
  const aborter = new AbortController()
  const aborted = queue.get({ signal: aborter.signal }).catch(() => 'aborted')
  const late = queue.get({ timeout: 1000 })
  aborter.abort()
  producer.putNowait({ some: 'thing' })
  await Promise.all([aborted, late])
  queue.taskDone()
  await queue.join()
  producer.close()
  await queue[Symbol.asyncDispose]()
}

async function cycles(times) {
  for (let i = 0; i < times; i++) {
    await cycle()
    // Armed waits are released by a task of the loop.
    if (i % 50 === 0) await settle()
  }
  return 0
}

async function items(total) {
  const queue = new FanInQueue({ capacityBytes: 65_536 })
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: { out: queue.producer(), total },
    execArgv: [],
  })
  const ended = new Promise((resolve) => worker.once('exit', resolve))
  queue.closeWhenIdle()
  let received = 0
  for await (const batch of queue.batches()) {
    received += batch.length
    queue.taskDone(batch.length)
  }
  await ended
  await queue[Symbol.asyncDispose]()
  return received
}

if (!isMainThread) {
  const producer = openProducer(workerData.out)
  for (let i = 0; i < workerData.total; i++) producer.putBlocking(i)
  producer.close()
} else {
  // What is made once, compiled code included, is there before the measurement.
  if (what === 'cycles') await cycles(200)
  else await items(200_000)
  await settle()
  const before = {
    heap: process.memoryUsage().heapUsed,
    listeners: listeners(),
    resources: process.getActiveResourcesInfo(),
  }
  const received = await (what === 'cycles' ? cycles : items)(Number(count))
  await settle()
  const result = {
    received,
    grownBytes: process.memoryUsage().heapUsed - before.heap,
    listeners: listeners() - before.listeners,
    resources: process.getActiveResourcesInfo().length - before.resources.length,
  }
  process.stdout.write(JSON.stringify(result))
}
