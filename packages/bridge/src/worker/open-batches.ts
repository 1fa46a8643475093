import { shared } from '../runtime.js'

/** What puts items into a lane, and may not have shown all of them yet. */
export interface Batching {
  publishBatch(): void
}

/**
 * The writers of this thread's ends that are inside `putMany()`. The iterable that it reads may stop the thread: by taking from a
 * consumer, by a put of its own. Nothing may be held back then, for who is to wake the thread may be waiting for just that.
 */
export const openBatches = shared('open-batches', () => new Set<Batching>())

/** To call before the thread stops. Whoever's lane takes no more hears of that by what it does next. */
export function publishOpenBatches(): void {
  if (openBatches.size > 0) for (const writer of openBatches) writer.publishBatch()
}
