// Two producers whose records carry tickets, one event loop that takes in the order of the tickets; a producer may be killed with
// a ticket in its hand, or run on after its end was told.
import { check, checkpoint, done, onExit, post, record } from '@millrace/interleave/thread'
import { Doorbell, ringAlways, ringHome, ringRemote } from '../../../src/doorbell.js'
import { ArrivalOrder } from '../../../src/fan-in/arrival-order.js'
import type { HomeLane } from '../../../src/fan-in/home-lane.js'
import { LaneReader, maySleep } from '../../../src/lane-reader.js'
import { LaneWriter } from '../../../src/lane-writer.js'
import { DOORBELL, FAN_IN, HOME_DOORBELL, ITEM, ORDER_ARRIVAL, SLOTS } from '../../../src/layout.js'
import { OPEN } from '../../../src/lifecycle.js'
import { createHub, createLane } from '../../../src/memory.js'
import { NO_TICKET } from '../../../src/position.js'
import { TicketBooth } from '../../../src/tickets.js'

export interface Shared {
  hub: Int32Array<SharedArrayBuffer>
  lanes: SharedArrayBuffer[]
  items: number[]
  startTicket: number
}

export function setup(items: number[], startTicket: number): Shared {
  const hub = createHub({ kind: FAN_IN, homeThread: 0, order: ORDER_ARRIVAL, maxItems: 0, epoch: 0, startTicket })
  hub[SLOTS] = items.length
  const lanes: SharedArrayBuffer[] = []
  for (let slot = 0; slot < items.length; slot++) lanes.push(createLane(hub, { capacity: 64, slot }))
  return { hub, lanes, items, startTicket }
}

/** Puts its items, of 8 bytes each; there is room for all. */
export function producer({ hub, lanes, items }: Shared, slot: number): void {
  const writer = new LaneWriter(hub, lanes[slot])
  const booth = new TicketBooth(hub, slot, false)
  for (let item = 0; item < items[slot]; item++) {
    checkpoint('put', writer, booth, item)
    check(writer.claim(8), 'room')
    const ticket = booth.claim(1)
    check(ticket !== NO_TICKET, 'a ticket')
    writer.words[writer.head() >> 2] = slot * 100 + item
    writer.commit(ITEM, 8, ticket, 1)
    const isPublished = writer.publish()
    booth.settle()
    if (!isPublished) return
    record(ticket)
    ringHome(hub)
  }
}

/** What the order looks at of a lane. */
class Lane {
  isSealed = false
  constructor(readonly reader: LaneReader) {}

  get items(): Lane {
    return this
  }

  ready(): boolean {
    return this.reader.next()
  }

  get ticket(): number {
    return this.reader.stamp
  }

  isPartialOf(): boolean {
    return false
  }
}

class Home {
  readonly lanes: Lane[] = []
  readonly readers: LaneReader[] = []
  readonly order: ArrivalOrder
  readonly doorbell: Doorbell
  gone = 0
  lost = 0

  constructor(readonly shared: Shared) {
    const { hub, lanes, startTicket } = shared
    for (let slot = 0; slot < lanes.length; slot++) {
      this.readers.push(new LaneReader(hub, lanes[slot]))
      this.lanes.push(new Lane(this.readers[slot]))
    }
    this.doorbell = new Doorbell(hub, HOME_DOORBELL)
    this.order = new ArrivalOrder(hub, startTicket, () => {
      this.lost++
      record('lost')
    })
  }

  turn(): void {
    for (;;) {
      checkpoint('turn', this)
      this.doorbell.arm(() => this.turn())
      this.take()
      checkpoint('taken', this)
      if (this.gone === this.lanes.length) {
        done()
        return
      }
      if (maySleep(this.doorbell, this.readers, this.shared.hub, OPEN)) return
    }
  }

  private take(): void {
    for (;;) {
      checkpoint('find', this)
      const index = this.order.find(this.lanes as unknown as readonly HomeLane<unknown>[])
      if (index < 0) return
      const reader = this.readers[index]
      const item = reader.words[reader.start >> 2]
      check(Math.floor(item / 100) === index, `item ${item} in lane ${index}`)
      record(item)
      reader.finish(1)
      reader.release()
      ringRemote(reader.control)
      this.order.advance(1)
    }
  }

  end(slot: number): void {
    this.readers[slot].seal()
    this.lanes[slot].isSealed = true
    this.gone++
    ringAlways(this.readers[slot].control, DOORBELL)
    this.turn()
  }
}

/** @param cutOff - the thread whose end is told while it goes on */
export function home(shared: Shared, threads: string[], cutOff?: string): void {
  const end = new Home(shared)
  for (let slot = 0; slot < threads.length; slot++) {
    if (threads[slot] === cutOff) post(() => end.end(slot))
    else onExit(threads[slot], () => end.end(slot))
  }
  end.turn()
}
