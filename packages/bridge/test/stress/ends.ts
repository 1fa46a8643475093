import { Worker } from 'node:worker_threads'
import type { Random } from './random.js'

/** How a thread ends: 'terminate' and 'spin' from outside, 'close' as it should, the others by itself in the middle of something. */
const ENDS = ['terminate', 'terminate', 'terminate', 'exit', 'return', 'throw', 'spin', 'heap', 'close'] as const
export type End = (typeof ENDS)[number]

/** Heap exhaustion takes half a second of a core: now and then is enough. */
const HEAP_EVERY = 6

export function pickEnd(random: Random): End {
  const end = random.pick(ENDS)
  return end === 'heap' && random.below(HEAP_EVERY) > 0 ? 'terminate' : end
}

export function startDoomed(file: string, workerData: object): Worker {
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 },
    stderr: true,
  })
  worker.on('error', () => {})
  return worker
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

/**
 * At a moment that may lie anywhere in the life of the thread. One that is killed before it opened its handle has left no
 * trace in it: that handle stays to be opened, by whoever may have it too.
 */
export async function terminateSoon(worker: Worker, isOpened: () => boolean, random: Random): Promise<void> {
  const turns = random.below(60)
  const ms = random.below(2) * random.below(20)
  let isOver = false
  worker.once('exit', () => {
    isOver = true
  })
  while (!isOpened() && !isOver) await nextTurn()
  for (let turn = 0; turn < turns; turn++) await nextTurn()
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
  await worker.terminate()
}
