// Explorations of the shipped ends of a fan-out, whole (scenarios/whole-fan-out.ts).
import type { Program, Scenario, View } from '@millrace/interleave'
import { acceptedWord, DONE, DROPPED, doneWord, SLOTS } from '../../src/layout.js'
import type { Case } from './catalogue.js'
import type { Shared as BaseShared } from './scenarios/ends.js'
import type { Plan, Shared } from './scenarios/whole-fan-out.js'

/**
 * What a thread does: takes so many items, each counted off before the next or so many held and counted off together, then closes, shuts
 * the queue down at once before that, or waits for so many others to join; or joins; or joins on its loop and takes there; or looks at the
 * counts.
 */
type Job =
  | { readonly takes: number; readonly shutsDown?: boolean; readonly awaitsJoins?: number; readonly holds?: number }
  | 'joins'
  | 'joins and takes'
  | 'watches'

const ALL: Job = { takes: 100 }
const NAMES = ['first', 'second', 'third']

function fanOut(jobs: readonly Job[], plan: Partial<Plan>, bounds: Partial<Scenario<Shared>> = {}) {
  return (program: Program): Scenario<BaseShared> => {
    const { setup, home, consumer, joiner, loop, watcher } =
      program.exports as typeof import('./scenarios/whole-fan-out.js')
    const consumers = NAMES.slice(0, jobs.length)
    const whole: Plan = {
      items: 1,
      consumers,
      atOnce: jobs.length,
      prefetch: 1,
      maxDeliveries: 2,
      isRun: false,
      isImmediate: false,
      isWatched: jobs.includes('watches'),
      staysOpen: false,
      homeJoins: false,
      runsOn: false,
      start: 0,
      ...plan,
    }
    const threads: Record<string, (shared: Shared) => void> = { home }
    for (const [i, job] of jobs.entries()) {
      threads[NAMES[i]] = (shared) => {
        if (job === 'joins') return joiner(shared, i + 1)
        if (job === 'joins and takes') return loop(shared, i + 1)
        if (job === 'watches') return watcher(shared, i + 1)
        return consumer(shared, i + 1, job.takes, job.shutsDown === true, job.awaitsJoins ?? 0, job.holds ?? 1)
      }
    }
    const mayDrop = whole.isImmediate || jobs.some((job) => typeof job === 'object' && job.shutsDown === true)
    return {
      program,
      setup: () => setup(whole),
      threads,
      final: (view: View, shared: Shared) => endedOnce(view, whole, mayDrop, jobs) ?? countsAddUp(view, shared),
      ...bounds,
    } as unknown as Scenario<BaseShared>
  }
}

/** Every item has ended in exactly one way, which the ledger has; nobody had one more often than may be. */
function endedOnce(
  view: View,
  { items, consumers, maxDeliveries, homeJoins, runsOn }: Plan,
  mayDrop: boolean,
  jobs: readonly Job[],
): string | undefined {
  const home = view.records('home').map(String)
  const [ledger, ...more] = home.filter((note) => note.startsWith('put '))
  if (ledger === undefined || more.length > 0) return 'the ledger was closed never or twice'
  const count = (key: string) => Number(new RegExp(`${key} (\\d+)`).exec(ledger)?.[1])
  const [put, acknowledged, dropped] = [count('put'), count('acknowledged'), count('dropped')]
  if (!mayDrop && (put !== items || dropped > 0 || count('failed') > 0)) return `${ledger} of ${items}`
  if (put !== acknowledged + dropped + count('poisoned') + count('failed')) return ledger

  if (homeJoins && !home.includes('joined')) return 'the join of the home end did not end'
  const killed = consumers.filter((name) => view.wasKilled(name))
  for (const [i, name] of consumers.entries()) {
    const joins = jobs[i] === 'joins' || jobs[i] === 'joins and takes'
    if (joins && !view.wasKilled(name) && !view.records(name).some((note) => note === 'joined' || note === 'closed'))
      return `the join of ${name} did not end`
  }
  if (runsOn) return endedOnceAlthough(view, items, consumers, home)
  const notes = consumers.flatMap((name) => view.records(name).map(String))
  let done = 0
  for (let item = 0; item < items; item++) {
    const times = (note: string) => notes.filter((each) => each === `${note} ${item}`).length
    if (times('took') > Math.min(maxDeliveries, 1 + killed.length))
      return `item ${item} was taken ${times('took')} times`
    if (times('done') > 1) return `item ${item} was done ${times('done')} times`
    done += times('done')
  }
  // Killed after it had counted an item off and before it could say so.
  for (const name of killed) {
    const counted = home.find((note) => note.startsWith(`${name} counted off `))
    done +=
      Number(counted?.split(' ').at(-1)) - view.records(name).filter((note) => String(note).startsWith('done')).length
  }
  if (done !== acknowledged) return `${done} done, ${ledger}`
  return undefined
}

