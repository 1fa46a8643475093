// The shipped ends of a fan-out, whole: the home end with its lanes, backlog and ledger, and the consumers that threads open.
// Consumers take, are killed with items in their hands, and others get those again; or the queue is shut down at once.
import { check, checkpoint, done, onExit, record } from '@millrace/interleave/thread'
import { FanOutCore } from '../../../src/fan-out/fan-out-core.js'
import type { FanOutSettings } from '../../../src/fan-out/options.js'
import { doneWord } from '../../../src/layout.js'
import { doneItems, SHUT_DOWN, stateOf, unfinishedItems } from '../../../src/lifecycle.js'
import { createHub, createLane } from '../../../src/memory.js'
import { Consumer } from '../../../src/worker/consumer.js'

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
  /** First counts and positions. */
  start: number
}

export interface Shared {
  /** What the home end makes, in order; it has to be there before (see standIns.ts). */
  made: SharedArrayBuffer[]
  /** Of each consumer: 1 as soon as the home end has posted its handle. */
  posted: Int32Array<SharedArrayBuffer>
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
  return { made, posted: new Int32Array(new SharedArrayBuffer(4 * plan.consumers.length)), plan, thread: 0, next: 0 }
}

/** An item is a number, in words of its own. */
const number = {
  name: 'number',
  fixedSize: 8,
  size: () => 8,
  encode(item: number, bytes: Uint8Array, start: number, limit: number): number {
    if (start + 8 > limit) return -1
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, 2)
    words[0] = item
    words[1] = ~item
    return start + 8
  },
  decode(bytes: Uint8Array, start: number): number {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, 2)
    const item = words[0]
    check(words[1] === ~item, `item ${item} is torn`)
    return item
  },
}

// What is private for everybody else.
interface OpenCore {
  onRing(): void
  pump(): void
  listen(): void
  doorbell: object
  state: number
  failure: unknown
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
  const progress = { next: plan.atOnce, isNoted: false }
  const look = (where: string, more: unknown) =>
    checkpoint(
      where,
      core.lanes,
      core.ledger,
      hidden.doorbell,
      hidden.state,
      hidden.failure === undefined,
      progress,
      more,
    )
  const noteOnce = () => {
    if (!progress.isNoted) progress.isNoted = note(core)
  }
  const post = (consumer: number) => {
    Atomics.store(posted, consumer, 1)
    Atomics.notify(posted, consumer)
  }
  // The same as its own, with the state written down.
  hidden.onRing = () => {
    look('ring', 0)
    hidden.listen()
    hidden.pump()
    look('pumped', 0)
    noteOnce()
  }
  core.setHolding(false)
  for (let i = 0; i < plan.consumers.length; i++) core.addLane(undefined)
  for (let i = 0; i < plan.atOnce; i++) post(i)
  for (let i = 0; i < plan.consumers.length; i++) {
    onExit(plan.consumers[i], () => {
      look('exit', i)
      // Of a living consumer this would say nothing; of a dead one it is final until the lane is taken leave of.
      record(`${plan.consumers[i]} counted off ${Atomics.load(core.hub, doneWord(i + 1))}`)
      core.onThreadEnd(i + 1, 1)
      look('retired', i)
      if (progress.next < plan.consumers.length && !plan.isWatched) post(progress.next++)
      noteOnce()
    })
  }
  const items = Array.from({ length: plan.items }, (_, item) => item)
  for (let item = 0; item < plan.items; ) {
    look('put', item)
    if (core.refusal('put()') !== undefined) break
    if (plan.isRun) item += core.tryPutRun(items, item, plan.items)
    else check(core.tryPut(item++) === undefined, 'room')
  }
  if (plan.isWatched) post(plan.consumers.length - 1)
  look('shut down', 0)
  core.shutdown(plan.isImmediate)
  look('was shut down', 0)
  done()
  noteOnce()
}

/** Notes the ledger once every item has ended and every consumer is gone. */
function note(core: FanOutCore<number>): boolean {
  const { put, open, acknowledged, dropped, poisoned, failed, redelivered } = core.ledger
  check(open >= 0, `the ledger has ended ${-open} items more than were put`)
  if (open > 0 || stateOf(core.hub) !== SHUT_DOWN || core.lanes.open.some((lane) => lane.isOpened)) return false
  check(core.unfinished === 0 && core.qsize() === 0, `${core.unfinished} unfinished, ${core.qsize()} not taken`)
  record(
    `put ${put} acknowledged ${acknowledged} dropped ${dropped} poisoned ${poisoned} failed ${failed} redelivered ${redelivered}`,
  )
  return true
}

/** Takes `limit` items at most and counts each off; then it closes, or shuts the queue down at once before that. */
export function consumer(shared: Shared, thread: number, limit: number, shutsDown: boolean): void {
  const end = open(shared, thread)
  const hidden = end as unknown as OpenConsumer
  const { lane, items, receipts, front } = hidden._private_intake
  for (let taken = 0; taken < limit; taken++) {
    const { claimed, untold, countsOff } = hidden._private_intake
    checkpoint('get', lane, items, receipts, front, claimed, untold, countsOff, hidden.doorbell, taken)
    if (shared.plan.isRun) takeThoseThere(end)
    let item = -1
    try {
      item = end.getBlocking()
    } catch (error) {
      if ((error as { code?: string }).code !== 'QUEUE_SHUT_DOWN') throw error
      break
    }
    record(`took ${item}`)
    end.taskDone()
    record(`done ${item}`)
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
  end.joinBlocking()
  record('joined')
  end.close()
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
  const data = { millrace: 'consumer', version: 1, hub: made[0], lane: made[thread], transferList: [] }
  return new Consumer<number>(data as never, number as never)
}
