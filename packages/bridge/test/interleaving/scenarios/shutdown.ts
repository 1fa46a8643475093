// A queue that any end may shut down, with puts, takes, counting off and joins under way.
import { check, checkpoint, done, record } from '@millrace/interleave/thread'
import { type Doorbell, ringAlways, ringHome, ringRemote } from '../../../src/doorbell.js'
import { maySleep } from '../../../src/lane-reader.js'
import { acceptedWord, DONE, DOORBELL, HOME_DOORBELL } from '../../../src/layout.js'
import {
  advanceState,
  beginJoin,
  isJoined,
  markDone,
  OPEN,
  type State,
  sleepForJoin,
  stateOf,
  unfinishedItems,
} from '../../../src/lifecycle.js'
import { distance } from '../../../src/position.js'
import { Home, type Options, Producer, type Shared, setup } from './ends.js'

export { setup }

/** As `setup`, as if `items` items had been put. */
export function setupFilled(options: Options, items: number): Shared {
  const shared = setup(options)
  shared.hub[acceptedWord(0)] = items
  return shared
}

/** Puts what it may, then waits until all is done. */
export function producer(shared: Shared, joins: boolean): void {
  const end = new Producer(shared, 0)
  end.putAll(1)
  if (joins) join(shared, end.doorbell, end.put)
}

function join({ hub }: Shared, doorbell: Doorbell, put: number): void {
  const number = beginJoin(hub)
  while (!isJoined(hub, number)) {
    checkpoint('join', doorbell, number, put)
    sleepForJoin(hub, number, doorbell, Number.POSITIVE_INFINITY)
  }
  // Nobody else puts: all of ours is done.
  check(distance(Atomics.load(hub, DONE), put) >= 0, 'the join ended too early')
  record('joined')
}

/** Shuts the queue down from a thread of its own. */
export function stopper({ hub }: Shared, to: State): void {
  if (advanceState(hub, to)) record('advanced')
  ringAlways(hub, HOME_DOORBELL)
}

/** Takes, counts off, and passes the news on to every remote end, which cannot see each other. */
export function home(shared: Shared): void {
  new Relay(shared).turn()
}

class Relay {
  readonly home: Home
  readonly doorbell: Doorbell
  state: number = OPEN
  counted = 0

  constructor(readonly shared: Shared) {
    this.home = new Home(shared, false)
    this.home.owner = this
    this.doorbell = this.home.doorbell
  }

  turn(): void {
    const { hub } = this.shared
    for (;;) {
      checkpoint('turn', this)
      this.doorbell.arm(() => this.turn())
      if (this.state !== stateOf(hub)) this.shutDown()
      this.drain()
      checkpoint('drained', this)
      if (maySleep(this.doorbell, this.home.readers, hub, this.state)) {
        // Its process would go on, or end: either is fine once nothing is left to hear of.
        if (this.state !== OPEN) done()
        return
      }
    }
  }

  private shutDown(): void {
    this.state = stateOf(this.shared.hub)
    for (const reader of this.home.readers) reader.seal()
    for (const reader of this.home.readers) ringAlways(reader.control, DOORBELL)
  }

  private drain(): void {
    const { hub } = this.shared
    this.home.drain()
    while (this.counted < this.home.received[0]) {
      checkpoint('count', this)
      const left = markDone(hub, 1)
      check(left >= 0, 'more done than put')
      if (left === 0) for (const reader of this.home.readers) ringRemote(reader.control)
      this.counted++
    }
  }
}

/** Counts off as many as it can, in a thread of its own, until nothing is unfinished: never more than were put. */
export function counter({ hub }: Shared, times: number): void {
  for (let i = 0; i < times; i++) {
    checkpoint('counter', i)
    if (markDone(hub, 1) >= 0) record('done')
    check(unfinishedItems(hub) >= 0, 'negative')
    ringHome(hub)
  }
}
