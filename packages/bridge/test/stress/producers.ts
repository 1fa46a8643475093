import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { bytes, FanInQueue } from '../../dist/index.js'
import { type End, pickEnd, startDoomed, terminateSoon } from './ends.js'
import type { Random } from './random.js'
import { readRecord } from './record.mjs'
import { count, type Tally, WEDGED_MS } from './tally.js'

interface Producer {
  readonly worker: Worker
  readonly end: End
  received: number
}

/** One fan-in, up to three producers, and the end of each at a moment of its own. */
export async function killProducers(random: Random, tally: Tally): Promise<void> {
  const round = `round ${random.seed}`
  const isLossThrown = random.below(2) === 0
  const queue = new FanInQueue<Uint8Array>({
    capacityBytes: random.pick([256, 1024, 16_384]),
    codec: bytes(),
    order: random.pick(['producer', 'producer', 'arrival']),
    ...(random.below(3) === 0 ? { maxItems: 1 + random.below(20) } : {}),
    onRemoteLost: isLossThrown ? 'throw' : 'continue',
  })
  const progress = new SharedArrayBuffer(32)
  const opened = new Int32Array(progress, 16)
  const producers = Array.from({ length: 1 + random.below(3) }, (_, producer) =>
    start(queue, producer, progress, random),
  )
  queue.closeWhenIdle()
  const ended = Promise.all(producers.map(({ worker }) => once(worker, 'exit').catch(() => undefined)))
  let endedAt = 0
  void ended.then(() => {
    endedAt = performance.now()
  })
  const wedge = setTimeout(() => {
    tally.wedged++
    tally.problems.push(`${round}: wedged (${producers.map(({ end }) => end).join()})`)
    queue.shutdown({ immediate: true })
    for (const { worker } of producers) void worker.terminate()
  }, WEDGED_MS)
  const told = consume(queue, producers, tally, random)
  for (const [producer, { worker, end }] of producers.entries()) {
    if (end === 'terminate' || end === 'spin')
      void terminateSoon(worker, () => Atomics.load(opened, producer) === 1, random)
  }
  await told
  await ended
  clearTimeout(wedge)
  tally.slowest = Math.max(tally.slowest, performance.now() - endedAt)

  const put = new Int32Array(progress)
  for (const [producer, { received, end }] of producers.entries()) {
    tally.threads++
    tally.records += received
    count(tally.ends, end)
    if (received >= put[producer]) continue
    tally.lost += put[producer] - received
    tally.problems.push(`${round}: ${end} put ${put[producer]}, received ${received}`)
  }
  tally.rounds++
  await queue[Symbol.asyncDispose]()
}

function start(queue: FanInQueue<Uint8Array>, producer: number, progress: SharedArrayBuffer, random: Random): Producer {
  const end = pickEnd(random)
  const worker = startDoomed('./producer.worker.mjs', {
    out: queue.producer(),
    producer,
    sizes: Array.from({ length: 7 }, () => random.pick([0, 1, 5, 24, 60, 100, 300, 3000])),
    progress,
    last: random.below(200),
    end,
    how: random.pick(['blocking', 'blocking', 'many', 'await']),
  })
  return { worker, end, received: 0 }
}

async function consume(
  queue: FanInQueue<Uint8Array>,
  producers: readonly Producer[],
  tally: Tally,
  random: Random,
): Promise<void> {
  const wrong = (what: string) => {
    tally.corrupt++
    tally.problems.push(`round ${random.seed}: ${what}`)
  }
  for (;;) {
    try {
      const item = await queue.get()
      const record = readRecord(item)
      if (record === undefined) {
        wrong(`a damaged record of ${item.length} bytes`)
        continue
      }
      const producer = producers[record.producer]
      if (record.sequence !== producer.received) wrong(`record ${record.sequence} where ${producer.received} was due`)
      producer.received = record.sequence + 1
      queue.taskDone()
      // At times nobody takes, so that producers are killed while they wait for room.
      if (random.below(100) === 0) await new Promise((resolve) => setTimeout(resolve, random.below(6)))
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'QUEUE_SHUT_DOWN') return
      if (code !== 'REMOTE_LOST') throw error
    }
  }
}
