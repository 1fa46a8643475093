// The ends of a queue, reduced to what touches shared memory: items are words that only the right item can hold.
import { check, checkpoint, done, onExit, record } from '@millrace/interleave/thread'
import { Doorbell, ringAlways, ringHome, ringRemote } from '../../../src/doorbell.js'
import { LaneReader, maySleep } from '../../../src/lane-reader.js'
import { LaneWriter } from '../../../src/lane-writer.js'
import { acceptedWord, DOORBELL, FAN_IN, HOME_DOORBELL, ITEM, ORDER_PRODUCER, SLOTS } from '../../../src/layout.js'
import { countZero, markDone, OPEN, SHUT_DOWN, stateOf } from '../../../src/lifecycle.js'
import { createHub, createLane } from '../../../src/memory.js'

export type Words = Int32Array<SharedArrayBuffer>

export interface Shared {
  hub: Words
  lanes: SharedArrayBuffer[]
  /** Payload bytes of each item of each producer, in order; multiples of 4. */
  lengths: number[][]
}

export interface Options {
  capacity: number
  lengths: number[][]
  /** First position of each lane and first value of the counts. @default 0 */
  start?: number
}

export function setup({ capacity, lengths, start = 0 }: Options): Shared {
  const hub = createHub({
    kind: FAN_IN,
    homeThread: 0,
    order: ORDER_PRODUCER,
    maxItems: 0,
    epoch: 0,
    startCount: start,
  })
  hub[SLOTS] = lengths.length
  const lanes: SharedArrayBuffer[] = []
  for (let slot = 0; slot < lengths.length; slot++) lanes.push(createLane(hub, { capacity, slot, start }))
  return { hub, lanes, lengths }
}

/** What word `index` of a producer's item holds. */
export function word(slot: number, item: number, index: number): number {
  return slot * 100_000 + item * 1000 + index + 1
}

export class Producer {
  readonly writer: LaneWriter
  readonly doorbell: Doorbell
  put = 0

  constructor(
    readonly shared: Shared,
    readonly slot: number,
  ) {
    this.writer = new LaneWriter(shared.hub, shared.lanes[slot])
    this.doorbell = new Doorbell(this.writer.control, DOORBELL)
  }

  /** Puts all items, one publication for each `batch`. @returns how many were accepted: fewer than all when refused. */
  putAll(batch: number): number {
    const lengths = this.shared.lengths[this.slot]
    for (let next = 0; next < lengths.length; next++) {
      checkpoint('put', this, next)
      if (!this.write(next, lengths[next])) return this.put
      const isLast = next + 1 === lengths.length
      if ((isLast || this.writer.openItems >= batch) && !this.publish()) return this.put
    }
    return this.put
  }

  private write(item: number, length: number): boolean {
    const { writer, doorbell } = this
    for (;;) {
      checkpoint('claim', this, item)
      if (writer.isRefused()) return false
      if (writer.claim(length)) break
      // A full ring whose records nobody was shown would stay full.
      if (writer.isOpen && !this.publish()) return false
      writer.sleepForRoom(length, doorbell, Number.POSITIVE_INFINITY)
    }
    const head = writer.head() >> 2
    for (let i = 0; i < length / 4; i++) writer.words[head + i] = word(this.slot, item, i)
    writer.commit(ITEM, length, item, 1)
    return true
  }

  private publish(): boolean {
    const items = this.writer.openItems
    if (!this.writer.publish()) return false
    for (let i = 0; i < items; i++) record(this.put++)
    ringHome(this.shared.hub)
    return true
  }
}

/** The event loop that reads every lane, until each has delivered all its items or its producer is gone. */
export class Home {
  readonly readers: LaneReader[] = []
  readonly doorbell: Doorbell
  readonly received: number[] = []
  readonly gone: boolean[] = []
  /** Whoever uses this one, so that a checkpoint in here sees its state too. */
  owner: object | undefined

  constructor(
    readonly shared: Shared,
    /** Whether an item is done as soon as it is taken. */
    readonly marksDone: boolean,
  ) {
    for (let slot = 0; slot < shared.lanes.length; slot++) {
      this.readers.push(new LaneReader(shared.hub, shared.lanes[slot]))
      this.received.push(0)
      this.gone.push(false)
    }
    this.doorbell = new Doorbell(shared.hub, HOME_DOORBELL)
  }

  /** Has the end of a producer's thread heard. */
  watch(thread: string, slot: number): void {
    onExit(thread, () => this.bury(slot))
  }

  turn(): void {
    for (;;) {
      checkpoint('turn', this)
      this.drain()
      this.doorbell.arm(() => this.turn())
      checkpoint('armed', this)
      if (this.isOver()) {
        done()
        return
      }
      if (maySleep(this.doorbell, this.readers, this.shared.hub, OPEN)) {
        checkpoint('asleep', this)
        return
      }
      if (stateOf(this.shared.hub) === SHUT_DOWN) return
    }
  }

  private isOver(): boolean {
    for (let slot = 0; slot < this.readers.length; slot++) {
      if (!this.gone[slot] && this.received[slot] < this.shared.lengths[slot].length) return false
    }
    return true
  }

  drain(): void {
    for (let slot = 0; slot < this.readers.length; slot++) {
      checkpoint('drain', this, slot)
      while (this.readers[slot].next()) {
        this.take(slot, false)
        checkpoint('drain', this, slot)
      }
    }
  }

  private take(slot: number, isLast: boolean): void {
    checkpoint('take', this, slot, isLast)
    const reader = this.readers[slot]
    const item = this.received[slot]
    const length = this.shared.lengths[slot][item]
    check(reader.length === length, `item ${item} of ${slot} has ${reader.length} bytes, not ${length}`)
    check(reader.stamp === item, `item ${item} of ${slot} is stamped ${reader.stamp}`)
    for (let i = 0; i < length / 4; i++) {
      check(reader.words[(reader.start >> 2) + i] === word(slot, item, i), `item ${item} of ${slot} is torn`)
    }
    record(slot * 100 + item)
    this.received[slot] = item + 1
    reader.finish(1)
    reader.release()
    checkpoint('taken', this, slot, isLast)
    ringRemote(reader.control)
    checkpoint('rung', this, slot, isLast)
    if (this.marksDone) check(markDone(this.shared.hub, 1) >= 0, 'more done than put')
  }

  /** The thread is said to have ended: what it published is delivered, what it only counted is uncounted. */
  bury(slot: number): void {
    const { hub } = this.shared
    const reader = this.readers[slot]
    reader.seal()
    while (reader.next()) this.take(slot, true)
    Atomics.store(hub, acceptedWord(slot), reader.taken)
    countZero(hub)
    this.gone[slot] = true
    ringAlways(reader.control, DOORBELL)
    this.turn()
  }
}
