import type { QueueCore } from './queue-core.js'

/** What a queue did and holds, as plain JSON. Counts are since the queue was made. */
export interface QueueStats {
  readonly name: string | null
  /** Items that are there now. */
  readonly size: number
  /** The limit as it was given; 0 for none. */
  readonly maxsize: number
  /** The most items that were ever there at a time. */
  readonly peak: number
  /** Items accepted and not yet counted off with `taskDone()`. */
  readonly unfinished: number
  /** Pending calls. */
  readonly waiters: { readonly get: number; readonly put: number; readonly join: number; readonly peek: number }
  /** Items accepted, taken, and dropped by a policy, `clear()` or an immediate shutdown. */
  readonly puts: number
  readonly gets: number
  readonly drops: number
  /**
   * How long the oldest item has been there, in milliseconds; null when there is none, and with a storage of one's own,
   * which does not tell. Of items that come in a burst up to 256 share a reading of the clock.
   */
  readonly oldestAgeMs: number | null
  readonly paused: boolean
  readonly isShutdown: boolean
}

export function statsOf<T>(core: QueueCore<T>): QueueStats {
  const oldestAt = core.dated?.oldestAt()
  return {
    name: core.name ?? null,
    size: core.storage.size,
    maxsize: Number.isFinite(core.maxsize) ? core.maxsize : 0,
    peak: core.peak,
    unfinished: core.unfinished,
    waiters: {
      get: core.getters.size,
      put: core.putters.size,
      join: core.joiners.size,
      peek: core.peekers.size,
    },
    puts: core.puts,
    gets: core.gets,
    drops: core.drops.count,
    oldestAgeMs: oldestAt === undefined ? null : Math.max(0, performance.now() - oldestAt),
    paused: core.marks.paused,
    isShutdown: core.isShutdown,
  }
}

/** `<Queue "jobs" maxsize=2 size=1 getters[1] putters[2] tasks=3 shutdown>`: never the items, which may be many or secret. */
export function debugText<T>(core: QueueCore<T>): string {
  const parts = [core.label(), `maxsize=${core.maxsize}`, `size=${core.storage.size}`]
  if (core.getters.size > 0) parts.push(`getters[${core.getters.size}]`)
  if (core.putters.size > 0) parts.push(`putters[${core.putters.size}]`)
  if (core.unfinished > 0) parts.push(`tasks=${core.unfinished}`)
  if (core.isShutdown) parts.push('shutdown')
  return `<${parts.join(' ')}>`
}
