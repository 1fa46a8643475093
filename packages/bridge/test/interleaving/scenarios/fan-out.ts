// The home end writes, a consumer's thread reads and sleeps between items; in the end the queue is shut down.
import { check, checkpoint, done, record } from '@millrace/interleave/thread'
import { Doorbell, ringAlways, ringHome, ringRemote } from '../../../src/doorbell.js'
import { LaneReader } from '../../../src/lane-reader.js'
import { LaneWriter } from '../../../src/lane-writer.js'
import { DOORBELL, HOME_DOORBELL, ITEM } from '../../../src/layout.js'
import { advanceState, OPEN, SHUTTING_DOWN, stateOf } from '../../../src/lifecycle.js'
import { type Shared, word } from './ends.js'

export { setup } from './ends.js'

/** Takes until the queue is shut down and empty. */
export function consumer({ hub, lanes, lengths }: Shared): void {
  const reader = new LaneReader(hub, lanes[0])
  const doorbell = new Doorbell(reader.control, DOORBELL)
  for (let item = 0; ; item++) {
    checkpoint('take', reader, doorbell, item)
    while (!reader.next()) {
      // The state first: nothing is written after it.
      const isOver = stateOf(hub) !== OPEN
      if (isOver && !reader.refresh()) return
      if (!isOver) reader.sleepForRecord(doorbell, Number.POSITIVE_INFINITY)
      checkpoint('awake', reader, doorbell, item)
    }
    check(reader.length === lengths[0][item], `item ${item} has ${reader.length} bytes`)
    for (let i = 0; i < reader.length / 4; i++) {
      check(reader.words[(reader.start >> 2) + i] === word(0, item, i), `item ${item} is torn`)
    }
    record(item)
    reader.finish(1)
    reader.release()
    ringHome(hub)
  }
}

export function home(shared: Shared): void {
  new Writer(shared).turn()
}

class Writer {
  readonly writer: LaneWriter
  readonly doorbell: Doorbell
  next = 0

  constructor(readonly shared: Shared) {
    this.writer = new LaneWriter(shared.hub, shared.lanes[0])
    this.doorbell = new Doorbell(shared.hub, HOME_DOORBELL)
  }

  turn(): void {
    const { hub, lengths } = this.shared
    const [mine] = lengths
    while (this.next < mine.length) {
      checkpoint('put', this)
      if (!this.writer.claim(mine[this.next])) {
        this.doorbell.arm(() => this.turn())
        this.doorbell.raise()
        if (!this.writer.claim(mine[this.next])) return
        this.doorbell.lower()
      }
      this.put(mine[this.next])
    }
    advanceState(hub, SHUTTING_DOWN)
    ringAlways(this.writer.control, DOORBELL)
    done()
  }

  private put(length: number): void {
    const { writer } = this
    const head = writer.head() >> 2
    for (let i = 0; i < length / 4; i++) writer.words[head + i] = word(0, this.next, i)
    writer.commit(ITEM, length, 0, 1)
    check(writer.publish(), 'published')
    ringRemote(writer.control)
    this.next++
  }
}
