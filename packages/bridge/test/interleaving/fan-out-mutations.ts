// Seeded bugs of the fan-out, for the explorations of its shipped ends.
import type { Mutation } from './mutations.js'

const CORE = 'bridge/src/fan-out/fan-out-core.ts'
const LANES = 'bridge/src/fan-out/lanes.ts'
const OUT_LANE = 'bridge/src/fan-out/out-lane.ts'
const RECEIPTS = 'bridge/src/fan-out/receipts.ts'
const INTAKE = 'bridge/src/worker/consumer-intake.ts'

export const fanOutMutations: readonly Mutation[] = [
  {
    name: 'stops drawing consequences because its doorbell is up',
    file: CORE,
    find: '    if (this.isAwaiting && this.isListening) return\n    while (this.isAwaiting) {\n',
    replace: '    while (this.isAwaiting) {\n      if (this.isListening) return\n',
    cases: ['fan-out one'],
  },
  {
    name: 'looks at no lane when a thread dies that had closed',
    file: CORE,
    find: '      if (!lane.isClosed) lane.markDead(exitCode)\n',
    replace: '      if (lane.isClosed) continue\n      lane.markDead(exitCode)\n',
    cases: ['fan-out two'],
  },
  {
    name: 'forgets those that an immediate shutdown drops',
    file: CORE,
    find: '    this.ledger.dropped += dropped\n',
    replace: '',
    cases: ['fan-out drop'],
  },
  {
    name: 'keeps the counts of what an immediate shutdown drops',
    file: OUT_LANE,
    find: '    this.sent -= untouched\n    this.settleCounts()\n    return dropped',
    replace: '    this.sent -= untouched\n    return dropped',
    cases: ['fan-out drop', 'fan-out stop'],
  },
  {
    name: 'goes to sleep without a second look at the consumers',
    file: CORE,
    find: '      if (!this.step()) return\n    }\n    this.doorbell.lower()',
    replace: '      return\n    }\n    this.doorbell.lower()',
    cases: ['fan-out one'],
  },
  {
    name: 'gives nobody what a dead consumer had not taken',
    file: CORE,
    find: '    else back.push(...untouched)\n',
    replace: '',
    cases: ['fan-out kill', 'fan-out two'],
  },
  {
    name: 'gives nobody what a dead consumer had in its hands',
    file: CORE,
    find: 'else if (delivery.deliveries < settings.maxDeliveries) back.push(delivery)',
    replace: 'else if (delivery.deliveries < settings.maxDeliveries) continue',
    cases: ['fan-out kill'],
  },
  {
    name: 'delivers an item again that was counted off and not acknowledged',
    file: OUT_LANE,
    find: 'const more = Math.min(held, Math.max(0, done - this.acknowledged))',
    replace: 'const more = done * 0',
    cases: ['fan-out kill', 'fan-out poison'],
  },
  {
    name: 'does not count how often an item was delivered',
    file: OUT_LANE,
    find: 'heldNow.push(this.part(sent, 0, count, delivery))',
    replace: 'heldNow.push(this.part(sent, 0, count, delivery - 1))',
    cases: ['fan-out poison'],
  },
  {
    name: 'gives back of a run what was acknowledged, and not the rest of it',
    file: OUT_LANE,
    find: '      sent.before += count\n',
    replace: '',
    cases: ['fan-out run'],
  },
  {
    name: 'sends a run and keeps all of it at home',
    file: 'bridge/src/fan-out/backlog.ts',
    find: '      first.items -= items\n',
    replace: '',
    cases: ['fan-out share'],
  },
  {
    name: 'claims several items and says one',
    file: RECEIPTS,
    find: 'advance(gate, items << 1)) !== gate',
    replace: 'advance(gate, 2)) !== gate',
    cases: ['fan-out run drop', 'fan-out run'],
  },
  {
    name: 'takes an item without the gate',
    file: RECEIPTS,
    find: 'if (Atomics.compareExchange(this.control, TAKE_GATE, gate, advance(gate, items << 1)) !== gate) return false',
    replace: 'Atomics.store(this.control, TAKE_GATE, advance(gate, items << 1))',
    cases: ['fan-out drop'],
  },
  {
    name: 'goes through the gate in two steps instead of one',
    file: RECEIPTS,
    find: 'if (Atomics.compareExchange(this.control, TAKE_GATE, gate, advance(gate, items << 1)) !== gate) return false',
    replace:
      'if (Atomics.load(this.control, TAKE_GATE) !== gate) return false\n    Atomics.store(this.control, TAKE_GATE, advance(gate, items << 1))',
    cases: ['fan-out drop', 'fan-out stop'],
  },
  {
    name: 'looks at the gate and does not shut it',
    file: RECEIPTS,
    find: 'return Atomics.or(control, TAKE_GATE, GATE_SHUT) >>> 1',
    replace: 'return Atomics.load(control, TAKE_GATE) >>> 1',
    cases: ['fan-out drop'],
  },
  {
    name: 'acknowledges an item as it takes it',
    file: RECEIPTS,
    find: '    this.move(takenWord(this.slot), advance(this.takenBefore, this.taken), items)\n',
    replace:
      '    this.move(takenWord(this.slot), advance(this.takenBefore, this.taken), items)\n    Atomics.store(this.control, ACKNOWLEDGED, this.taken)\n',
    cases: ['fan-out kill', 'fan-out poison'],
  },
  {
    name: 'acknowledges an item before it has it',
    file: RECEIPTS,
    find: '    const gate = this.taken << 1\n',
    replace:
      '    Atomics.store(this.control, ACKNOWLEDGED, advance(this.taken, 1))\n    const gate = this.taken << 1\n',
    cases: ['fan-out kill', 'fan-out drop'],
  },
  {
    name: 'acknowledges by a plain store',
    file: RECEIPTS,
    find: 'Atomics.store(this.control, ACKNOWLEDGED, count)',
    replace: 'this.control[ACKNOWLEDGED] = count',
    cases: ['fan-out one'],
  },
  {
    name: 'sleeps for an item of the fan-out without a second look at the lane',
    file: RECEIPTS,
    find: 'lane.hasNews() || receipts.hasKept(lane.position)',
    replace: 'receipts.hasKept(lane.position)',
    cases: ['fan-out one'],
  },
  {
    name: 'sleeps for an item of the fan-out without a second look at the state',
    file: RECEIPTS,
    find: 'if (!hasNews && Atomics.load(lane.hub, STATE) !== SHUT_DOWN) doorbell.sleep(timeoutMs)',
    replace: 'if (!hasNews) doorbell.sleep(timeoutMs)',
    cases: ['fan-out one'],
  },
  {
    name: 'acknowledges without waking the home end',
    file: INTAKE,
    find: '    this.untold = 0\n    ring(this.hub, HOME_DOORBELL)\n',
    replace: '    this.untold = 0\n',
    cases: ['fan-out share'],
  },
  {
    name: 'counts an item out of the backlog before it counts it into a lane',
    file: LANES,
    find: '    for (let first = this.backlog.first; first !== undefined; first = this.backlog.first) {\n',
    replace:
      '    for (let first = this.backlog.first; first !== undefined; first = this.backlog.first) {\n      Atomics.store(this.hub, acceptedWord(HOME_SLOT), advance(this.starts.count ?? 0, this.backlog.size - 1))\n',
    cases: ['fan-out counts'],
  },
  {
    name: 'tells the home end of a zero only if that waits for something',
    file: INTAKE,
    find: '    if (Atomics.load(hub, JOINED) !== joined) ringAlways(hub, HOME_DOORBELL)\n',
    replace: '',
    cases: ['fan-out join'],
  },
  {
    name: 'wakes no consumer whose join another one has ended',
    file: CORE,
    find: '    if (others > 0) for (const lane of this.lanes.open) ringRemote(lane.control)\n',
    replace: '',
    cases: ['fan-out join'],
  },
  {
    name: 'counts off with a plain look whether the count is its own still',
    file: RECEIPTS,
    find: '    return Atomics.compareExchange(this.hub, word, from, to) === from\n',
    replace:
      '    if (Atomics.load(this.hub, word) !== from) return false\n    Atomics.store(this.hub, word, to)\n    return true\n',
    cases: ['fan-out runs on with two', 'fan-out runs on'],
  },
  {
    name: 'leaves the counts of a thread that may run on where it finds them again',
    file: OUT_LANE,
    find: '    if (this.isDead) this.last = (this.acceptedBefore + this.sent + 1) | 0\n',
    replace: '',
    cases: ['fan-out runs on with two', 'fan-out runs on'],
  },
  {
    name: 'leaves the gate open to a thread that may run on',
    file: OUT_LANE,
    find: '    const taken = shutGate(this.control)\n',
    replace: '    const taken = takenItems(this.control)\n',
    cases: ['fan-out runs on with two', 'fan-out runs on'],
  },
  {
    name: 'lets a consumer give back the space of what nobody has kept',
    file: OUT_LANE,
    find: '      sent.parcel = this.readBack(sent)\n      sent.before = 0\n    }\n    this.sayKept',
    replace: '    }\n    this.sayKept',
    cases: ['fan-out room kill'],
  },
  {
    name: 'gives back the space of all that was read, kept or not',
    file: RECEIPTS,
    find: 'return distance(kept, position) < 0 ? kept : position',
    replace: 'return kept === position ? kept : position',
    cases: ['fan-out room kill', 'fan-out kill'],
  },
  {
    name: 'keeps what a consumer holds and does not wake it',
    file: OUT_LANE,
    find: '    this.sayKept(end)\n    ringRemote(this.control)\n',
    replace: '    this.sayKept(end)\n',
    cases: ['fan-out room'],
  },
  {
    name: 'sleeps for an item without a second look at what is kept',
    file: RECEIPTS,
    find: 'lane.hasNews() || receipts.hasKept(lane.position)',
    replace: 'lane.hasNews()',
    cases: ['fan-out room'],
  },
]
