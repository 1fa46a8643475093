import type { ProducerHandle } from '../index.js'
import type { Report } from './crew-codecs.js'
import { isOpen, ownerOf } from './lane-state.js'
import type { CrewTask } from './mapping.js'
import type { TaskPool, TaskTarget } from './task-pool.js'

/** One of a crew's places in the pool: which thread fills it may change, when one dies. */
export class CrewThread {
  /** Settles with the task that occupies the thread. */
  task: Promise<void> = Promise.resolve()
  /** It has come to run our function. */
  isReady = false
  /** Its task has ended in an error without having ended its side of the queues. */
  isDying = false
  /** What the pool says of why it is dying: an uncaught error of the thread, for one. */
  error: unknown
  /** What waits for the pool to say so, where the thread's end was heard of first. */
  whenExplained: (() => void) | undefined
  hasDied = false
  /** The call that it was at when it was last looked at; 0 for none. */
  callId = 0
  #callSince = 0
  #results: ProducerHandle<Report> | undefined
  #terminator = new AbortController()

  constructor(readonly index: number) {}

  start(pool: TaskPool, target: TaskTarget, results: ProducerHandle<Report>, task: CrewTask): void {
    this.isReady = false
    this.isDying = false
    this.error = undefined
    this.hasDied = false
    this.#results = results
    this.#terminator = new AbortController()
    this.task = pool.run(task, { ...target, signal: this.#terminator.signal }).then(() => {})
  }

  /** Its task has ended: what the pool has to say of it has been said. */
  explain(): void {
    this.whenExplained?.()
    this.whenExplained = undefined
  }

  /** undefined until the thread has opened its handle. */
  get threadId(): number | undefined {
    return this.#results === undefined ? undefined : ownerOf(this.#results)
  }

  /** Whether it has opened its side of the queues and not closed it. */
  get isOpen(): boolean {
    return this.#results !== undefined && isOpen(this.#results)
  }

  /** How long it has been at a call, as far as looking at it now and then can tell. */
  busyMs(callId: number, now: number): number {
    if (callId !== this.callId) {
      this.callId = callId
      this.#callSince = now
    }
    return callId === 0 ? 0 : now - this.#callSince
  }

  /** Piscina terminates a thread whose task is aborted: only for one that answers to nothing else. */
  kill(): void {
    this.#terminator.abort()
  }
}
