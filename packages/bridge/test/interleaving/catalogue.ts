// What is explored, and within which bounds. docs/proof.md lists these cases with the figures of a run.
import { fileURLToPath } from 'node:url'
import { loadProgram, type Program, type ProgramOptions, type Scenario, type View } from '@millrace/interleave'
import { acceptedWord, DONE, DROPPED, READ_POSITION, SEALED, STATE, WRITE_POSITION } from '../../src/layout.js'
import { SHUT_DOWN, SHUTTING_DOWN } from '../../src/lifecycle.js'
import { distance } from '../../src/position.js'
import { fanInCases } from './fan-in-cases.js'
import { fanOutCases } from './fan-out-cases.js'
import type { Options, Shared } from './scenarios/ends.js'
import { standIns } from './stand-ins.js'

export interface Case {
  /** For mutations.ts. */
  readonly id: string
  readonly name: string
  /** The bounds, in words. */
  readonly bounds: string
  readonly file: string
  scenario(program: Program): Scenario<Shared>
}

/** The shipped programs that were loaded, by their files: explorations leave nothing in them. */
const shipped = new Map<string, Program>()

export function load(file: string, edits?: ProgramOptions['edits']): Program {
  const known = edits === undefined ? shipped.get(file) : undefined
  if (known !== undefined) return known
  const entry = fileURLToPath(new URL(`./scenarios/${file}.ts`, import.meta.url))
  let program: Program | undefined
  const own = file.startsWith('whole-') ? standIns(() => program) : {}
  program = loadProgram({ entry, ...own, ...(edits === undefined ? {} : { edits }) })
  if (edits === undefined) shipped.set(file, program)
  return program
}

// Item lengths: records of 16, 32, 24, 16, 32 and 16 bytes in a ring of 64, so that it wraps with and without padding and is
// full with one, two or three records.
const SIX = [4, 24, 12, 8, 24, 4]
const NEAR_2_31 = 2 ** 31 - 64
const NEAR_2_32 = -64

type FanIn = typeof import('./scenarios/fan-in.js')
type Arrival = typeof import('./scenarios/arrival.js')
type FanOut = typeof import('./scenarios/fan-out.js')
type Shutdown = typeof import('./scenarios/shutdown.js')

function fanIn(options: Partial<Options> & { lengths: number[][] }, bounds: Partial<Scenario<Shared>>, batch = 1) {
  return (program: Program): Scenario<Shared> => {
    const { setup, produce, consume } = program.exports as FanIn
    const names = options.lengths.map((_, slot) => `producer ${slot}`)
    const watched = bounds.kills ? names : []
    const threads: Record<string, (shared: Shared) => void> = {}
    for (const [slot, name] of names.entries()) threads[name] = (shared) => produce(shared, slot, batch)
    threads.home = (shared) => consume(shared, watched)
    return {
      program,
      setup: () => setup({ capacity: 64, ...options }),
      threads,
      final: (view, shared) => deliveredAll(view, names, options.lengths) ?? countsAddUp(view, shared),
      ...bounds,
    }
  }
}

/** The first producer runs on after the loop was told of its end. */
function runsOn(lengths: number[][], bounds: Partial<Scenario<Shared>> = {}) {
  return (program: Program): Scenario<Shared> => {
    const { setup, produce, consumeAndCutOff } = program.exports as FanIn
    const names = lengths.map((_, slot) => `producer ${slot}`)
    const threads: Record<string, (shared: Shared) => void> = {}
    for (const [slot, name] of names.entries()) threads[name] = (shared) => produce(shared, slot, 1)
    threads.home = consumeAndCutOff
    return {
      program,
      setup: () => setup({ capacity: 64, lengths }),
      threads,
      invariant: positionsHold,
      final: (view, shared) => {
        const received = view.records('home').map(Number)
        for (const [slot, name] of names.entries()) {
          const got = received.filter((item) => Math.floor(item / 100) === slot)
          const put = view.records(name).map((item) => slot * 100 + Number(item))
          if (got.join() !== put.join()) return `${name} put ${put.join()}, received ${got.join()}`
          if (slot > 0 && put.length !== lengths[slot].length) return `${name} put only ${put.join()}`
          if (!view.hasEnded(name)) return `${name} goes on`
        }
        return countsAddUp(view, shared)
      },
      ...bounds,
    }
  }
}

/** Everything that a producer published was received, in order and once; a dead one's last publication may be unsaid. */
function deliveredAll(
  view: View,
  names: readonly string[],
  lengths: readonly (readonly number[])[],
): string | undefined {
  const received = view.records('home').map(Number)
  for (const [slot, name] of names.entries()) {
    const got = received.filter((item) => Math.floor(item / 100) === slot)
    if (got.some((item, i) => item !== slot * 100 + i)) return `${name}: received ${got.join()}`
    const put = view.records(name).length
    if (got.length < put) return `${name} put ${put} items, ${got.length} were received`
    if (!view.wasKilled(name) && put !== lengths[slot].length) return `${name} put only ${put}`
  }
  return undefined
}

