import { FanInQueue, FanOutQueue, RemoteLost } from '../index.js'
import { liveness, type ThreadWatcher } from '../liveness.js'
import { Board } from './board.js'
import { type Call, PromisedCall } from './call.js'
import {
  ANSWER,
  END,
  type Job,
  jobCodec,
  PART,
  READY,
  type Report,
  reportCodec,
  SKIPPED,
  THROWN,
} from './crew-codecs.js'
import { CrewThread } from './crew-thread.js'
import type { Parts } from './parts.js'
import type { TaskPool, TaskTarget } from './task-pool.js'

export interface CrewOptions {
  /** Threads of the pool that work; they are occupied until the crew is closed. */
  readonly threads: number
  /** Items that a thread may have in hand; the rest of them waits in its ring while it works on one. */
  readonly prefetch: number
  /** How many threads an item may take down before its call fails with RemoteLost. 1: it is never tried again. */
  readonly maxDeliveries: number
  /** Of each thread's two rings. */
  readonly capacityBytes?: number | undefined
  /** Whether the results of generators are read in the order of their calls: then only the oldest call's reader is waited for. */
  readonly isOrdered?: boolean | undefined
  /** Told how long, in ms, each call took in its thread. */
  readonly onMeasured?: ((ms: number) => void) | undefined
  /** Told once why no further call can succeed. */
  readonly onFailure?: ((error: unknown) => void) | undefined
  /** Ms from when a thread begins with a call until the call is given up, and the error that it fails with. @default never */
  readonly timeout?: { readonly ms: number; readonly error: () => unknown } | undefined
  /** A call that goes on for so many ms after it was given up has its thread terminated. @default never */
  readonly killAfter?: number | undefined
  /** Sent to each thread along with what it needs. */
  readonly extras?: object | undefined
  readonly target?: TaskTarget | undefined
}

/** Threads that died one after the other before any of them was ready: then it is not an item that kills them. */
const startFailures = 3

/**
 * Threads of a pool that all run one mapping, and calls of it from here: `run(item)` sends the item over a fan-out queue to whichever
 * thread has most room and settles with what comes back over a fan-in queue.
 *
 * Exactly once: every call settles once. A call whose thread died is sent again, so a result may come twice; the first counts, for a call
 * is forgotten when it settles. The call that its thread was working on when it died is blamed for the death, the others are not.
 */
export class Crew<I, R> implements ThreadWatcher {
  readonly #items: FanOutQueue<Job>
  readonly #results: FanInQueue<Report>
  readonly #board: Board
  readonly #calls = new Map<number, Call<R>>()
  readonly #threads: CrewThread[]
  readonly #membership: WeakRef<ThreadWatcher>
  readonly #reading: Promise<void>
  #watching: NodeJS.Timeout | undefined
  #lastId = 0
  #failuresInARow = 0
  #failure: { readonly error: unknown } | undefined
  #isClosing = false

