// The shipped ends of a fan-out, whole: the home end with its lanes, backlog and ledger, and the consumers that threads open.
// Consumers take, join, are killed with items in their hands or run on after their end was told, and others get those again; or the queue
// is shut down at once.

import { check, checkpoint, done, onExit, post, record } from '@millrace/interleave/thread'
import { UNLIMITED } from '@millrace/queue/waiting'
import { FanOutCore } from '../../../src/fan-out/fan-out-core.js'
import type { FanOutSettings } from '../../../src/fan-out/options.js'
import { takenItems } from '../../../src/fan-out/receipts.js'
import { JoinWaiter } from '../../../src/fan-out/waiters.js'
import { doneWord } from '../../../src/layout.js'
import { beginJoin, doneItems, SHUT_DOWN, stateOf, unfinishedItems } from '../../../src/lifecycle.js'
import { createHub, createLane } from '../../../src/memory.js'
import { Consumer } from '../../../src/worker/consumer.js'
import { number } from './number.js'

export interface Plan {
  items: number
  /** Consumers, by the names of their threads. */
  consumers: string[]
  /** How many of them get their handle at once; each of the others when one before it has ended, or when everything is put. */
  atOnce: number
  prefetch: number
  maxDeliveries: number
  /** Whether all are put side by side, and consumers that have one take all others that are there with one claim. */
  isRun: boolean
  /** Whether the home end shuts the queue down at once when everything is put. */
  isImmediate: boolean
  /** Whether the last of them is no consumer and only watches the counts, when everything is put. */
  isWatched: boolean
  /** Whether nobody shuts the queue down: the consumers that have no handle yet get it then as soon as nothing waits at home. */
  staysOpen: boolean
  /** Whether the home end joins, when everything is put. */
  homeJoins: boolean
  /** Whether the thread of the first consumer goes on after the home end was told of its end; the second one gets its slot then. */
  runsOn: boolean
  /** First counts and positions. */
  start: number
}

export interface Shared {
  /** What the home end makes, in order; it has to be there before (see standIns.ts). */
  made: SharedArrayBuffer[]
  /** Of each consumer: 1 as soon as the home end has posted its handle. */
  posted: Int32Array<SharedArrayBuffer>
  /** How many consumers have joined. */
  joined: Int32Array<SharedArrayBuffer>
  plan: Plan
  /** A thread's own: its number, and how many of `made` it has made. */
  thread: number
  next: number
}

export function setup(plan: Plan): Shared {
  const spec = { kind: 0, homeThread: 0, order: 0, maxItems: 0, epoch: 0 }
  const hub = createHub(spec)
  const made = [hub.buffer]
  for (let slot = 1; slot <= plan.consumers.length; slot++) made.push(createLane(hub, { capacity: 64, slot }))
  for (const memory of made) new Uint8Array(memory).fill(0)
  const words = (count: number) => new Int32Array(new SharedArrayBuffer(4 * count))
  return { made, posted: words(plan.consumers.length), joined: words(1), plan, thread: 0, next: 0 }
}

// What is private for everybody else.
interface OpenCore {
  onRing(): void
  pump(): void
  listen(): void
}
interface OpenConsumer {
  _private_intake: {
    lane: object
    items: object
    receipts: object
    front: object
    claimed: number
    untold: number
    countsOff: boolean
  }
  doorbell: object
  isClosed: boolean
}

