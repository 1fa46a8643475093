import { QueueError, QueueShutDown, QueueTimeout } from '@millrace/queue'
import { readTerms, WaiterList, WaitingRoom, type WaitOptions, type WaitOwner } from '@millrace/queue/waiting'
import { Doorbell, ringAlways } from '../doorbell.js'
import { HandleClosed, RemoteLost, WrongThread } from '../errors.js'
import type { HandleData } from '../handle.js'
import { homeWatch } from '../home-watch.js'
import { Hold } from '../keep-alive.js'
import {
  CLOSED,
  CLOSED_BY_REMOTE,
  DOORBELL,
  HOME_DOORBELL,
  HOME_EXIT_CODE,
  HUB_EPOCH_FLOAT64,
  HUB_HOME_THREAD,
  HUB_MAX_ITEMS,
  LANE_CONTROL_WORDS,
  LOCKED,
  NO_EXIT_CODE,
  OWNER,
  PARKED_FOR,
  PARKED_FOR_JOIN,
  PARKED_MS,
  PARKED_SINCE,
  PARKS,
} from '../layout.js'
import {
  acceptedItems,
  advanceState,
  beginJoin,
  isHomeLost,
  isJoined,
  OPEN,
  SHUT_DOWN,
  SHUTTING_DOWN,
  sleepForJoin,
  stateOf,
  takenItems,
  unfinishedItems,
} from '../lifecycle.js'
import { naturalEnd } from '../natural-end.js'
import { distance } from '../position.js'
import { isWorkerThread, sharedNow, thisThread, workerThreads } from '../runtime.js'
import { holdLock } from '../web-locks.js'
import { publishOpenBatches } from './open-batches.js'
import { JoinWaiter } from './waiters.js'

type Words = Int32Array<SharedArrayBuffer>

/** What a producer and a consumer in a thread have in common: their lane, their doorbell, and the queue as a whole. */
export abstract class RemoteEnd implements WaitOwner {
  /** The queue's name, for errors. */
  readonly name: string | undefined
  protected readonly hub: Words
  protected readonly control: Words
  protected readonly doorbell: Doorbell
  protected readonly room: WaitingRoom
  private readonly joiners: WaiterList<JoinWaiter>
  private readonly hold = new Hold()
  private readonly epoch: number
  private readonly className: string
  private aborter: AbortController | undefined
  private releaseLock: (() => void) | undefined
  protected isClosed = false
  /** Whether `assertMayBlock()` has nothing to say. */
  protected readonly mayBlock: boolean
  /** When somebody began to wait on the loop, as `park()` gave it; 0 while nobody does. */
  private waitingSince = 0

  protected constructor(className: string, data: HandleData) {
    this.className = className
    this.name = data.queueName
    this.hub = new Int32Array(data.hub)
    this.control = new Int32Array(data.lane, 0, LANE_CONTROL_WORDS)
    this.epoch = new Float64Array(data.hub, 0, HUB_EPOCH_FLOAT64 + 1)[HUB_EPOCH_FLOAT64]
    const owner = Atomics.compareExchange(this.control, OWNER, 0, thisThread + 1)
    if (owner !== 0) {
      throw new QueueError(
        `this ${className.toLowerCase()} handle was opened before, on thread ${owner - 1}: ask the queue for one handle a thread`,
        'HANDLE_OPENED',
        this.name,
      )
    }
    this.mayBlock = this.hub[HUB_HOME_THREAD] !== thisThread && (workerThreads !== undefined || isWorkerThread)
    this.doorbell = new Doorbell(this.control, DOORBELL, CLOSED)
    this.room = new WaitingRoom(this)
    this.joiners = new WaiterList(this.room, 'join()')
    naturalEnd.add(this)
    if (data.lock !== undefined) {
      this.releaseLock = holdLock(data.lock, () => {
        Atomics.store(this.control, LOCKED, 1)
        this.ringHomeAlways()
      })
    }
    this.ringHomeAlways()
    homeWatch.announce(data)
  }

  label(): string {
    return this.name === undefined ? this.className : `${this.className} of ${JSON.stringify(this.name)}`
  }

  /** How many calls of this end wait, of whatever kind. */
  protected abstract get waiting(): number
  /** Serves what can be served by now, first come first served. */
  protected abstract serve(): void
  /** Settles every waiting call: the queue is shut down, or this end is closed. */
  protected abstract refuseAll(reasonFor: (operation: string) => QueueError): void

  // ── waiting on this thread's loop ───────────────────────────────────────────────────────────────────────────────────────

  /** To call after a waiter was appended: has the loop woken when its turn may have come. */
  protected beginWait(reason: number): void {
    this.hold.set(true)
    if (this.waitingSince === 0) this.waitingSince = this.park(reason)
    this.doorbell.arm(this.onRing)
    this.doorbell.raise()
    // SYNC: the second look after raise().
    this.settle()
  }

