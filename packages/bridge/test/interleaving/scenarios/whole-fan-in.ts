// The shipped ends of a fan-in, whole: the queue on its event loop, whose get() waits for the doorbell, and the producers that threads
// open. Producers put, join, are killed, or shut the queue down; nobody else does.
import { check, checkpoint, done, onExit, post, record } from '@millrace/interleave/thread'
import { FanInQueue } from '../../../src/fan-in/fan-in-queue.js'
import { STARTS } from '../../../src/fan-in/starts.js'
import { createHub, createLane } from '../../../src/memory.js'
import { Producer } from '../../../src/worker/producer.js'
import { double, number, wide } from './number.js'

export interface Plan {
  /** Producers, by the names of their threads. */
  producers: string[]
  /** How many items each of them puts. */
  items: number[]
  /** Whether each of them waits then until nothing is unfinished: stopping its thread, or on its loop. */
  joins: ('no' | 'blocking' | 'on its loop')[]
  /** Whether the home end joins, too, as soon as it has taken something. */
  homeJoins: boolean
  /** Whether items are counted off: as they are taken, or each in a task of its own. */
  countsOff: 'no' | 'at once' | 'later'
  /** How items are laid: as doubles, for which there is a short way; as other words; or so long that the ring's end has to be padded. */
  layout: 'doubles' | 'words' | 'padded'
  /** Whether each of them waits in the end until the home end has taken all that it has put: its own end must not be what wakes that. */
  staysAlive: boolean
  /** Whether the home end shuts the queue down, some time on the way. */
  shutsDown: 'no' | 'draining' | 'at once'
  /** Whether the thread of the first producer goes on after the home end was told of its end. */
  runsOn: boolean
  /** First counts and positions. */
  start: number
}

export interface Shared {
  /** What the home end makes, in order; it has to be there before (see stand-ins.ts). */
  made: SharedArrayBuffer[]
  /** Of each producer: 1 as soon as the home end has posted its handle; how many of its items are taken, and done. */
  posted: Int32Array<SharedArrayBuffer>
  received: Int32Array<SharedArrayBuffer>
  finished: Int32Array<SharedArrayBuffer>
  plan: Plan
  /** A thread's own: its number, and how many of `made` it has made. */
  thread: number
  next: number
}

export function setup(plan: Plan): Shared {
  const hub = createHub({ kind: 0, homeThread: 0, order: 0, maxItems: 0, epoch: 0 })
  const made = [hub.buffer]
  for (let slot = 0; slot < plan.producers.length; slot++) made.push(createLane(hub, { capacity: 64, slot }))
  for (const memory of made) new Uint8Array(memory).fill(0)
  const words = () => new Int32Array(new SharedArrayBuffer(4 * plan.producers.length))
  return { made, posted: words(), received: words(), finished: words(), plan, thread: 0, next: 0 }
}

// What is private for everybody else.
interface OpenCore {
  serveFresh(): boolean
  afterHearing(): void
  onTurn(): void
  servedFresh(): boolean
  afterHeard(): void
  turned(): void
  readonly lanes: readonly { isOpened: boolean }[]
  roster: { onThreadEnd(threadId: number, exitCode: number): void }
}

export function home(shared: Shared): void {
  new Home(shared).begin()
}

class Home {
  readonly queue: FanInQueue<number>
  readonly taken: number[] = []
  readonly finished: number[] = []
  isCutOff = false
  joins = 0
  hasEnded = false

  constructor(readonly shared: Shared) {
    const { start } = shared.plan
    const options = { codec: codecOf(shared.plan), capacityBytes: 64, [STARTS]: { count: start, position: start } }
    this.queue = new FanInQueue<number>(options)
  }

  begin(): void {
    const { plan, posted } = this.shared
    const core = this.watch()
    for (let i = 0; i < plan.producers.length; i++) {
      this.taken.push(0)
      this.finished.push(0)
      this.queue.producer()
    }
    for (let i = 0; i < plan.producers.length; i++) {
      Atomics.store(posted, i, 1)
      Atomics.notify(posted, i)
      if (!plan.runsOn || i > 0) onExit(plan.producers[i], () => this.bury(core, i))
    }
    if (plan.shutsDown !== 'no') {
      post(() => {
        this.look('shutdown', 0)
        this.queue.shutdown({ immediate: plan.shutsDown === 'at once' })
        this.look('shut down', 0)
      })
    }
    done()
    this.take()
    this.look('began', 0)
  }

