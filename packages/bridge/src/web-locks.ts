import { workerThreads } from './runtime.js'

/** The part of a browser's LockManager that is used here. */
interface Locks {
  request(name: string, callback: () => unknown): Promise<unknown>
}

/**
 * How a page hears of the end of a Web Worker, which tells nobody: the worker holds a lock for as long as it lives, the page waits for
 * the same lock. Undefined where there are none (Node has its 'exit' event instead).
 */
const locks =
  workerThreads === undefined ? (globalThis as { navigator?: { locks?: Locks } }).navigator?.locks : undefined

/** A name for one lane's lock, that of no other queue on the same origin; undefined where locks are not the way. */
export function newLockName(): string | undefined {
  return locks === undefined ? undefined : `millrace:${globalThis.crypto.randomUUID()}`
}

/** Holds the lock `name` until the returned function is called, or this thread ends. `onHeld` is called once it is held. */
export function holdLock(name: string, onHeld: () => void): () => void {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  locks
    ?.request(name, () => {
      onHeld()
      return released
    })
    .catch(() => {})
  return release
}

/** Calls back once nobody holds the lock `name`. Whoever is to hold it must hold it by now. */
export function whenLockFree(name: string, callback: () => void): void {
  locks?.request(name, callback).catch(() => {})
}