  constructor(
    private readonly pool: TaskPool,
    private readonly options: CrewOptions,
  ) {
    const { threads, prefetch, capacityBytes } = options
    // First, so that a death is blamed before its items are handed to another thread.
    this.#membership = liveness.join(this)
    for (const worker of pool.threads ?? []) liveness.watch(worker)
    this.#items = new FanOutQueue<Job>({ codec: jobCodec, prefetch, capacityBytes, maxDeliveries: 2 ** 20 })
    this.#results = new FanInQueue<Report>({ codec: reportCodec, capacityBytes, onRemoteLost: 'continue' })
    this.#board = Board.forThreads(threads)
    this.#threads = Array.from({ length: threads }, (_, index) => new CrewThread(index))
    for (const thread of this.#threads) this.#launch(thread)
    this.#reading = this.#read()
    if (options.timeout !== undefined) this.#watch(options.timeout)
  }

  /**
   * Has `item` worked on by a thread. Resolves with the answer, or, where the function is a generator, with its results as they come.
   *
   * @param options - signal: gives the call up; whole: results of a generator only when all are there
   */
  async run(
    item: I,
    options: { signal?: AbortSignal | undefined; whole?: boolean | undefined } = {},
  ): Promise<R | Parts<R>> {
    const { signal, whole = false } = options
    signal?.throwIfAborted()
    const call = new PromisedCall<R>(whole)
    const id = this.send(item, call)
    const giveUp = () => this.#giveUp(id, signal?.reason)
    signal?.addEventListener('abort', giveUp, { once: true })
    try {
      return await call.answer
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
  }

  /** Sends `item` to a thread; `call` hears what becomes of it. @returns the id of the call */
  send(item: I, call: Call<R>): number {
    const id = this.#nextId()
    this.#calls.set(id, call)
    if (this.#failure === undefined)
      this.#items.put({ id, item }).catch((error: unknown) => this.#settle(id)?.fail(error))
    else queueMicrotask(() => this.#settle(id)?.fail(this.#failure?.error))
    return id
  }

  /** Lets the threads finish what they have been given, and go. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#items.shutdown()
    await this.#settled()
  }

  /** Gives up every call and has the threads stop at their next checkpoint; resolves when they are free. */
  async stop(reason: unknown): Promise<void> {
    this.#isClosing = true
    this.#failAll(reason)
    this.#items.shutdown({ immediate: true })
    this.#results.shutdown({ immediate: true })
    await this.#settled()
  }

  async #settled(): Promise<void> {
    clearInterval(this.#watching)
    await Promise.all(this.#threads.map((thread) => thread.task))
    this.#results.shutdown()
    await this.#reading
    liveness.leave(this.#membership)
    await this.#items[Symbol.asyncDispose]()
    await this.#results[Symbol.asyncDispose]()
  }

  #nextId(): number {
    do {
      this.#lastId = this.#lastId === 2 ** 31 - 1 ? 1 : this.#lastId + 1
    } while (this.#calls.has(this.#lastId))
    return this.#lastId
  }

  #launch(thread: CrewThread): void {
    const { extras, target, onMeasured } = this.options
    const items = this.#items.consumer()
    const results = this.#results.producer()
    thread.start(this.pool, { ...target }, results, {
      ...extras,
      millrace: 'mapping',
      thread: thread.index,
      items,
      results,
      board: this.#board.memory,
      isTimed: onMeasured !== undefined,
    })
    thread.task = thread.task.then(
      () => {
        thread.explain()
        this.#onEnded()
      },
      (error: unknown) => {
        thread.error = error
        thread.explain()
        this.#onStopped(thread, error)
      },
    )
  }

  #onEnded(): void {
    if (this.#isClosing) return
    this.#fail(
      new TypeError(
        'mapThreads(): the worker’s function is not one that mapping() made; it ended without being told to',
      ),
    )
  }

  /** A thread's task ended in an error: its thread is dying or dead, or it never came to run our function. */
  #onStopped(thread: CrewThread, error: unknown): void {
    if (this.#isClosing) return
    if (isPoolEnd(error)) {
      this.#fail(error)
    } else if (thread.isOpen) {
      thread.isDying = true
      this.#replaceIfDead(thread)
    } else if (thread.threadId !== undefined || ++this.#failuresInARow >= startFailures) {
      this.#fail(error)
    } else {
      this.#launch(thread)
    }
  }

  onThreadEnd(threadId: number, exitCode: number | undefined): void {
    const thread = this.#threads.find((each) => each.threadId === threadId)
    if (thread === undefined) return
    this.#blame(this.#board.current(thread.index), thread, threadId, exitCode)
    this.#board.begin(thread.index, 0)
    thread.hasDied = true
    this.#replaceIfDead(thread)
  }

  /** The pool tells of the task, the platform of the thread, in either order. Both are needed: the next task gets the same place. */
  #replaceIfDead(thread: CrewThread): void {
    if (!thread.hasDied || !thread.isDying || this.#isClosing) return
    this.#launch(thread)
  }

  #blame(id: number, thread: CrewThread, threadId: number, exitCode: number | undefined): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    call.deaths++
    if (call.deaths < this.options.maxDeliveries) return
    // Before its item is handed to the next thread, which looks here first.
    this.#board.cancel(id)
    const loss = { name: undefined, threadId, exitCode, deliveredItems: call.delivered, lostItems: 1 }
    this.#settle(id)
    const fail = () => {
      const lost = new RemoteLost(loss)
      if (thread.error !== undefined) lost.cause = thread.error
      call.fail(lost)
    }
    // Of a heap that is full the pool tells in the turn of the thread's end, and after it. It tells in any case, if only that it is over.
    if (thread.isDying) fail()
    else thread.whenExplained = fail
  }

  /** Only the thread knows when it begins with a call, and it cannot tell while it computes: so home looks what it is at. */
  #watch({ ms, error }: { readonly ms: number; readonly error: () => unknown }): void {
    const look = () => {
      const now = performance.now()
      for (const thread of this.#threads) {
        if (thread.busyMs(this.#board.current(thread.index), now) >= ms) this.#giveUp(thread.callId, error())
      }
    }
    this.#watching = setInterval(look, Math.min(100, Math.max(5, ms / 10)))
  }

  #giveUp(id: number, reason: unknown): void {
    const call = this.#settle(id)
    if (call === undefined) return
    this.#board.cancel(id)
    call.fail(reason)
    const { killAfter } = this.options
    if (killAfter === undefined) return
    setTimeout(() => {
      for (const thread of this.#threads) if (this.#board.current(thread.index) === id) thread.kill()
    }, killAfter).unref()
  }

  async #read(): Promise<void> {
    try {
      for await (const reports of this.#results.batches()) {
        for (const report of reports) {
          const behind = this.#take(report)
          if (behind !== undefined && this.#mayWaitFor(report.id)) await behind
        }
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The reader of another call may itself wait for the oldest one, whose results come behind these. */
  #mayWaitFor(id: number): boolean {
    if (this.options.isOrdered !== true) return true
    const [oldest] = this.#calls.keys()
    return oldest === id
  }

  /** A promise while the reader of a generator's results is behind. */
  #take({ id, kind, measure, value }: Report): Promise<void> | undefined {
    if (kind === READY) {
      this.#failuresInARow = 0
      this.#threads[id].isReady = true
      return undefined
    }
    if (kind === PART) return this.#calls.get(id)?.part(value as R, measure)
    if (measure > 0) this.options.onMeasured?.(measure)
    if (kind === SKIPPED) return undefined
    const call = this.#settle(id)
    if (kind === ANSWER) call?.succeed(value as R)
    else if (kind === END) call?.end()
    else if (kind === THROWN) call?.fail(value)
    return undefined
  }

  #settle(id: number): Call<R> | undefined {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    return call
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = { error }
    this.options.onFailure?.(error)
    this.#failAll(error)
  }

  #failAll(error: unknown): void {
    const calls = [...this.#calls]
    this.#calls.clear()
    for (const [id, call] of calls) {
      this.#board.cancel(id)
      call.fail(error)
    }
  }
}

/** Piscina says so when the pool itself ends a thread, by destroy() or close({ force }): then nobody wants it replaced. */
function isPoolEnd(error: unknown): boolean {
  return error instanceof Error && error.message === 'Terminating worker thread'
}
