// One word of shared memory a thread, so that a picture that takes for ever can be told from a thread that waits for work.
//
// SYNC: written by the thread alone, before and after each picture; read by the event loop, which only compares it with the
// time. It publishes nothing else.

/** What travels to the thread. */
export interface BusyClock {
  /** Milliseconds from `epoch` to when the thread began the picture it is at; 0 between pictures. */
  readonly word: Int32Array
  /** On the clock of `Date.now()`, which all threads share. */
  readonly epoch: number
}

export function createBusyClock(): BusyClock {
  // A millisecond early, so that no picture can begin at 0.
  return { word: new Int32Array(new SharedArrayBuffer(4)), epoch: Date.now() - 1 }
}

export function markBusy({ word, epoch }: BusyClock): void {
  Atomics.store(word, 0, Date.now() - epoch)
}

export function markIdle({ word }: BusyClock): void {
  Atomics.store(word, 0, 0)
}

/** @returns milliseconds, 0 between pictures */
export function busyFor({ word, epoch }: BusyClock): number {
  const since = Atomics.load(word, 0)
  return since === 0 ? 0 : Date.now() - epoch - since
}
