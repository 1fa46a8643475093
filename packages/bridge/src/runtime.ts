import type * as WorkerThreads from 'node:worker_threads'

/**
 * What the platform gives this thread. Node's built-ins are asked for, not imported, so that this loads in a browser; timers are
 * captured now, so that faked ones do not stop the bridge.
 *
 * The package may be loaded several times in a thread (ESM, CJS, two entries): what must exist once lives in `shared()`.
 */
type BuiltIns = { getBuiltinModule?: (name: string) => unknown }

const processOf = (globalThis as { process?: NodeJS.Process & BuiltIns }).process

/** node:worker_threads, or undefined in a browser. */
export const workerThreads = processOf?.getBuiltinModule?.('node:worker_threads') as typeof WorkerThreads | undefined

/** The process of Node, Bun or Deno, or undefined in a browser. */
export const hostProcess: NodeJS.Process | undefined = workerThreads === undefined ? undefined : processOf

interface Scheduler {
  setImmediate?: (callback: () => void) => unknown
  setInterval: (callback: () => void, ms: number) => unknown
}
const timers = globalThis as unknown as Scheduler
const { setImmediate: platformSetImmediate, setInterval: platformSetInterval } = timers

/** Calls back once the event loop has been round: after timers and I/O that are due. */
export const nextTurn: (callback: () => void) => void =
  platformSetImmediate === undefined ? createMessageTurns() : (callback) => void platformSetImmediate(callback)

/** Without setImmediate (browsers): a message to oneself comes after whatever is due already. */
function createMessageTurns(): (callback: () => void) => void {
  const { port1, port2 } = new MessageChannel()
  const waiting: (() => void)[] = []
  const port = port1 as unknown as { onmessage: () => void }
  port.onmessage = () => waiting.shift()?.()
  return (callback) => {
    waiting.push(callback)
    port2.postMessage(0)
  }
}

/** Makes a timer that never matters except by holding the process. */
export function createIdleTimer(): { ref?: () => void; unref?: () => void } {
  // The longest that a platform timer takes: 24 days.
  return platformSetInterval(() => {}, 2 ** 31 - 1) as { ref?: () => void; unref?: () => void }
}

/** Deno: a Worker's 'exit' can come before its thread has stopped, and its threads have no 'beforeExit'. */
export const isDeno: boolean = 'Deno' in globalThis

/** What is written where a thread says who it is: Node's thread id, and in a browser a number of its own. */
export const thisThread: number =
  workerThreads?.threadId ?? shared('thread', () => 1 + Math.floor(Math.random() * 2 ** 30))

/** Whether this is a worker, whose event loop others do not depend on as they do on the main thread's. */
export const isWorkerThread: boolean =
  workerThreads === undefined ? 'WorkerGlobalScope' in globalThis : !workerThreads.isMainThread

/** How many threads can run at once, as far as the platform tells. */
export const parallelism: number = (() => {
  const os = processOf?.getBuiltinModule?.('node:os') as { availableParallelism?: () => number } | undefined
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } }
  return os?.availableParallelism?.() ?? navigator?.hardwareConcurrency ?? 1
})()

/** Milliseconds since 1970, monotonic within a thread and comparable between threads. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now()
}

/** The one of its name in this thread, however often the package is loaded. */
export function shared<V>(name: string, create: () => V): V {
  const key = Symbol.for(`@millrace/bridge/1/${name}`)
  const store = globalThis as unknown as Record<symbol, V | undefined>
  const known = store[key]
  if (known !== undefined) return known
  const made = create()
  Object.defineProperty(globalThis, key, { value: made, configurable: true })
  return made
}

/** Refuses to go on where threads cannot share memory, and says what to do about it. */
export function requireSharedMemory(): void {
  if (typeof SharedArrayBuffer === 'function' && typeof Atomics === 'object' && 'waitAsync' in Atomics) return
  const remedy =
    workerThreads === undefined
      ? 'a page has it when served with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
      : 'it is there on Node 20.19 or later, Bun and Deno'
  throw new TypeError(
    `@millrace/bridge needs SharedArrayBuffer and Atomics.waitAsync, which this environment lacks: ${remedy}`,
  )
}