function countsAddUp(view: View, { hub, lanes }: Shared): string | undefined {
  let unfinished = 0
  for (const slot of lanes.keys()) unfinished += view.read(hub, acceptedWord(slot))
  unfinished = distance(unfinished - view.read(hub, DONE), view.read(hub, DROPPED))
  return unfinished === 0 ? undefined : `${unfinished} unfinished in the end`
}

/** Positions never cross and never get further apart than the ring is long. */
function positionsHold(view: View, { lanes }: Shared): string | undefined {
  for (const [slot, lane] of lanes.entries()) {
    const control = new Int32Array(lane)
    const depth = distance(view.read(control, WRITE_POSITION) & ~SEALED, view.read(control, READ_POSITION))
    if (depth < 0 || depth > 64) return `lane ${slot} is ${depth} bytes deep`
  }
  return undefined
}

function shutdown(lengths: number[][], joins: boolean, bounds: Partial<Scenario<Shared>>) {
  return (program: Program): Scenario<Shared> => {
    const { setup, producer, stopper, home } = program.exports as Shutdown
    return {
      program,
      setup: () => setup({ capacity: 64, lengths }),
      threads: {
        producer: (shared) => producer(shared, joins),
        stopper: (shared) => stopper(shared, SHUTTING_DOWN),
        home,
      },
      final: (view, shared) => {
        const put = view.records('producer').filter((record) => record !== 'joined')
        const got = view.records('home')
        if (put.join() !== got.join()) return `put ${put.join()}, received ${got.join()}`
        if (joins && view.records('producer').at(-1) !== 'joined') return 'the join did not end'
        return countsAddUp(view, shared)
      },
      ...bounds,
    }
  }
}

function counting(program: Program): Scenario<Shared> {
  const { setupFilled, counter } = program.exports as Shutdown
  return {
    program,
    setup: () => setupFilled({ capacity: 64, lengths: [[4], [4]] }, 2),
    threads: { left: (shared) => counter(shared, 2), right: (shared) => counter(shared, 2) },
    final: (view, shared) => {
      const counted = view.records('left').length + view.records('right').length
      return counted === 2 ? countsAddUp(view, shared) : `${counted} of 2 items were counted off`
    },
  }
}

function fanOut(lengths: number[]) {
  return (program: Program): Scenario<Shared> => {
    const { setup, consumer, home } = program.exports as FanOut
    return {
      program,
      setup: () => setup({ capacity: 64, lengths: [lengths] }),
      threads: { consumer, home },
      final: (view) =>
        view.records('consumer').join() === [...lengths.keys()].join()
          ? undefined
          : `received ${view.records('consumer').join()}`,
    }
  }
}

function stopping(program: Program): Scenario<Shared> {
  const { setup, stopper } = program.exports as Shutdown
  return {
    program,
    setup: () => setup({ capacity: 64, lengths: [] }),
    threads: { drains: (shared) => stopper(shared, SHUTTING_DOWN), drops: (shared) => stopper(shared, SHUT_DOWN) },
    final: (view, { hub }) => {
      if (view.read(hub, STATE) !== SHUT_DOWN) return `the state is ${view.read(hub, STATE)}`
      return view.records('drops').length === 1 ? undefined : 'nobody shut it down at once'
    },
  }
}

function arrival(items: number[], startTicket: number, bounds: Partial<Scenario<Shared>>, cutOff?: string) {
  return (program: Program): Scenario<Shared> => {
    const { setup, producer, home } = program.exports as Arrival
    const names = items.map((_, slot) => `producer ${slot}`)
    const threads: Record<string, (shared: Shared) => void> = {}
    for (const [slot, name] of names.entries()) threads[name] = (shared) => producer(shared as never, slot)
    threads.home = (shared) => home(shared as never, names, cutOff)
    return {
      program,
      setup: () => setup(items, startTicket) as never,
      threads,
      final: (view) => {
        const received = view.records('home').filter((note) => note !== 'lost')
        for (const [slot, name] of names.entries()) {
          const got = received.map(Number).filter((item) => Math.floor(item / 100) === slot)
          if (got.some((item, i) => item !== slot * 100 + i)) return `${name}: received ${got.join()}`
          const put = view.records(name).length
          const isWhole = !view.wasKilled(name) && name !== cutOff
          if (got.length < put || (isWhole && got.length !== items[slot]) || (name === cutOff && got.length > put))
            return `${name} put ${put}, received ${got.length}`
        }
        const lost = view.records('home').length - received.length
        return lost > names.filter((name) => view.wasKilled(name) || name === cutOff).length
          ? `${lost} tickets lost`
          : undefined
      },
      ...bounds,
    }
  }
}

