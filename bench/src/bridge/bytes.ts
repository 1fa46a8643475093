import { cppBytes } from '../baselines/native.js'
import { digestOfSequence } from '../harness/content.js'
import type { Goal } from '../harness/goals.js'
import type { Contender, Group } from '../harness/group.js'
import type { BridgeModule, Subject } from '../harness/subject.js'
import { comlink, piscina } from './contenders/calls.js'
import { fanIn, type MillraceWay } from './contenders/millrace.js'
import { postMessage } from './contenders/post-message.js'
import { ringBufBytes } from './contenders/ringbuf.js'

const KIB = 1024
const MIB = 1024 * KIB
/** Bytes that a sender without back-pressure may have under way in one run. */
const UNBOUNDED_BYTES = 512 * MIB
/** Bytes that a sender with credits may have under way. */
const WINDOW_BYTES = 4 * MIB

export const sizeName = (bytes: number): string =>
  bytes >= MIB ? `${bytes / MIB} MiB` : bytes >= KIB ? `${bytes / KIB} KiB` : `${bytes} B`

function millrace(
  subject: Subject,
  size: number,
  name: string,
  way: Pick<MillraceWay, 'put' | 'take' | 'capacityBytes'> & { readonly pooled?: boolean },
): Contender {
  const { pooled } = way
  return fanIn(subject, {
    name: `millrace ${name}`,
    payload: `bytes-${size}`,
    codec: (bridge: BridgeModule) => bridge.bytes({ pooled }) as never,
    codecName: pooled === undefined ? 'bytes()' : `bytes({ pooled: ${pooled} })`,
    weight: size,
    // Room for a few items, as the documentation advises for large ones, and for as many bytes as the others have under way.
    ...(size > 32 * KIB && { capacityBytes: Math.max(WINDOW_BYTES, size * 8) }),
    ...way,
  })
}

function platform(size: number): Contender[] {
  const payload = `bytes-${size}` as const
  const maxItems = Math.floor(UNBOUNDED_BYTES / size)
  const base = { payload, weight: size, maxItems }
  const window = Math.max(4, Math.min(1_000, Math.floor(WINDOW_BYTES / size)))
  return [
    postMessage({ ...base, name: 'postMessage', perMessage: 1 }),
    postMessage({ ...base, name: 'postMessage with credits', perMessage: 1, window }),
    ...(size >= KIB
      ? [postMessage({ ...base, name: 'transfer with credits', perMessage: 1, window, transfer: true })]
      : []),
    ...(size <= 64 * KIB
      ? [
          postMessage({ ...base, name: 'postMessage by the hundred', perMessage: 100 }),
          postMessage({
            ...base,
            name: 'postMessage by the hundred with credits',
            perMessage: 100,
            window: Math.max(2, Math.floor(window / 100)),
          }),
        ]
      : []),
  ]
}

/** Everything else than postMessage one by one: what the issue calls the best of the others. */
const others = (size: number): string[] => [
  ...platform(size).map(({ name }) => name),
  'ringbuf.js fresh',
  'piscina, 64 in flight',
  'comlink, 64 in flight',
]

function goalsOf(size: number): Goal[] {
  if (size === KIB) {
    // One at a time is held against one at a time; the best of the others sends by the hundred, so batches are held against it.
    return [
      { of: 'millrace fresh', text: 'fresh: times postMessage', against: ['postMessage'], atLeast: 8 },
      {
        of: 'millrace fresh, batches()',
        text: 'fresh: times the best of the others',
        against: others(size),
        atLeast: 2.5,
      },
    ]
  }
  const asked = size === 64 * KIB ? { fresh: 1.1, leases: 3 } : size === MIB ? { fresh: 1, leases: 2 } : undefined
  if (asked === undefined) return []
  return [
    { of: 'millrace fresh', text: 'fresh: times the best of the others', against: others(size), atLeast: asked.fresh },
    {
      of: 'millrace leases',
      text: 'leases: times the best of the others',
      against: others(size),
      atLeast: asked.leases,
    },
  ]
}

const leasesInBatches = (subject: Subject, size: number) =>
  millrace(subject, size, 'leases in batches', {
    put: 'reserveManyBlocking()',
    take: 'leaseBatches()',
    // As many bytes as the others have under way, also of small items: what is lent and what is being written lie in it, too.
    capacityBytes: Math.max(WINDOW_BYTES, size * 8),
  })

/**
 * 1 KiB without a copy, apart from the others of that size: in one process with all of them, what lends in batches takes a third off the
 * rate of what makes new arrays.
 */
const leases1KiB: Group = {
  name: 'bridge/leases-1KiB',
  title: 'byte arrays of 1 KiB from one thread to the event loop, written and read in place',
  unit: 'bytes/s',
  better: 'higher',
  crossesThreads: true,
  smokeItems: 200,
  expected: digestOfSequence,
  goals: [
    {
      of: 'millrace leases in batches',
      text: 'leases in batches: times postMessage',
      against: ['postMessage'],
      atLeast: 25,
    },
  ],
  contenders: (subject) => [
    millrace(subject, KIB, 'leases', { put: 'reserveBlocking()', take: 'leases()' }),
    leasesInBatches(subject, KIB),
    ...platform(KIB),
  ],
}

const bytesGroup = (size: number): Group => ({
  name: `bridge/bytes-${sizeName(size).replace(' ', '')}`,
  title: `byte arrays of ${sizeName(size)} from one thread to the event loop`,
  unit: 'bytes/s',
  better: 'higher',
  crossesThreads: true,
  smokeItems: size >= MIB ? 8 : 200,
  expected: digestOfSequence,
  goals: goalsOf(size),
  contenders: (subject) => [
    millrace(subject, size, 'fresh', { put: 'putBlocking()', take: 'for await' }),
    ...(size > 64 && size <= 4 * KIB
      ? [millrace(subject, size, 'fresh, own buffers', { put: 'putBlocking()', take: 'for await', pooled: false })]
      : []),
    millrace(subject, size, 'fresh, batches()', { put: 'putMany(array)', take: 'batches()' }),
    millrace(subject, size, 'leases', { put: 'reserveBlocking()', take: 'leases()' }),
    ...(size === KIB ? [] : [leasesInBatches(subject, size)]),
    ...platform(size),
    ringBufBytes(size, true),
    ringBufBytes(size, false),
    piscina(`bytes-${size}`, size),
    comlink(`bytes-${size}`, size),
    cppBytes(size),
  ],
})

export const bytesGroups: readonly Group[] = [
  ...[8, 64, KIB, 16 * KIB, 64 * KIB, MIB, 16 * MIB].map(bytesGroup),
  leases1KiB,
]