/** The first consumer ran on after its end was told: what it had counted off by then nobody else gets, all the rest the second one. */
function endedOnceAlthough(
  view: View,
  items: number,
  [first, second]: readonly string[],
  home: readonly string[],
): string | undefined {
  const numberAfter = (start: string) =>
    Number(home.find((note) => note.startsWith(start))?.slice(start.length) ?? items)
  const counted = numberAfter(`${first} counted off `)
  const taken = view.records(first).filter((note) => String(note).startsWith('took')).length
  if (taken > numberAfter(`${first} took `)) return `${first} took ${taken} items, some after its end was told`
  for (let item = 0; item < items; item++) {
    const times = (name: string, note: string) =>
      view.records(name).filter((each) => String(each) === `${note} ${item}`).length
    if (times(first, 'took') > 1 || times(second, 'took') > 1)
      return `item ${item} was taken twice by the same consumer`
    if (item < counted && times(second, 'took') > 0) return `item ${item} was done and taken again`
    if (times(first, 'done') + times(second, 'done') === 0) return `item ${item} was not done`
  }
  return undefined
}

/** In the end exactly as many items have left the counts as came into them, also after what a thread wrote late. */
function countsAddUp(view: View, { made }: Shared): string | undefined {
  const hub = new Int32Array(made[0])
  let unfinished = -view.read(hub, DONE) - view.read(hub, DROPPED)
  for (let slot = 0; slot < view.read(hub, SLOTS); slot++)
    unfinished += view.read(hub, acceptedWord(slot)) - view.read(hub, doneWord(slot))
  return (unfinished | 0) === 0 ? undefined : `${unfinished | 0} unfinished in the end`
}

const file = 'whole-fan-out'

