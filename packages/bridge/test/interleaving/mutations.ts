// Seeded bugs: each is a change of one place in the shipped source, applied alone, and at least one exploration must find it.
// A pattern that no longer occurs exactly once in its file fails the run: a mutation that is not applied proves nothing.

import { fanInMutations } from './fan-in-mutations.js'
import { fanOutMutations } from './fan-out-mutations.js'

export interface Mutation {
  readonly name: string
  readonly file: string
  readonly find: string
  readonly replace: string
  /** Cases of the catalogue that are to find it: the first that does ends the search. */
  readonly cases: readonly string[]
}

const LANE_READER = 'bridge/src/lane-reader.ts'
const LANE_WRITER = 'bridge/src/lane-writer.ts'
const DOORBELL = 'bridge/src/doorbell.ts'
const LIFECYCLE = 'bridge/src/lifecycle.ts'
const TICKETS = 'bridge/src/tickets.ts'
const ARRIVAL = 'bridge/src/fan-in/arrival-order.ts'
const POSITION = 'bridge/src/position.ts'

export const mutations: readonly Mutation[] = [
  {
    name: 'publishes a record that is not written yet',
    file: LANE_WRITER,
    find: 'Atomics.compareExchange(this.control, WRITE_POSITION, this.published, this.position)',
    replace: 'Atomics.compareExchange(this.control, WRITE_POSITION, this.published, (this.position + 16) | 0)',
    cases: ['one'],
  },
  {
    name: 'publishes before the header is written',
    file: LANE_WRITER,
    find: '    this.words[word] = (length << KIND_BITS) | kind\n    this.words[word + 1] = stamp\n    this.position = advance(this.position, recordBytes(length))\n',
    replace:
      '    this.position = advance(this.position, recordBytes(length))\n    Atomics.store(this.control, WRITE_POSITION, this.position)\n    this.words[word] = (length << KIND_BITS) | kind\n    this.words[word + 1] = stamp\n    Atomics.store(this.control, WRITE_POSITION, this.published)\n',
    cases: ['one'],
  },
  {
    name: 'publishes by a plain store',
    file: LANE_WRITER,
    find: 'const seen = Atomics.compareExchange(this.control, WRITE_POSITION, this.published, this.position)',
    replace: 'const seen = this.published; this.control[WRITE_POSITION] = this.position',
    cases: ['one'],
  },
  {
    name: 'gives space back by a plain store',
    file: LANE_READER,
    find: 'Atomics.store(this.control, READ_POSITION, upTo)',
    replace: 'this.control[READ_POSITION] = upTo',
    cases: ['one'],
  },
  {
    name: 'gives the space of a record back before it is read',
    file: LANE_READER,
    find: '        this.isInside = true\n        return true',
    replace:
      '        this.isInside = true\n        Atomics.store(this.control, READ_POSITION, advance(this.position, recordBytes(this.length)))\n        return true',
    cases: ['one'],
  },
  {
    name: 'takes the ring to be one record larger',
    file: LANE_WRITER,
    find: 'return this.capacity - distance(this.position, this.reader)',
    replace: 'return this.capacity + 16 - distance(this.position, this.reader)',
    cases: ['one'],
  },
  {
    name: 'writes over the end of the ring',
    file: LANE_WRITER,
    find: 'return Math.min(Math.min(free, toEnd), this.longest + HEADER_BYTES) - HEADER_BYTES',
    replace: 'return Math.min(Math.max(free, toEnd), this.longest + HEADER_BYTES) - HEADER_BYTES',
    cases: ['one'],
  },
  {
    name: 'pads eight bytes too far at the wrap',
    file: LANE_WRITER,
    find: '((toEnd - HEADER_BYTES) << KIND_BITS) | PADDING',
    replace: '(toEnd << KIND_BITS) | PADDING',
    cases: ['one'],
  },
  {
    name: 'wraps without writing the padding',
    file: LANE_WRITER,
    find: 'this.words[index >> 2] = ((toEnd - HEADER_BYTES) << KIND_BITS) | PADDING',
    replace: '',
    cases: ['one'],
  },
  {
    name: 'wraps although the space before the end is not free',
    file: LANE_WRITER,
    find: 'if (index === 0 || this.free() <= toEnd) return false',
    replace: 'if (index === 0) return false',
    cases: ['full'],
  },
  {
    name: 'skips the header of a padding only in part',
    file: LANE_READER,
    find: '      this.position = advance(this.position, recordBytes(this.length))\n    }\n    this.looked',
    replace: '      this.position = advance(this.position, this.length)\n    }\n    this.looked',
    cases: ['one'],
  },
  {
    name: 'leaves a record at its unaligned end',
    file: LANE_READER,
    find: 'const end = alignUp(this.start)',
    replace: 'const end = this.start',
    cases: ['one'],
  },
  {
    name: 'sleeps for room without a second look',
    file: LANE_WRITER,
    find: 'if (!this.isRefused() && !this.claim(length)) doorbell.sleep(timeoutMs)',
    replace: 'doorbell.sleep(timeoutMs)',
    cases: ['one'],
  },
  {
    name: 'counts an item only after it is published',
    file: LANE_WRITER,
    find: '    // SYNC: publishes every plain store into the ring since the last one; pairs with LaneReader.refresh(). Fails only when\n    // the reading end has set SEALED, since nobody else writes the position.\n    const seen = Atomics.compareExchange(this.control, WRITE_POSITION, this.published, this.position)\n',
    replace:
      '    Atomics.store(this.hub, this.acceptedIndex, this.acceptedPublished)\n    const seen = Atomics.compareExchange(this.control, WRITE_POSITION, this.published, this.position)\n    Atomics.store(this.hub, this.acceptedIndex, this.accepted)\n',
    cases: ['one'],
  },
  {
    name: 'sleeps for an item without a second look at the lane',
    file: LANE_READER,
    find: 'if (!this.refresh() && Atomics.load(this.hub, STATE) === 0) doorbell.sleep(timeoutMs)',
    replace: 'if (Atomics.load(this.hub, STATE) === 0) doorbell.sleep(timeoutMs)',
    cases: ['fan-out'],
  },
  {
    name: 'sleeps for an item without a second look at the state',
    file: LANE_READER,
    find: 'if (!this.refresh() && Atomics.load(this.hub, STATE) === 0) doorbell.sleep(timeoutMs)',
    replace: 'if (!this.refresh()) doorbell.sleep(timeoutMs)',
    cases: ['fan-out'],
  },
  {
    name: 'raises no flag before it sleeps for an item',
    file: DOORBELL,
    find: '    Atomics.wait(this.words, this.index, 1, timeoutMs)',
    replace: '    Atomics.wait(this.words, this.index, Atomics.load(this.words, this.index), timeoutMs)',
    cases: ['fan-out'],
  },
  {
    name: 'goes idle without a second look at the lanes',
    file: LANE_READER,
    find: 'isIdle = !lanes[i].hasNews()',
    replace: 'isIdle = true',
    cases: ['one'],
  },
  {
    name: 'goes idle after a second look at the first lane only',
    file: LANE_READER,
    find: 'for (let i = 0; i < lanes.length && isIdle; i++) isIdle',
    replace: 'for (let i = 0; i < 1 && isIdle; i++) isIdle',
    cases: ['two alive'],
  },
  {
    name: 'raises the flag after the second look',
    file: LANE_READER,
    find: '  doorbell.raise()\n  // SYNC: the second look after raise(), at everything a ringer may have stored before it looked at the doorbell.\n  let isIdle = Atomics.load(hub, STATE) === state\n  for (let i = 0; i < lanes.length && isIdle; i++) isIdle = !lanes[i].hasNews()\n  if (!isIdle) doorbell.lower()',
    replace:
      '  let isIdle = Atomics.load(hub, STATE) === state\n  for (let i = 0; i < lanes.length && isIdle; i++) isIdle = !lanes[i].hasNews()\n  if (isIdle) doorbell.raise()',
    cases: ['one'],
  },
  {
    name: 'leaves a sealed lane by two steps instead of one',
    file: LANE_READER,
    find: 'Atomics.or(this.control, WRITE_POSITION, SEALED)',
    replace: 'Atomics.store(this.control, WRITE_POSITION, Atomics.load(this.control, WRITE_POSITION) | SEALED)',
    cases: ['shutdown'],
  },
  {
    name: 'cuts a thread off and leaves its lane open',
    file: LANE_READER,
    find: 'Atomics.or(this.control, WRITE_POSITION, SEALED)',
    replace: 'Atomics.load(this.control, WRITE_POSITION)',
    cases: ['runs on'],
  },
  {
    name: 'waits for the ticket of a thread that was cut off and runs on',
    file: ARRIVAL,
    find: '      if (lane.isSealed) continue\n',
    replace: '      if (lane.isSealed && claimOf(this.hub, lane.reader.slot) !== this.next) continue\n',
    cases: ['arrival runs on'],
  },
  {
    name: 'does not take back the count of what the seal refused',
    file: LANE_WRITER,
    find: '      this.discard()\n      Atomics.store(this.hub, this.acceptedIndex, this.accepted)\n',
    replace: '      this.discard()\n',
    cases: ['shutdown'],
  },
  {
    name: 'takes the seal for a part of the position',
    file: LANE_READER,
    find: 'this.writer = Atomics.load(this.control, WRITE_POSITION) & ~SEALED',
    replace: 'this.writer = Atomics.load(this.control, WRITE_POSITION)',
    cases: ['shutdown'],
  },
  {
    name: 'rings without notifying',
    file: DOORBELL,
    find: '    Atomics.notify(words, index)\n    return true\n',
    replace: '    return true\n',
    cases: ['one'],
  },
  {
    name: 'notifies without lowering the flag',
    file: DOORBELL,
    find: 'if (Atomics.load(words, index) === 1 && Atomics.compareExchange(words, index, 1, 0) === 1) {',
    replace: 'if (Atomics.load(words, index) === 1) {',
    cases: ['one'],
  },
  {
    name: 'rings always, but only those asleep already',
    file: DOORBELL,
    find: '  Atomics.store(words, index, 0)\n  Atomics.notify(words, index)',
    replace: '  Atomics.notify(words, index)',
    cases: ['fan-out'],
  },
  {
    name: 'never arms a second time',
    file: DOORBELL,
    find: '          this.armed = false\n',
    replace: '',
    cases: ['one'],
  },
  {
    name: 'counts off in two steps instead of one',
    file: LIFECYCLE,
    find: 'if (Atomics.compareExchange(hub, DONE, done, advance(done, count)) === done) break',
    replace: 'Atomics.store(hub, DONE, advance(done, count)); break',
    cases: ['counting'],
  },
  {
    name: 'refuses to count the last item off',
    file: LIFECYCLE,
    find: 'advance(done, dropped)) < count) return -1',
    replace: 'advance(done, dropped)) <= count) return -1',
    cases: ['one', 'counting'],
  },
  {
    name: 'advances the state in two steps instead of one',
    file: LIFECYCLE,
    find: 'if (Atomics.compareExchange(hub, STATE, from, to) === from) return true',
    replace: 'Atomics.store(hub, STATE, to); return true',
    cases: ['stopping'],
  },
  {
    name: 'sleeps for a join without a second look',
    file: LIFECYCLE,
    find: 'if (!isJoined(hub, join) && !isHomeLost(hub)) doorbell.sleep(timeoutMs)',
    replace: 'doorbell.sleep(timeoutMs)',
    cases: ['join'],
  },
  {
    name: 'ends a join with a zero that is older than the join',
    file: LIFECYCLE,
    find: '  if (unfinished === 0) endJoins(hub, joins)',
    replace: '  if (unfinished === 0) endJoins(hub, Atomics.load(hub, JOINS))',
    cases: ['join'],
  },
  {
    name: 'says which ticket it claims only after it has it',
    file: TICKETS,
    find: '      Atomics.store(this.hub, this.claimIndex, ticket)\n      if (Atomics.compareExchange(this.hub, NEXT_TICKET, ticket, advanceTicket(ticket, count)) === ticket) return ticket',
    replace:
      '      if (Atomics.compareExchange(this.hub, NEXT_TICKET, ticket, advanceTicket(ticket, count)) !== ticket) continue\n      Atomics.store(this.hub, this.claimIndex, ticket)\n      return ticket',
    cases: ['arrival'],
  },
  {
    name: 'looks at the claims after the lanes',
    file: ARRIVAL,
    find: '      const isClaimed = this.isClaimed(lanes)\n      const index = this.holder(lanes)\n',
    replace: '      const index = this.holder(lanes)\n      const isClaimed = this.isClaimed(lanes)\n',
    cases: ['arrival alive'],
  },
  {
    name: 'waits for the claim of a thread that is dead',
    file: ARRIVAL,
    find: '      if (lane.isSealed) continue\n',
    replace: '',
    cases: ['arrival'],
  },
  {
    name: 'measures distances without wrapping',
    file: POSITION,
    find: 'return (ahead - behind) | 0',
    replace: 'return ahead - behind',
    cases: ['2^31'],
  },
  {
    name: 'moves positions on without wrapping',
    file: POSITION,
    find: 'return (position + amount) | 0',
    replace: 'return position + amount',
    cases: ['2^31'],
  },
  ...fanInMutations,
  ...fanOutMutations,
]