  /** To call by a waiter that has settled. */
  afterWait(): void {
    if (this.waiting + this.joiners.size > 0) return
    this.hold.set(false)
    this.doorbell.lower()
    if (this.waitingSince !== 0) this.unpark(this.waitingSince)
    this.waitingSince = 0
  }

  private readonly onRing = (): void => {
    if (this.isClosed) return
    this.doorbell.arm(this.onRing)
    if (this.waiting + this.joiners.size > 0) this.doorbell.raise()
    this.settle()
  }

  /** Looks at everything that somebody here may wait for. */
  private settle(): void {
    if (this.aborter !== undefined && !this.aborter.signal.aborted && stateOf(this.hub) !== OPEN) {
      this.aborter.abort(this.shutDownError('signal'))
    }
    this.serve()
    for (
      let first = this.joiners.first;
      first !== undefined && isJoined(this.hub, first.join);
      first = this.joiners.first
    ) {
      first.fulfil()
    }
    if (isHomeLost(this.hub)) this.joiners.failAll((operation) => this.shutDownError(operation))
    if (this.joiners.size > 0 && this.isCutOff) this.joiners.failAll((operation) => this.closedError(operation))
  }

  // ── stopping this thread ────────────────────────────────────────────────────────────────────────────────────────────────

  /** @throws {WrongThread} where stopping would stop the very loop that is to serve this end. */
  protected assertMayBlock(operation: string): void {
    if (this.hub[HUB_HOME_THREAD] === thisThread) {
      throw new WrongThread(
        `${operation} on ${this.label()}: this thread has the queue's home end and would wait for itself; await the other form instead`,
        this.name,
      )
    }
    if (workerThreads === undefined && !isWorkerThread) {
      throw new WrongThread(`${operation} on ${this.label()}: a page must not block; call it in a Worker`, this.name)
    }
  }

  /** To call before this thread stops, or somebody waits on its loop. Notes it for `stats()`; `unpark()` takes that back. */
  protected park(reason: number): number {
    publishOpenBatches()
    const now = sharedNow()
    Atomics.store(this.control, PARKED_FOR, reason)
    Atomics.store(this.control, PARKED_SINCE, Math.max(1, (now - this.epoch) | 0))
    Atomics.add(this.control, PARKS, 1)
    return now
  }

  protected unpark(since: number): void {
    Atomics.store(this.control, PARKED_SINCE, 0)
    Atomics.add(this.control, PARKED_MS, Math.round(sharedNow() - since))
  }

  /** Reads the timeout of a blocking call. @returns milliseconds, Infinity without one. @throws {TypeError | RangeError} */
  protected timeoutOf(options: { timeout?: number | undefined } | undefined): number {
    if (options === undefined) return Number.POSITIVE_INFINITY
    const terms = readTerms({ timeout: options.timeout })
    if (terms.refusal !== undefined) throw terms.refusal.reason
    return terms.timeout
  }

  protected timedOut(operation: string, timeout: number): QueueTimeout {
    const what = timeout === 0 ? 'would have had to wait (timeout 0)' : `was not served within ${timeout} ms`
    return new QueueTimeout(`${operation} on ${this.label()} ${what}`, this.name)
  }

  /** Whether this end is over: closed here, or by the home end, which was told that this thread has ended. */
  protected get isCutOff(): boolean {
    return Atomics.load(this.control, CLOSED) !== 0
  }

  // ── the whole queue ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Items put and not yet taken, over all lanes: a snapshot, between 0 and `maxItems`. */
  qsize(): number {
    const taken = takenItems(this.hub)
    const size = Math.max(0, distance(acceptedItems(this.hub), taken))
    const limit = this.hub[HUB_MAX_ITEMS]
    return limit > 0 ? Math.min(size, limit) : size
  }

  /** Items put and not yet counted off with `taskDone()`, over all lanes. */
  get unfinishedTasks(): number {
    return unfinishedItems(this.hub)
  }

  get isShutdown(): boolean {
    return stateOf(this.hub) !== OPEN
  }

  /**
   * Shuts the whole queue down, from this side: every end hears of it.
   * @param options - immediate: items that nobody has taken are dropped; otherwise they are delivered
   */
  shutdown(options?: { immediate?: boolean | undefined }): void {
    if (this.isCutOff && !this.isClosed) return
    advanceState(this.hub, options?.immediate === true ? SHUT_DOWN : SHUTTING_DOWN)
    this.ringHomeAlways()
    this.settle()
  }

