import { digestOfSequence } from '../harness/content.js'
import type { Group } from '../harness/group.js'
import type { BridgeModule, Subject } from '../harness/subject.js'
import { comlink, piscina } from './contenders/calls.js'
import { fanIn, type Take } from './contenders/millrace.js'
import { postMessage } from './contenders/post-message.js'
import type { PayloadName } from './payloads.js'

const codecs = {
  'auto()': (bridge: BridgeModule) => bridge.auto(),
  'json()': (bridge: BridgeModule) => bridge.json<unknown>() as never,
  'utf8()': (bridge: BridgeModule) => bridge.utf8() as never,
  'struct()': ({ struct, u32, f64, text, bool }: BridgeModule) =>
    struct({ id: u32, score: f64, name: text, ok: bool, tag: text }) as never,
} as const

function millrace(subject: Subject, payload: PayloadName, codec: keyof typeof codecs, take: Take) {
  return fanIn(subject, {
    name: `millrace ${codec}, ${take}`,
    payload,
    codec: codecs[codec],
    codecName: codec,
    put: take === 'batches()' ? 'putMany(array)' : 'putBlocking()',
    take,
  })
}

const common = {
  unit: 'items/s',
  better: 'higher',
  crossesThreads: true,
  smokeItems: 500,
  expected: digestOfSequence,
} as const

const platform = (payload: PayloadName) => [
  postMessage({ name: 'postMessage', payload, perMessage: 1 }),
  postMessage({ name: 'postMessage with credits', payload, perMessage: 1, window: 1_000 }),
  postMessage({ name: 'postMessage by the hundred', payload, perMessage: 100 }),
  postMessage({ name: 'postMessage by the hundred with credits', payload, perMessage: 100, window: 10 }),
]

export const objects: Group = {
  ...common,
  name: 'bridge/objects',
  title: 'objects of five fields from one thread to the event loop, by codec',
  goals: [
    { of: 'millrace auto(), batches()', text: 'auto: times postMessage', against: ['postMessage'], atLeast: 3 },
    { of: 'millrace struct(), batches()', text: 'struct: times postMessage', against: ['postMessage'], atLeast: 8 },
    {
      of: 'millrace struct(), batches()',
      text: 'struct: times postMessage by the hundred',
      against: ['postMessage by the hundred'],
      atLeast: 3,
    },
  ],
  contenders: (subject) => [
    millrace(subject, 'object', 'auto()', 'batches()'),
    millrace(subject, 'object', 'auto()', 'for await'),
    millrace(subject, 'object', 'struct()', 'batches()'),
    millrace(subject, 'object', 'struct()', 'for await'),
    millrace(subject, 'object', 'json()', 'batches()'),
    ...platform('object'),
    piscina('object'),
    comlink('object'),
  ],
}

export const texts: Group = {
  ...common,
  name: 'bridge/texts',
  title: 'strings of some 45 characters from one thread to the event loop, by codec',
  contenders: (subject) => [
    millrace(subject, 'text', 'utf8()', 'batches()'),
    millrace(subject, 'text', 'utf8()', 'for await'),
    millrace(subject, 'text', 'auto()', 'batches()'),
    millrace(subject, 'text', 'json()', 'batches()'),
    ...platform('text'),
  ],
}
