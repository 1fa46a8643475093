// What the built packages promise, without a test runner: runs as it is on Node, Bun and Deno. Exit code 0 when all of it holds.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import process from 'node:process'
import { Worker } from 'node:worker_threads'
import { FanInQueue, FanOutQueue, float64, json } from '../../packages/bridge/dist/index.js'
import { openProducer } from '../../packages/bridge/dist/worker.js'
import { PriorityQueue, Queue, QueueShutDown, select } from '../../packages/queue/dist/index.js'

const checks = []
const check = (name, body) => checks.push([name, body])
const numbers = (count) => Array.from({ length: count }, (_, i) => i)

function thread(program, data) {
  return new Worker(new URL('./thread.mjs', import.meta.url), { workerData: { program, ...data } })
}

async function collect(source) {
  const items = []
  for await (const item of source) items.push(item)
  return items
}

check('a queue hands items over in order, to waiting getters first', async () => {
  const queue = new Queue(2)
  const first = queue.get()
  await queue.put(1)
  await queue.put(2)
  assert.equal(await first, 1)
  assert.equal(await queue.get(), 2)
})

check('join waits for taskDone, shutdown ends iteration', async () => {
  const queue = new PriorityQueue()
  for (const item of [3, 1, 2]) queue.putNowait(item)
  queue.shutdown()
  assert.deepEqual(await collect(queue), [1, 2, 3])
  queue.taskDone(3)
  await queue.join()
})

check('an aborted get takes nothing; select takes from one queue only', async () => {
  const [left, right] = [new Queue(), new Queue()]
  const aborter = new AbortController()
  const aborted = left.get({ signal: aborter.signal })
  aborter.abort(new Error('no more'))
  await assert.rejects(aborted, /no more/)
  right.putNowait('item')
  assert.equal((await select([left, right])).item, 'item')
  assert.equal(left.getting, 0)
})

for (const codec of [undefined, float64(), json()]) {
  check(`a thread puts ten thousand numbers through ${codec?.name ?? 'auto'} in order`, async () => {
    const queue = new FanInQueue({ capacityBytes: 4096, ...(codec ? { codec } : {}) })
    thread('count', { out: queue.producer(), count: 10_000 })
    queue.closeWhenIdle()
    assert.deepEqual(await collect(queue), numbers(10_000))
  })
}

check('two threads put, each in its order, none lost', async () => {
  const queue = new FanInQueue({ capacityBytes: 1024 })
  for (const tag of [0, 1]) thread('count', { out: queue.producer(), count: 2000, tag })
  queue.closeWhenIdle()
  const items = await collect(queue)
  for (const tag of [0, 1]) {
    assert.deepEqual(
      items.filter(([of]) => of === tag).map(([, item]) => item),
      numbers(2000),
    )
  }
})

check('items larger than the ring come whole', async () => {
  const queue = new FanInQueue({ capacityBytes: 256 })
  thread('large', { out: queue.producer() })
  queue.closeWhenIdle()
  const [item] = await collect(queue)
  assert.equal(item.length, 10_000)
  assert.ok(item.every((byte, i) => byte === i % 251))
})

check('an await that finds nothing is woken by a thread', async () => {
  const queue = new FanInQueue()
  thread('late', { out: queue.producer() })
  assert.equal(await queue.get(), 'late')
})

check('shutdown releases a thread that is parked in a put', async () => {
  const queue = new FanInQueue({ capacityBytes: 64 })
  const worker = thread('fill', { out: queue.producer() })
  await once(worker, 'message')
  queue.shutdown({ immediate: true })
  const [code] = await once(worker, 'message')
  assert.equal(code, 'QUEUE_SHUT_DOWN')
})

check('a terminated thread: what it put is delivered, then REMOTE_LOST', async () => {
  const queue = new FanInQueue()
  const worker = thread('hang', { out: queue.producer() })
  worker.on('error', () => {})
  await once(worker, 'message')
  await worker.terminate()
  assert.deepEqual([await queue.get(), await queue.get()], [0, 1])
  await assert.rejects(queue.get(), { code: 'REMOTE_LOST' })
})

check('a thread joins until the loop has counted its items off', async () => {
  const queue = new FanInQueue()
  const worker = thread('join', { out: queue.producer() })
  const joined = once(worker, 'message')
  await queue.get()
  queue.taskDone()
  assert.deepEqual(await joined, ['joined'])
})

check('each item goes to exactly one of two threads', async () => {
  const queue = new FanOutQueue({ capacityBytes: 4096 })
  const results = new FanInQueue()
  for (let i = 0; i < 2; i++) thread('consume', { work: queue.consumer(), out: results.producer() })
  results.closeWhenIdle()
  for (const item of numbers(200)) await queue.put(item)
  queue.shutdown()
  const seen = await collect(results)
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    numbers(200),
  )
})

check('a forged handle is refused', () => {
  assert.throws(() => openProducer({ millrace: 'producer' }), { code: 'BAD_HANDLE' })
  assert.throws(() => {
    const queue = new Queue()
    queue.shutdown()
    queue.putNowait(1)
  }, QueueShutDown)
})

let failed = 0
for (const [name, body] of checks) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('took longer than 30 s')), 30_000)
  })
  try {
    await Promise.race([Promise.resolve().then(body), late])
    console.log(`ok      ${name}`)
  } catch (error) {
    failed++
    console.log(`FAILED  ${name}\n${error?.stack ?? error}`)
  }
  clearTimeout(timer)
}
console.log(`${checks.length - failed} of ${checks.length} hold`)
// On success nothing may be left that holds the process: it has to end by itself.
if (failed > 0) process.exit(1)