  /** Aborted, with a `QueueShutDown`, when the queue is shut down, whoever does it. Needs this thread's loop: see `checkpoint()`. */
  get signal(): AbortSignal {
    if (this.aborter === undefined) {
      this.aborter = new AbortController()
      if (!this.isClosed) this.doorbell.arm(this.onRing)
      // SYNC: after arming; whoever shuts the queue down stores the state before it rings.
      if (stateOf(this.hub) !== OPEN) this.aborter.abort(this.shutDownError('signal'))
    }
    return this.aborter.signal
  }

  /** Throws once the queue is shut down; one shared load, for tight loops. @throws {QueueShutDown} */
  checkpoint(): void {
    if (stateOf(this.hub) !== OPEN) throw this.shutDownError('checkpoint()')
  }

  /** Resolves when every item that was put, on whatever lane, has been counted off. Waits on this thread's loop. */
  join(options?: WaitOptions): Promise<void> {
    const terms = readTerms(options)
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    if (this.isClosed) return Promise.reject(this.closedError('join()'))
    const join = beginJoin(this.hub)
    if (isJoined(this.hub, join)) return Promise.resolve()
    if (terms.timeout === 0) return Promise.reject(this.joiners.timedOut(0))
    const promise = this.joiners.append(new JoinWaiter(this, join), terms)
    this.beginWait(PARKED_FOR_JOIN)
    return promise
  }

  /** As `join()`, stopping this THREAD meanwhile. @throws {QueueTimeout} @throws {WrongThread} */
  joinBlocking(options?: { timeout?: number | undefined }): void {
    const timeout = this.timeoutOf(options)
    if (this.isClosed) throw this.closedError('joinBlocking()')
    const join = beginJoin(this.hub)
    if (isJoined(this.hub, join)) return
    this.assertMayBlock('joinBlocking()')
    const deadline = performance.now() + timeout
    const since = this.park(PARKED_FOR_JOIN)
    try {
      while (!isJoined(this.hub, join)) {
        const left = deadline - performance.now()
        if (left <= 0) throw this.timedOut('joinBlocking()', timeout)
        if (this.isCutOff) throw this.closedError('joinBlocking()')
        if (isHomeLost(this.hub)) throw this.shutDownError('joinBlocking()')
        sleepForJoin(this.hub, join, this.doorbell, left)
      }
    } finally {
      this.unpark(since)
      this.afterBlocking()
    }
  }

  /** A blocking wait lowers the doorbell that calls waiting on the loop need raised: to call after each. */
  protected afterBlocking(): void {
    if (this.waiting + this.joiners.size === 0) return
    this.doorbell.raise()
    this.settle()
  }

  /** Ends this end, gracefully: what it put is delivered. Waiting calls of its are refused. Closing twice is fine. */
  close(): void {
    if (this.isClosed) return
    this.beforeClose()
    this.isClosed = true
    naturalEnd.delete(this)
    this.refuseAll((operation) => this.closedError(operation))
    this.joiners.failAll((operation) => this.closedError(operation))
    this.hold.set(false)
    Atomics.compareExchange(this.control, CLOSED, 0, CLOSED_BY_REMOTE)
    this.ringHomeAlways()
    this.releaseLock?.()
    // Releases the wait that may be armed on our own doorbell.
    ringAlways(this.control, DOORBELL)
  }

  /** Whatever has to reach the other side before it hears of the end. */
  protected beforeClose(): void {}

  [Symbol.dispose](): void {
    this.close()
  }

  /** Home looks at everything when it is rung, so this needs no argument. */
  protected ringHomeAlways(): void {
    ringAlways(this.hub, HOME_DOORBELL)
  }

  protected shutDownError(operation: string): QueueShutDown {
    const loss = this.homeLoss()
    if (loss === undefined)
      return new QueueShutDown(`${operation} on ${this.label()}: the queue is shut down`, this.name)
    const error = new QueueShutDown(
      `${operation} on ${this.label()}: the queue is shut down: ${loss.message}`,
      this.name,
    )
    return Object.defineProperty(error, 'cause', { value: loss, configurable: true, writable: true })
  }

  /** What is lost with the thread of the home end; undefined as long as that lives. */
  protected homeLoss(): RemoteLost | undefined {
    const { hub } = this
    if (!isHomeLost(hub)) return undefined
    const exitCode = Atomics.load(hub, HOME_EXIT_CODE)
    const taken = takenItems(hub)
    return new RemoteLost(
      {
        name: undefined,
        isHome: true,
        threadId: hub[HUB_HOME_THREAD],
        exitCode: exitCode === NO_EXIT_CODE ? undefined : exitCode,
        deliveredItems: taken,
        lostItems: Math.max(0, distance(acceptedItems(hub), taken)),
      },
      this.name,
    )
  }

  protected closedError(operation: string): HandleClosed {
    return new HandleClosed(`${operation} on ${this.label()}: this end was closed`, this.name)
  }
}