export function home(shared: Shared): void {
  const { plan, posted } = shared
  const settings = {
    codec: number,
    capacityBytes: 64,
    maxItems: 0,
    yieldAfter: 1,
    prefetch: plan.prefetch,
    isRedelivered: true,
    maxDeliveries: plan.maxDeliveries,
    onPoisoned: () => {},
  } as unknown as FanOutSettings<number>
  const core = new FanOutCore<number>(settings, { count: plan.start, position: plan.start })
  const hidden = core as unknown as OpenCore
  const progress = { next: plan.atOnce, isNoted: false, isCutOff: false }
  const look = (where: string, more: unknown) => checkpoint(where, core, progress, more)
  const hand = (consumer: number) => {
    Atomics.store(posted, consumer, 1)
    Atomics.notify(posted, consumer)
  }
  const noteOnce = () => {
    if (plan.staysOpen && core.backlog.size === 0 && progress.next < plan.consumers.length) hand(progress.next++)
    if (!progress.isNoted) progress.isNoted = note(core, plan)
  }
  const cutOff = () => {
    look('cut off', 0)
    record(`first counted off ${Atomics.load(core.hub, doneWord(1))}`)
    const { control } = core.lanes.open[0] ?? { control: undefined }
    core.onThreadEnd(1, 1)
    look('was cut off', 0)
    // None that it takes from here on is its own.
    if (control !== undefined) record(`first took ${takenItems(control)}`)
    core.addLane(undefined)
    hand(1)
    noteOnce()
  }
  // The same as its own, with the state written down.
  hidden.onRing = () => {
    look('ring', 0)
    hidden.listen()
    hidden.pump()
    look('pumped', 0)
    noteOnce()
    // Before it has opened its end nobody can tell whose that is; and it may be closed by now.
    if (plan.runsOn && !progress.isCutOff && core.lanes.open[0]?.isOpened !== false) {
      progress.isCutOff = true
      post(cutOff)
    }
  }
  core.setHolding(false)
  for (let i = 0; i < (plan.runsOn ? 1 : plan.consumers.length); i++) core.addLane(undefined)
  for (let i = 0; i < plan.atOnce; i++) hand(i)
  for (let i = 0; i < plan.consumers.length; i++) {
    onExit(plan.consumers[i], () => {
      look('exit', i)
      // Of a living consumer this would say nothing; of a dead one it is final until the lane is taken leave of.
      if (!plan.runsOn) record(`${plan.consumers[i]} counted off ${Atomics.load(core.hub, doneWord(i + 1))}`)
      core.onThreadEnd(i + 1, 1)
      look('retired', i)
      if (progress.next < plan.consumers.length && !plan.isWatched && !plan.runsOn) hand(progress.next++)
      noteOnce()
    })
  }
  const items = Array.from({ length: plan.items }, (_, item) => item)
  for (let item = 0; item < plan.items; ) {
    look('put', item)
    if (core.refusal('put()') !== undefined) break
    if (plan.isRun) item += core.tryPutRun(items, item, plan.items)
    else check(core.tryPut(item++, 'put()') === undefined, 'room')
  }
  if (plan.isWatched) hand(plan.consumers.length - 1)
  if (plan.homeJoins) {
    look('join', 0)
    // As FanOutQueue.join() does, where something is unfinished.
    core.joiners.append(new JoinWaiter(core, beginJoin(core.hub)), UNLIMITED).then(() => record('joined'))
    core.awaitConsumers()
    look('joins', 0)
  }
  if (!plan.staysOpen) {
    look('shut down', 0)
    core.shutdown(plan.isImmediate)
    look('was shut down', 0)
  }
  done()
  noteOnce()
}

/** Notes the ledger once every item has ended and, unless the queue stays open, every consumer is gone. */
function note(core: FanOutCore<number>, { items, staysOpen }: Plan): boolean {
  const { put, open, acknowledged, dropped, poisoned, failed, redelivered } = core.ledger
  check(open >= 0, `the ledger has ended ${-open} items more than were put`)
  if (open > 0 || put < (staysOpen ? items : 0)) return false
  if (!staysOpen && (stateOf(core.hub) !== SHUT_DOWN || core.lanes.open.some((lane) => lane.isOpened))) return false
  check(core.unfinished === 0 && core.qsize() === 0, `${core.unfinished} unfinished, ${core.qsize()} not taken`)
  record(
    `put ${put} acknowledged ${acknowledged} dropped ${dropped} poisoned ${poisoned} failed ${failed} redelivered ${redelivered}`,
  )
  return true
}

