// Seeded bugs of the fan-in's home end and of its producers, for the explorations of both, whole.
import type { Mutation } from './mutations.js'

const CORE = 'bridge/src/fan-in/fan-in-core.ts'
const LANE_READER = 'bridge/src/lane-reader.ts'
const LANE_WRITER = 'bridge/src/lane-writer.ts'
const WRITER = 'bridge/src/item-writer.ts'
const PRODUCER = 'bridge/src/worker/producer.ts'
const REMOTE = 'bridge/src/worker/remote-end.ts'

export const fanInMutations: readonly Mutation[] = [
  {
    name: 'asks for no turn after the item that has ended a sleep',
    file: CORE,
    find: '    this.isRung = true\n    turn.join(this)\n',
    replace: '    this.isRung = true\n',
    cases: ['fan-in two items', 'fan-in join'],
  },
  {
    name: 'forgets until the turn that it was rung',
    file: CORE,
    find: '    this.isRung = true\n    turn.join(this)\n',
    replace: '    turn.join(this)\n',
    cases: ['fan-in two items'],
  },
  {
    name: 'takes what ends a sleep without a look whether anything is there',
    file: LANE_READER,
    find: 'if (writer === position || this.isInside) return false',
    replace: 'if (this.isInside) return false',
    cases: ['fan-in two items'],
  },
  {
    name: 'takes what ends a sleep for an item, whatever it is',
    file: LANE_READER,
    find: '    if ((header & KIND_MASK) !== ITEM) return false\n    const length',
    replace: '    const length',
    cases: ['fan-in wraps'],
  },
  {
    name: 'gives the item that ends a sleep and leaves it in its lane',
    file: LANE_READER,
    find: '    this.position = (position + ((length + HEADER_BYTES + 7) & ~7)) | 0\n',
    replace: '',
    cases: ['fan-in two items'],
  },
  {
    name: 'writes a number where the ring is full',
    file: LANE_WRITER,
    find: '    if (capacity - ((position - this.reader) | 0) < DOUBLE_RECORD) return false\n',
    replace: '',
    cases: ['fan-in full'],
  },
  {
    name: 'publishes a number and rings nobody',
    file: PRODUCER,
    find: 'this.lane.appendDouble(item)) {\n      ring(this.hub, HOME_DOORBELL)\n',
    replace: 'this.lane.appendDouble(item)) {\n',
    cases: ['fan-in two items'],
  },
  {
    name: 'publishes the common item and rings nobody',
    file: WRITER,
    find: '          if (!lane.publish()) return REFUSED\n          ring(this.bell.words, this.bell.index)\n',
    replace: '          if (!lane.publish()) return REFUSED\n',
    cases: ['fan-in two lanes'],
  },
  {
    name: 'rings for the common item before it is published',
    file: WRITER,
    find: '          if (!lane.publish()) return REFUSED\n          ring(this.bell.words, this.bell.index)\n',
    replace: '          ring(this.bell.words, this.bell.index)\n          if (!lane.publish()) return REFUSED\n',
    cases: ['fan-in two lanes'],
  },
  {
    name: 'takes a refused common item for a sent one',
    file: WRITER,
    find: '          if (!lane.publish()) return REFUSED\n          ring',
    replace: '          lane.publish()\n          ring',
    cases: ['fan-in stop words'],
  },
  {
    name: 'does not wake joining producers when the last item is counted off',
    file: CORE,
    find: '    if (left === 0) this.releaseJoiners()\n',
    replace: '',
    cases: ['fan-in join'],
  },
  {
    name: 'wakes no joining producer, only who joins at home',
    file: CORE,
    find: '    for (const { reader } of this.lanes) ringRemote(reader.control)\n    for (let joiner',
    replace: '    for (let joiner',
    cases: ['fan-in join', 'fan-in join on loop'],
  },
  {
    name: 'leaves the joins of a thread pending that runs on after its end was told',
    file: REMOTE,
    find: '    if (this.joiners.size > 0 && this.isCutOff) this.joiners',
    replace: '    if (this.joiners.size < 0 && this.isCutOff) this.joiners',
    cases: ['fan-in runs on and joins on loop'],
  },
  {
    name: 'sleeps on although its end was told',
    file: 'bridge/src/doorbell.ts',
    find: '    if (this.over !== undefined && Atomics.load(this.words, this.over) !== 0) return\n',
    replace: '',
    cases: ['fan-in runs on and joins', 'fan-out runs on'],
  },
]
