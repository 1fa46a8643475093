import type { ResourceLimits } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { onTestFinished } from 'vitest'

/** A pool with Piscina's default options but for its file, its size and what its threads share. */
export function createPool(file: string, threads = 1, workerData?: unknown, resourceLimits?: ResourceLimits): Piscina {
  const filename = new URL(`../fixtures/${file}`, import.meta.url).href
  const pool = new Piscina({
    filename,
    maxThreads: threads,
    ...(workerData !== undefined && { workerData }),
    ...(resourceLimits !== undefined && { resourceLimits }),
  })
  onTestFinished(() => pool.destroy())
  return pool
}

/** Int32 words that a test shares with its tasks. */
export function sharedWords(length = 4): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT))
}

/** Resolves when `holds` does; the test's own time limit ends it otherwise. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1))
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = []
  for await (const item of items) result.push(item)
  return result
}
