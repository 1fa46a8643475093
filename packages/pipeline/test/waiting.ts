import { setImmediate } from 'node:timers/promises'

/** Resolves when `holds` does, a turn of the event loop at a time; the test's own time limit ends it otherwise. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setImmediate()
}

/** A promise with its ends outside, so that a test decides when work is over. */
export function gate<T = void>(): { promise: Promise<T>; open: (value: T) => void; fail: (error: unknown) => void } {
  let open!: (value: T) => void
  let fail!: (error: unknown) => void
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  return { promise, open, fail }
}

/** Counts how many of something are going on at once. */
export function crowd(): { enter: () => void; leave: () => void; readonly now: number; readonly peak: number } {
  let now = 0
  let peak = 0
  return {
    enter: () => {
      peak = Math.max(peak, ++now)
    },
    leave: () => {
      now--
    },
    get now() {
      return now
    },
    get peak() {
      return peak
    },
  }
}