  /** The core, which writes its state down where a task of it begins and ends. */
  private watch(): OpenCore {
    const core = (this.queue as unknown as { _private_core: OpenCore })._private_core
    core.servedFresh = core.serveFresh
    core.serveFresh = () => {
      this.look('hear', 0)
      return core.servedFresh()
    }
    core.afterHeard = core.afterHearing
    core.afterHearing = () => {
      this.look('after hearing', 0)
      core.afterHeard()
    }
    core.turned = core.onTurn
    core.onTurn = () => {
      this.look('turn', 0)
      core.turned()
      this.look('turned', 0)
      // Before it has opened its end nobody can tell whose that is; and it may be closed by now.
      if (this.shared.plan.runsOn && !this.isCutOff && core.lanes[0]?.isOpened !== false) {
        this.isCutOff = true
        post(() => this.bury(core, 0))
      }
    }
    return core
  }

  private bury(core: OpenCore, producer: number): void {
    this.look('exit', producer)
    core.roster.onThreadEnd(producer + 1, 1)
    this.look('buried', producer)
  }

  private look(where: string, more: unknown): void {
    checkpoint(where, this, more)
  }

  private take(): void {
    this.queue.get().then(
      (item) => this.has(item),
      (error) => this.hears(error),
    )
  }

  private has(item: number): void {
    const producer = Math.floor(item / 100)
    check(item === producer * 100 + this.taken[producer], `item ${item} after ${this.taken[producer]} of its producer`)
    this.taken[producer]++
    record(item)
    const { plan, received } = this.shared
    this.look('has', item)
    if (plan.homeJoins && this.joins++ === 0) this.join()
    if (plan.staysAlive) {
      Atomics.store(received, producer, this.taken[producer])
      Atomics.notify(received, producer)
    }
    if (plan.countsOff === 'at once') this.countOff(producer)
    else if (plan.countsOff === 'later') post(() => this.countOff(producer))
    this.look('takes', 0)
    this.take()
  }

  private countOff(producer: number): void {
    this.look('counts off', producer)
    Atomics.store(this.shared.finished, producer, ++this.finished[producer])
    this.queue.taskDone()
    this.look('has counted off', producer)
  }

  private hears(error: { code: string }): void {
    record(error.code)
    // Of a lost producer one get is told.
    if (error.code === 'REMOTE_LOST') this.take()
    else this.hasEnded = true
  }

  private join(): void {
    this.queue.join().then(() => record('joined'))
  }
}

/** Puts its items, and joins. */
export function producer(shared: Shared, slot: number): void {
  const { plan, received, finished } = shared
  const end = open(shared, slot)
  let put = 0
  try {
    for (; put < plan.items[slot]; put++) {
      checkpoint('put', end, put)
      end.putBlocking(slot * 100 + put)
      record(put)
    }
  } catch (error) {
    checkRefusal(error)
  }
  checkpoint('has put', end, put)
  if (plan.staysAlive) awaitTaking(received, slot, put)
  const joined = () => {
    check(Atomics.load(finished, slot) === put, 'the join ended too early')
    record('joined')
    end.close()
  }
  const refused = (error: unknown) => {
    checkRefusal(error)
    end.close()
  }
  if (plan.joins[slot] === 'on its loop') {
    end.join().then(joined, refused)
    checkpoint('joins', end, put)
  } else if (plan.joins[slot] === 'blocking') {
    try {
      end.joinBlocking()
    } catch (error) {
      refused(error)
      return
    }
    joined()
  } else end.close()
}

function awaitTaking(received: Int32Array, slot: number, put: number): void {
  for (let seen = Atomics.load(received, slot); seen < put; seen = Atomics.load(received, slot)) {
    Atomics.wait(received, slot, seen)
  }
}

function checkRefusal(error: unknown): void {
  const { code } = error as { code?: string }
  if (code !== 'QUEUE_SHUT_DOWN' && code !== 'HANDLE_CLOSED') throw error
  record(code)
}

/** Opens the producer of a thread as soon as the home end has posted its handle. */
function open(shared: Shared, slot: number): Producer<number> {
  shared.thread = slot + 1
  const { posted, made, plan } = shared
  while (Atomics.load(posted, slot) === 0) Atomics.wait(posted, slot, 0)
  const data = { millrace: 'producer', version: 1, hub: made[0], lane: made[slot + 1], transferList: [] }
  return new Producer<number>(data as never, codecOf(plan) as never)
}

function codecOf({ layout }: Plan): typeof number {
  return { doubles: double, words: number, padded: wide }[layout]
}