/**
 * Takes `limit` items at most and counts each off, or holds so many before it counts them off together; then it closes, or shuts the queue
 * down at once before that, or waits until so many others have joined: their joins must not end for its end's sake.
 */
export function consumer(
  shared: Shared,
  thread: number,
  limit: number,
  shutsDown: boolean,
  joins: number,
  holds: number,
): void {
  const end = open(shared, thread)
  const hidden = end as unknown as OpenConsumer
  const { lane, items, receipts, front } = hidden._private_intake
  const held: number[] = []
  for (let taken = 0; taken < limit; taken++) {
    const { claimed, untold, countsOff } = hidden._private_intake
    checkpoint('get', lane, items, receipts, front, claimed, untold, countsOff, hidden.doorbell, taken, held)
    if (shared.plan.isRun) takeThoseThere(end)
    let item = -1
    try {
      item = end.getBlocking()
    } catch (error) {
      const { code } = error as { code?: string }
      if (code !== 'QUEUE_SHUT_DOWN' && (code !== 'HANDLE_CLOSED' || !shared.plan.runsOn)) throw error
      break
    }
    record(`took ${item}`)
    // What the thread before it in its slot writes late takes nothing from the counts.
    if (shared.plan.runsOn && thread > 1) check(end.unfinishedTasks > 0, 'nothing is unfinished, with an item in hand')
    held.push(item)
    if (held.length < holds) continue
    end.taskDone(held.length)
    for (const each of held.splice(0)) record(`done ${each}`)
  }
  const { joined } = shared
  for (let others = Atomics.load(joined, 0); others < joins; others = Atomics.load(joined, 0)) {
    checkpoint('waits for joins', end, others)
    Atomics.wait(joined, 0, others)
  }
  if (shutsDown) end.shutdown({ immediate: true })
  end.close()
}

/** Takes what is there with as few claims as it takes, and counts it off together. */
function takeThoseThere(end: Consumer<number>): void {
  const items = end.drain()
  for (const item of items) record(`took ${item}`)
  end.taskDone(items.length)
  for (const item of items) record(`done ${item}`)
}

/** Waits until nothing is unfinished, in a thread that takes nothing. */
export function joiner(shared: Shared, thread: number): void {
  const end = open(shared, thread)
  try {
    end.joinBlocking()
    record('joined')
  } catch (error) {
    if ((error as { code?: string }).code !== 'HANDLE_CLOSED' || !shared.plan.runsOn) throw error
    record('closed')
  }
  Atomics.add(shared.joined, 0, 1)
  Atomics.notify(shared.joined, 0)
  end.close()
}

/** Joins on its loop, and takes and counts off there meanwhile whatever comes. */
export function loop(shared: Shared, thread: number): void {
  const end = open(shared, thread)
  end.join().then(() => {
    record('joined')
    end.close()
  })
  const take = () => {
    checkpoint('get', end)
    end.get().then(
      (item) => {
        record(`took ${item}`)
        end.taskDone()
        record(`done ${item}`)
        take()
      },
      (error) => check((error as { code?: string }).code === 'HANDLE_CLOSED', String(error)),
    )
  }
  take()
  checkpoint('waits', end)
}

/** Looks once, at whatever time after the last put: nothing is unfinished only if all is done. */
export function watcher({ posted, made, plan }: Shared, thread: number): void {
  while (Atomics.load(posted, thread - 1) === 0) Atomics.wait(posted, thread - 1, 0)
  const hub = new Int32Array(made[0])
  const unfinished = unfinishedItems(hub)
  check(unfinished > 0 || doneItems(hub) === plan.items, 'a zero before everything was done')
}

/** Opens the consumer of a thread as soon as the home end has posted its handle. */
function open(shared: Shared, thread: number): Consumer<number> {
  shared.thread = thread
  const { posted, made } = shared
  while (Atomics.load(posted, thread - 1) === 0) Atomics.wait(posted, thread - 1, 0)
  const data = { millrace: 'consumer', version: 2, hub: made[0], lane: made[thread], transferList: [] }
  return new Consumer<number>(data as never, number as never)
}
