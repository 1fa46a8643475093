import { cppBatched, cppOne, rustChannel, rustSyncChannel } from '../baselines/native.js'
import { janusBatches, janusOne, multiprocessingQueue } from '../baselines/python.js'
import { digestOfSequence } from '../harness/content.js'
import type { Group } from '../harness/group.js'
import type { BridgeModule, Subject } from '../harness/subject.js'
import { comlink, piscina } from './contenders/calls.js'
import { fanIn, type MillraceWay } from './contenders/millrace.js'
import { postMessage } from './contenders/post-message.js'
import { ringBufNumbers } from './contenders/ringbuf.js'

const float64 = (bridge: BridgeModule) => bridge.float64() as never
const auto = (bridge: BridgeModule) => bridge.auto()

function millrace(subject: Subject, codec: 'float64()' | 'auto()', take: MillraceWay['take'], put: MillraceWay['put']) {
  return fanIn(subject, {
    name: `millrace ${codec}, ${take}, ${put}`,
    payload: 'number',
    codec: codec === 'float64()' ? float64 : auto,
    codecName: codec,
    put,
    take,
  })
}

const BATCHES = 'millrace float64(), batches(), putMany(array)'
const ITEMS = 'millrace float64(), for await, putBlocking()'
const common = {
  unit: 'items/s',
  better: 'higher',
  crossesThreads: true,
  smokeItems: 2_000,
  expected: digestOfSequence,
} as const

export const numbers: Group = {
  ...common,
  name: 'bridge/numbers',
  title: 'numbers from one thread to the event loop: batches, items, and what else there is',
  goals: [
    { of: BATCHES, text: 'batches: times postMessage', against: ['postMessage'], atLeast: 50 },
    {
      of: BATCHES,
      text: 'batches: times postMessage by the hundred',
      against: ['postMessage by the hundred'],
      atLeast: 8,
    },
    { of: ITEMS, text: 'one at a time: times postMessage', against: ['postMessage'], atLeast: 8 },
    { of: ITEMS, text: 'one at a time: times janus', against: ['janus'], atLeast: 50 },
    { of: BATCHES, text: 'batches: times janus', against: ['janus'], atLeast: 300 },
  ],
  contenders: (subject) => [
    millrace(subject, 'float64()', 'batches()', 'putMany(array)'),
    millrace(subject, 'float64()', 'batches()', 'putMany(Float64Array)'),
    millrace(subject, 'float64()', 'batches()', 'putBlocking()'),
    millrace(subject, 'float64()', 'for await', 'putMany(array)'),
    millrace(subject, 'float64()', 'for await', 'putBlocking()'),
    millrace(subject, 'float64()', 'get()', 'putBlocking()'),
    millrace(subject, 'float64()', 'for await', 'await put()'),
    millrace(subject, 'auto()', 'batches()', 'putMany(array)'),
    millrace(subject, 'auto()', 'for await', 'putBlocking()'),
    postMessage({ name: 'postMessage', payload: 'number', perMessage: 1 }),
    postMessage({ name: 'postMessage with credits', payload: 'number', perMessage: 1, window: 1_000 }),
    postMessage({ name: 'postMessage by the hundred', payload: 'number', perMessage: 100 }),
    postMessage({ name: 'postMessage by the hundred with credits', payload: 'number', perMessage: 100, window: 10 }),
    ringBufNumbers(),
    piscina('number'),
    comlink('number'),
    janusOne(),
    janusBatches(),
    multiprocessingQueue(),
    rustChannel(),
    rustSyncChannel(),
    cppOne(),
    cppBatched(),
  ],
}