export const cases: readonly Case[] = [
  {
    id: 'one',
    name: 'one producer, six lengths, wrap, both asleep',
    bounds: 'preemptions unbounded',
    file: 'fan-in',
    scenario: fanIn({ lengths: [SIX] }, { invariant: positionsHold }),
  },
  {
    id: 'fine',
    name: 'one producer, a scheduling point at every plain access too',
    bounds: '2 preemptions',
    file: 'fan-in',
    scenario: fanIn({ lengths: [SIX] }, { granularity: 'access', preemptions: 2 }),
  },
  {
    id: 'batch',
    name: 'one producer, two records a publication',
    bounds: 'preemptions unbounded',
    file: 'fan-in',
    scenario: fanIn({ lengths: [SIX] }, {}, 2),
  },
  {
    id: '2^31',
    name: 'one producer, positions and counts pass 2^31',
    bounds: 'preemptions unbounded',
    file: 'fan-in',
    scenario: fanIn({ lengths: [SIX], start: NEAR_2_31 }, { invariant: positionsHold }),
  },
  {
    id: '2^32',
    name: 'one producer, positions and counts pass 2^32',
    bounds: 'preemptions unbounded',
    file: 'fan-in',
    scenario: fanIn({ lengths: [SIX], start: NEAR_2_32 }, { invariant: positionsHold }),
  },
  {
    id: 'kill',
    name: 'one producer, killed at any step',
    bounds: 'preemptions unbounded, 1 kill',
    file: 'fan-in',
    scenario: fanIn({ lengths: [SIX] }, { kills: { max: 1, threads: ['producer 0'] } }),
  },
  {
    id: 'two',
    name: 'two producers, either killed at any step',
    bounds: '1 preemption, 1 kill',
    file: 'fan-in',
    scenario: fanIn(
      { lengths: [[4, 24], [8]] },
      { preemptions: 1, kills: { max: 1, threads: ['producer 0', 'producer 1'] } },
    ),
  },
  {
    id: 'two kills',
    name: 'two producers, both killed at any step',
    bounds: '1 preemption, 2 kills',
    file: 'fan-in',
    scenario: fanIn(
      { lengths: [[4], [8]] },
      { preemptions: 1, kills: { max: 2, threads: ['producer 0', 'producer 1'] } },
    ),
  },
  {
    id: 'runs on',
    name: 'one producer that runs on after its end was told',
    bounds: 'preemptions unbounded',
    file: 'fan-in',
    scenario: runsOn([SIX]),
  },
  {
    id: 'one of two runs on',
    name: 'two producers, one runs on after its end was told',
    bounds: '2 preemptions',
    file: 'fan-in',
    scenario: runsOn([[24, 24, 4], [8]], { preemptions: 2 }),
  },
  {
    id: 'full',
    name: 'one producer, a ring full at every offset',
    bounds: 'preemptions unbounded',
    file: 'fan-in',
    scenario: fanIn({ lengths: [[4, 24, 8, 4, 24, 8]] }, { invariant: positionsHold }),
  },
  {
    id: 'two alive',
    name: 'two producers, nobody killed',
    bounds: '2 preemptions',
    file: 'fan-in',
    scenario: fanIn(
      {
        lengths: [
          [4, 24],
          [8, 4],
        ],
      },
      { preemptions: 2 },
    ),
  },
  {
    id: 'fan-out',
    name: 'the loop writes, a thread reads and sleeps, then shutdown',
    bounds: 'preemptions unbounded',
    file: 'fan-out',
    scenario: fanOut(SIX),
  },
  {
    id: 'shutdown',
    name: 'shutdown from a thread, racing put, take and counting off',
    bounds: 'preemptions unbounded',
    file: 'shutdown',
    scenario: shutdown([[24, 24, 24]], false, {}),
  },
  {
    id: 'join',
    name: 'shutdown from a thread, racing put, take and join',
    bounds: '3 preemptions',
    file: 'shutdown',
    scenario: shutdown([[24, 24]], true, { preemptions: 3 }),
  },
  {
    id: 'counting',
    name: 'two threads count off more than there is',
    bounds: 'preemptions unbounded',
    file: 'shutdown',
    scenario: counting,
  },
  {
    id: 'stopping',
    name: 'two threads shut down, one of them at once',
    bounds: 'preemptions unbounded',
    file: 'shutdown',
    scenario: stopping,
  },
  {
    id: 'arrival',
    name: 'two producers in order of arrival, tickets pass 2^31, either killed at any step',
    bounds: '1 preemption, 1 kill',
    file: 'arrival',
    scenario: arrival([2, 1], 2 ** 31 - 1, {
      preemptions: 1,
      kills: { max: 1, threads: ['producer 0', 'producer 1'] },
    }),
  },
  {
    id: 'arrival alive',
    name: 'two producers in order of arrival, nobody killed',
    bounds: '2 preemptions',
    file: 'arrival',
    scenario: arrival([1, 1], 0, { preemptions: 2 }),
  },
  {
    id: 'arrival runs on',
    name: 'two producers in order of arrival, one runs on after its end was told',
    bounds: '2 preemptions',
    file: 'arrival',
    scenario: arrival([2, 1], 0, { preemptions: 2 }, 'producer 0'),
  },
  ...fanInCases,
  ...fanOutCases,
]
