// Explorations of the shipped ends of a fan-in, whole (scenarios/whole-fan-in.ts).
import type { Program, Scenario, View } from '@millrace/interleave'
import type { Case } from './catalogue.js'
import type { Shared as BaseShared } from './scenarios/ends.js'
import type { Plan, Shared } from './scenarios/whole-fan-in.js'

const NAMES = ['first', 'second']

function fanIn(items: number[], plan: Partial<Plan>, bounds: Partial<Scenario<Shared>> = {}) {
  return (program: Program): Scenario<BaseShared> => {
    const { setup, home, producer } = program.exports as typeof import('./scenarios/whole-fan-in.js')
    const whole: Plan = {
      producers: NAMES.slice(0, items.length),
      items,
      joins: items.map(() => 'no'),
      homeJoins: false,
      countsOff: 'no',
      layout: 'doubles',
      staysAlive: false,
      shutsDown: 'no',
      runsOn: false,
      start: 0,
      ...plan,
    }
    const threads: Record<string, (shared: Shared) => void> = { home }
    for (const [slot, name] of whole.producers.entries()) threads[name] = (shared) => producer(shared, slot)
    return {
      program,
      setup: () => setup(whole),
      threads,
      final: (view: View) => deliveredAll(view, whole),
      ...bounds,
    } as unknown as Scenario<BaseShared>
  }
}

/** Everything that a put returned for was taken, in order and once; who died is reported once; every join has ended. */
function deliveredAll(view: View, plan: Plan): string | undefined {
  const home = view.records('home')
  let lost = 0
  for (const [slot, name] of plan.producers.entries()) {
    const notes = view.records(name)
    const isDead = view.wasKilled(name) || (plan.runsOn && slot === 0)
    const put = notes.filter((note) => typeof note === 'number')
    const got = home.filter((item) => typeof item === 'number' && Math.floor(item / 100) === slot)
    if (got.some((item, i) => item !== slot * 100 + i)) return `${name}: received ${got.join()}`
    const mayMiss = plan.shutsDown === 'at once'
    if (got.length < put.length && !mayMiss) return `${name} put ${put.length} items, ${got.length} were received`
    // The last publication of a thread that was killed may be unsaid.
    if (got.length > put.length + (view.wasKilled(name) ? 1 : 0))
      return `${name} put ${put.length}, received ${got.length}`
    if (!isDead && plan.shutsDown === 'no' && put.length !== plan.items[slot]) return `${name} put only ${put.length}`
    if (!isDead && plan.joins[slot] !== 'no' && notes.at(-1) !== 'joined') return `the join of ${name} did not end`
    if (isDead) lost++
  }
  const reported = home.filter((note) => note === 'REMOTE_LOST').length
  if (reported > lost) return `${reported} producers are reported lost, ${lost} are`
  const isTaken = home.some((note) => typeof note === 'number')
  if (plan.homeJoins && isTaken && !home.includes('joined')) return 'the join of the home end did not end'
  if (plan.shutsDown !== 'no' && home.at(-1) !== 'QUEUE_SHUT_DOWN') return `the last get was told ${home.at(-1)}`
  return undefined
}

const file = 'whole-fan-in'

/** The given threads may be killed, one of them, at any step. */
function killed(preemptions: number, ...threads: string[]): Partial<Scenario<Shared>> {
  return { preemptions, kills: { max: 1, threads } }
}

export const fanInCases: readonly Case[] = [
  {
    id: 'fan-in two items',
    name: 'fan-in, shipped ends: two items wake the get() that waits, or follow it',
    bounds: '2 preemptions',
    file,
    scenario: fanIn([2], { staysAlive: true }, { preemptions: 2 }),
  },
  {
    id: 'fan-in wraps',
    name: 'fan-in, shipped ends: five items through a ring of two that is padded, positions and counts pass 2^31',
    bounds: '2 preemptions',
    file,
    scenario: fanIn([5], { layout: 'padded', countsOff: 'at once', start: 2 ** 31 - 40 }, { preemptions: 2 }),
  },
  {
    id: 'fan-in full',
    name: 'fan-in, shipped ends: five items through a ring of four, their producer stops while it is full',
    bounds: '1 preemption',
    file,
    scenario: fanIn([5], { staysAlive: true }, { preemptions: 1 }),
  },
  {
    id: 'fan-in two lanes',
    name: 'fan-in, shipped ends: two producers wake the get() that waits',
    bounds: '1 preemption',
    file,
    scenario: fanIn([1, 1], { layout: 'words', staysAlive: true }, { preemptions: 1 }),
  },
  {
    id: 'fan-in kill',
    name: 'fan-in, shipped ends: a producer killed at any step, also between its publication and its ring',
    bounds: '2 preemptions, 1 kill',
    file,
    scenario: fanIn([2], {}, killed(2, 'first')),
  },
  {
    id: 'fan-in runs on',
    name: 'fan-in, shipped ends: a producer that runs on after its end was told',
    bounds: '2 preemptions',
    file,
    scenario: fanIn([2], { runsOn: true, countsOff: 'at once' }, { preemptions: 2 }),
  },
  {
    id: 'fan-in runs on and joins',
    name: 'fan-in, shipped ends: a producer joins what nobody counts off, and runs on after its end was told',
    bounds: '2 preemptions',
    file,
    scenario: fanIn([1], { runsOn: true, joins: ['blocking'] }, { preemptions: 2 }),
  },
  {
    id: 'fan-in runs on and joins on loop',
    name: 'fan-in, shipped ends: a producer joins on its loop what nobody counts off, and runs on after its end was told',
    bounds: '2 preemptions',
    file,
    scenario: fanIn([1], { runsOn: true, joins: ['on its loop'] }, { preemptions: 2 }),
  },
  {
    id: 'fan-in stop',
    name: 'fan-in, shipped ends: shutdown, racing put and the get() that waits',
    bounds: '2 preemptions',
    file,
    scenario: fanIn([2], { shutsDown: 'draining' }, { preemptions: 2 }),
  },
  {
    id: 'fan-in stop words',
    name: 'fan-in, shipped ends: shutdown, racing put of what is no number',
    bounds: '2 preemptions',
    file,
    scenario: fanIn([1], { layout: 'words', shutsDown: 'draining' }, { preemptions: 2 }),
  },
  {
    id: 'fan-in drop',
    name: 'fan-in, shipped ends: shutdown at once, racing put and the get() that waits',
    bounds: '2 preemptions',
    file,
    scenario: fanIn([2], { shutsDown: 'at once' }, { preemptions: 2 }),
  },
  {
    id: 'fan-in join',
    name: 'fan-in, shipped ends: a producer and the home end join, which counts off; nobody shuts down',
    bounds: '2 preemptions',
    file,
    scenario: fanIn([2], { countsOff: 'later', joins: ['blocking'], homeJoins: true }, { preemptions: 2 }),
  },
  {
    id: 'fan-in join on loop',
    name: 'fan-in, shipped ends: a producer joins on its loop; nobody shuts down',
    bounds: '2 preemptions',
    file,
    scenario: fanIn([1], { countsOff: 'later', joins: ['on its loop'] }, { preemptions: 2 }),
  },
  {
    id: 'fan-in joins',
    name: 'fan-in, shipped ends: two producers join, one of them killed at any step; nobody shuts down',
    bounds: '0 preemptions, 1 kill',
    file,
    scenario: fanIn([1, 1], { countsOff: 'at once', joins: ['blocking', 'blocking'] }, killed(0, 'first')),
  },
]
