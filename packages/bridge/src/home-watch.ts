import type { BroadcastChannel as Channel } from 'node:worker_threads'
import { ringAlways } from './doorbell.js'
import {
  CLOSED,
  DOORBELL,
  HOME_EXIT_CODE,
  HOME_LOST,
  HUB_HOME_THREAD,
  LANE_CONTROL_WORDS,
  NO_EXIT_CODE,
} from './layout.js'
import { advanceState, SHUT_DOWN, stateOf } from './lifecycle.js'
import { liveness, type ThreadWatcher } from './liveness.js'
import { hostProcess, shared, thisThread, workerThreads } from './runtime.js'

/** An end that was opened, as it is made known to the threads that may hear of its home's end. */
interface OpenedEnd {
  readonly hub: SharedArrayBuffer
  readonly lane: SharedArrayBuffer
}

const CHANNEL = '@millrace/bridge/1/opened'

/**
 * Has the ends of a queue wake when the thread that it has its home in is gone.
 *
 * A queue may live in a worker, and its ends in that worker's siblings, which hear nothing of each other: a put would stop its thread for
 * ever. So whoever opens an end of a queue at home in a worker makes it known to all threads, and the one that started that worker hears of
 * its end and rings them.
 *
 * Invariants:
 * - The home's loss is stored before the state, and the state before the ring: who wakes, or is about to sleep, finds the queue shut down,
 *   and why.
 * - An end that is made known after the home's end was heard of is rung at once, so it does not matter which of the two comes first.
 */
class HomeWatch implements ThreadWatcher {
  /** The ends whose home is in that thread. */
  private readonly ends = new Map<number, OpenedEnd[]>()
  private channel: Channel | undefined
  private isListening = false

  constructor() {
    hostProcess?.on('worker', () => this.listen())
  }

  /**
   * Hears of ends in other threads from now on; holds no process. For threads that start workers: those that load the package's main
   * entry listen from then on, others as soon as their loop goes round after they started one.
   */
  listen(): void {
    if (workerThreads === undefined || this.isListening) return
    this.isListening = true
    liveness.join(this)
    const channel = this.open(workerThreads)
    channel.onmessage = (event: unknown) => this.note((event as { data: OpenedEnd }).data)
    // Setting a listener may hold the process again.
    channel.unref()
  }

  /** To call by whoever opens an end. */
  announce(end: OpenedEnd): void {
    const home = homeOf(end)
    // The main thread ends with its process, and this one with itself.
    if (workerThreads === undefined || home === 0 || home === thisThread) return
    this.open(workerThreads).postMessage({ hub: end.hub, lane: end.lane })
    // To all others that was.
    this.note(end)
  }

  onThreadEnd(threadId: number, exitCode: number | undefined): void {
    const ends = this.ends.get(threadId)
    this.ends.delete(threadId)
    for (const end of ends ?? []) loseHome(end, exitCode)
  }

  private open({ BroadcastChannel }: { BroadcastChannel: new (name: string) => Channel }): Channel {
    if (this.channel === undefined) {
      this.channel = new BroadcastChannel(CHANNEL)
      this.channel.unref()
    }
    return this.channel
  }

  private note(end: OpenedEnd): void {
    const home = homeOf(end)
    const isRunning = liveness.isRunning(home)
    if (isRunning === undefined) return
    if (!isRunning) {
      loseHome(end, undefined)
      return
    }
    const open = (this.ends.get(home) ?? []).filter(({ lane }) => !isClosed(lane))
    open.push(end)
    this.ends.set(home, open)
  }
}

function homeOf({ hub }: OpenedEnd): number {
  return new Int32Array(hub)[HUB_HOME_THREAD]
}

function isClosed(lane: SharedArrayBuffer): boolean {
  return Atomics.load(new Int32Array(lane, 0, LANE_CONTROL_WORDS), CLOSED) !== 0
}

/** Shuts the queue down in place of its home end, and wakes this end of it. */
function loseHome({ hub, lane }: OpenedEnd, exitCode: number | undefined): void {
  const words = new Int32Array(hub)
  if (stateOf(words) !== SHUT_DOWN) {
    Atomics.store(words, HOME_EXIT_CODE, exitCode ?? NO_EXIT_CODE)
    // SYNC: before the state; whoever sees that, sees this.
    Atomics.store(words, HOME_LOST, 1)
    advanceState(words, SHUT_DOWN)
  }
  ringAlways(new Int32Array(lane, 0, LANE_CONTROL_WORDS), DOORBELL)
}

export const homeWatch = shared('home-watch', () => new HomeWatch())