export const fanOutCases: readonly Case[] = [
  {
    id: 'fan-out one',
    name: 'fan-out, shipped ends: one item, one consumer, put, take, count off, drain',
    bounds: 'preemptions unbounded',
    file,
    scenario: fanOut([ALL], {}),
  },
  {
    id: 'fan-out counts',
    name: 'fan-out, shipped ends: two items, one waits at home, a thread watches the counts',
    bounds: '2 preemptions',
    file,
    scenario: fanOut([ALL, 'watches'], { items: 2, atOnce: 1 }, { preemptions: 2 }),
  },
  {
    id: 'fan-out wraps',
    name: 'fan-out, shipped ends: six items through a ring of four, counts and positions pass 2^31',
    bounds: '1 preemption',
    file,
    scenario: fanOut([ALL], { items: 6, prefetch: 9, start: 2 ** 31 - 40 }, { preemptions: 1 }),
  },
  {
    id: 'fan-out room',
    name: 'fan-out, shipped ends: six items for a consumer that holds them all, in a ring of four',
    bounds: '1 preemption',
    file,
    scenario: fanOut([{ takes: 6, holds: 6 }], { items: 6, prefetch: 6, staysOpen: true }, { preemptions: 1 }),
  },
  {
    id: 'fan-out room kill',
    name: 'fan-out, shipped ends: the same, killed at any step, another one joins and gets them',
    bounds: '0 preemptions, 1 kill',
    file,
    scenario: fanOut(
      [{ takes: 6, holds: 6 }, 'joins and takes'],
      { items: 6, prefetch: 6, atOnce: 1, staysOpen: true },
      { preemptions: 0, kills: { max: 1, threads: ['first'] } },
    ),
  },
  {
    id: 'fan-out kill',
    name: 'fan-out, shipped ends: a consumer killed at any step, another one gets what it held',
    bounds: '1 preemption, 1 kill',
    file,
    scenario: fanOut([ALL, ALL], { items: 2, atOnce: 1 }, { preemptions: 1, kills: { max: 1, threads: ['first'] } }),
  },
  {
    id: 'fan-out two',
    name: 'fan-out, shipped ends: two consumers at once, one killed at any step',
    bounds: '0 preemptions, 1 kill',
    file,
    scenario: fanOut([ALL, ALL], { items: 3, prefetch: 2 }, { preemptions: 0, kills: { max: 1, threads: ['first'] } }),
  },
  {
    id: 'fan-out poison',
    name: 'fan-out, shipped ends: an item that may be delivered once, its consumer killed at any step',
    bounds: '1 preemption, 1 kill',
    file,
    scenario: fanOut(
      [ALL, ALL],
      { items: 1, atOnce: 1, maxDeliveries: 1 },
      { preemptions: 1, kills: { max: 1, threads: ['first'] } },
    ),
  },
  {
    id: 'fan-out run',
    name: 'fan-out, shipped ends: a run of three in one record, its consumer killed at any step, another one gets the rest',
    bounds: '0 preemptions, 1 kill',
    file,
    scenario: fanOut(
      [ALL, ALL],
      { items: 3, prefetch: 3, atOnce: 1, isRun: true },
      { preemptions: 0, kills: { max: 1, threads: ['first'] } },
    ),
  },
  {
    id: 'fan-out share',
    name: 'fan-out, shipped ends: a run shared out to two consumers, the rest waits at home',
    bounds: '1 preemption',
    file,
    scenario: fanOut([ALL, ALL], { items: 5, prefetch: 2, isRun: true }, { preemptions: 1 }),
  },
  {
    id: 'fan-out run drop',
    name: 'fan-out, shipped ends: shutdown at once, racing claims of several items',
    bounds: '3 preemptions',
    file,
    scenario: fanOut([ALL], { items: 3, prefetch: 3, isRun: true, isImmediate: true }, { preemptions: 3 }),
  },
  {
    id: 'fan-out drop',
    name: 'fan-out, shipped ends: shutdown at once, racing take and counting off',
    bounds: '3 preemptions',
    file,
    scenario: fanOut([ALL], { items: 2, prefetch: 2, isImmediate: true }, { preemptions: 3 }),
  },
  {
    id: 'fan-out stop',
    name: 'fan-out, shipped ends: a consumer shuts down at once, racing put, take and join',
    bounds: '1 preemption',
    file,
    scenario: fanOut([{ takes: 1, shutsDown: true }, 'joins'], { items: 2, prefetch: 1 }, { preemptions: 1 }),
  },
  {
    id: 'fan-out join',
    name: 'fan-out, shipped ends: a consumer joins, another one counts off; nobody shuts down',
    bounds: '2 preemptions',
    file,
    scenario: fanOut(
      [{ takes: 2, awaitsJoins: 1 }, 'joins'],
      { items: 2, prefetch: 2, atOnce: 1, staysOpen: true },
      { preemptions: 2 },
    ),
  },
  {
    id: 'fan-out joins',
    name: 'fan-out, shipped ends: two consumers join, a third one counts off; nobody shuts down',
    bounds: '1 preemption',
    file,
    scenario: fanOut(
      [{ takes: 1, awaitsJoins: 2 }, 'joins', 'joins'],
      { items: 1, atOnce: 1, staysOpen: true },
      { preemptions: 1 },
    ),
  },
  {
    id: 'fan-out join kill',
    name: 'fan-out, shipped ends: a consumer and the home end join, the consumer on its loop, where it takes what another one held that is killed at any step',
    bounds: '0 preemptions, 1 kill',
    file,
    scenario: fanOut(
      [{ takes: 2 }, 'joins and takes'],
      { items: 2, prefetch: 2, atOnce: 1, staysOpen: true, homeJoins: true },
      { preemptions: 0, kills: { max: 1, threads: ['first'] } },
    ),
  },
  {
    id: 'fan-out runs on',
    name: 'fan-out, shipped ends: a consumer that runs on after its end was told, another one gets its slot and what it held',
    bounds: '1 preemption',
    file,
    scenario: fanOut([ALL, ALL], { items: 2, prefetch: 1, atOnce: 1, runsOn: true }, { preemptions: 1 }),
  },
  {
    id: 'fan-out runs on and joins',
    name: 'fan-out, shipped ends: a consumer joins and runs on after its end was told, another one gets what its lane held',
    bounds: '1 preemption',
    file,
    scenario: fanOut(['joins', ALL], { items: 1, atOnce: 1, runsOn: true }, { preemptions: 1 }),
  },
  {
    id: 'fan-out runs on with two',
    name: 'fan-out, shipped ends: a consumer with two items runs on after its end was told, another one gets its slot and what it held',
    bounds: '1 preemption',
    file,
    scenario: fanOut([ALL, ALL], { items: 2, prefetch: 2, atOnce: 1, runsOn: true }, { preemptions: 1 }),
  },
]
