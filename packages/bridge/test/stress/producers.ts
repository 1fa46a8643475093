import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { bytes, FanInQueue } from '../../dist/index.js'
import type { Random } from './random.js'
import { readRecord } from './record.mjs'

/** How a producer's thread ends. */
export const ENDS = ['terminate', 'terminate', 'terminate', 'exit', 'return', 'throw', 'spin', 'heap', 'close'] as const
export type End = (typeof ENDS)[number]

export interface Tally {
  rounds: number
  threads: number
  records: number
  /** Longest time from a thread's end until everything of it was delivered and said, in milliseconds. */
  slowest: number
  ends: Record<string, number>
  wedged: number
  corrupt: number
  lost: number
  problems: string[]
}

export function newTally(): Tally {
  return { rounds: 0, threads: 0, records: 0, slowest: 0, ends: {}, wedged: 0, corrupt: 0, lost: 0, problems: [] }
}

/** Whoever has to wait longer than this for the news of a death counts as wedged. */
const WEDGED_MS = 20_000
/** Heap exhaustion takes half a second of a core: now and then is enough. */
const HEAP_EVERY = 12

interface Producer {
  readonly worker: Worker
  readonly end: End
  received: number
}

/** One queue, up to three producers, and the end of each at a moment of its own. */
export async function killRound(random: Random, tally: Tally): Promise<void> {
  const isLossThrown = random.below(2) === 0
  const queue = new FanInQueue<Uint8Array>({
    capacityBytes: random.pick([256, 1024, 16_384]),
    codec: bytes(),
    order: random.pick(['producer', 'producer', 'arrival']),
    ...(random.below(3) === 0 ? { maxItems: 1 + random.below(20) } : {}),
    onRemoteLost: isLossThrown ? 'throw' : 'continue',
  })
  const progress = new SharedArrayBuffer(32)
  const producers = Array.from({ length: 1 + random.below(3) }, (_, producer) =>
    start(queue, producer, progress, random),
  )
  queue.closeWhenIdle()
  const ended = Promise.all(producers.map(({ worker }) => once(worker, 'exit').catch(() => undefined)))
  let endedAt = 0
  void ended.then(() => {
    endedAt = performance.now()
  })
  const told = consume(queue, producers, tally, random)
  for (const [producer, { worker, end }] of producers.entries()) {
    if (end === 'terminate' || end === 'spin')
      void terminateSoon(worker, new Int32Array(progress, 16), producer, random)
  }

  const wedge = setTimeout(() => {
    tally.wedged++
    tally.problems.push(
      `seed ${random.seed}, round ${tally.rounds}: wedged (${producers.map(({ end }) => end).join()})`,
    )
    queue.shutdown({ immediate: true })
    for (const { worker } of producers) void worker.terminate()
  }, WEDGED_MS)
  await told
  await ended
  clearTimeout(wedge)
  tally.slowest = Math.max(tally.slowest, performance.now() - endedAt)

  const put = new Int32Array(progress)
  for (const [producer, { received, end }] of producers.entries()) {
    tally.threads++
    tally.records += received
    tally.ends[end] = (tally.ends[end] ?? 0) + 1
    if (received >= put[producer]) continue
    tally.lost += put[producer] - received
    tally.problems.push(`seed ${random.seed}, round ${tally.rounds}: ${end} put ${put[producer]}, received ${received}`)
  }
  tally.rounds++
  await queue[Symbol.asyncDispose]()
}

function start(queue: FanInQueue<Uint8Array>, producer: number, progress: SharedArrayBuffer, random: Random): Producer {
  let end = random.pick(ENDS)
  if (end === 'heap' && random.below(HEAP_EVERY) > 0) end = 'terminate'
  const sizes = Array.from({ length: 7 }, () => random.pick([0, 1, 5, 24, 60, 100, 300, 3000]))
  const worker = new Worker(new URL('./doomed.worker.mjs', import.meta.url), {
    workerData: {
      out: queue.producer(),
      producer,
      sizes,
      progress,
      last: random.below(200),
      end,
      how: random.pick(['blocking', 'blocking', 'many', 'await']),
    },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 },
    stderr: true,
  })
  worker.on('error', () => {})
  return { worker, end, received: 0 }
}

/**
 * At a moment that may lie anywhere in the life of the producer. A thread that is killed before it opened its handle has left no
 * trace in it: that handle stays to be opened, by whoever may have it too.
 */
async function terminateSoon(worker: Worker, opened: Int32Array, producer: number, random: Random): Promise<void> {
  const turns = random.below(60)
  const ms = random.below(2) * random.below(20)
  while (Atomics.load(opened, producer) === 0) await new Promise((resolve) => setImmediate(resolve))
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
  await worker.terminate()
}

async function consume(
  queue: FanInQueue<Uint8Array>,
  producers: readonly Producer[],
  tally: Tally,
  random: Random,
): Promise<void> {
  const wrong = (what: string) => {
    tally.corrupt++
    tally.problems.push(`seed ${random.seed}, round ${tally.rounds}: ${what}`)
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
