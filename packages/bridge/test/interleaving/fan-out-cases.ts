// Explorations of the shipped ends of a fan-out, whole (scenarios/whole-fan-out.ts).
import type { Program, Scenario, View } from '@millrace/interleave'
import type { Case } from './catalogue.js'
import type { Shared as BaseShared } from './scenarios/ends.js'
import type { Plan, Shared } from './scenarios/whole-fan-out.js'

/** What a thread does: takes so many items, then closes or shuts the queue down at once; or joins; or looks at the counts. */
type Job = { readonly takes: number; readonly shutsDown?: boolean } | 'joins' | 'watches'

const ALL: Job = { takes: 100 }
const NAMES = ['first', 'second', 'third']

function fanOut(jobs: readonly Job[], plan: Partial<Plan>, bounds: Partial<Scenario<Shared>> = {}) {
  return (program: Program): Scenario<BaseShared> => {
    const { setup, home, consumer, joiner, watcher } = program.exports as typeof import('./scenarios/whole-fan-out.js')
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
      start: 0,
      ...plan,
    }
    const threads: Record<string, (shared: Shared) => void> = { home }
    for (const [i, job] of jobs.entries()) {
      threads[NAMES[i]] = (shared) => {
        if (job === 'joins') return joiner(shared, i + 1)
        if (job === 'watches') return watcher(shared, i + 1)
        return consumer(shared, i + 1, job.takes, job.shutsDown === true)
      }
    }
    const mayDrop = whole.isImmediate || jobs.some((job) => typeof job === 'object' && job.shutsDown === true)
    return {
      program,
      setup: () => setup(whole),
      threads,
      final: (view: View) => endedOnce(view, whole, mayDrop, jobs),
      ...bounds,
    } as unknown as Scenario<BaseShared>
  }
}

/** Every item has ended in exactly one way, which the ledger has; nobody had one more often than may be. */
function endedOnce(
  view: View,
  { items, consumers, maxDeliveries }: Plan,
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

  const killed = consumers.filter((name) => view.wasKilled(name))
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
  for (const [i, name] of consumers.entries()) {
    if (jobs[i] === 'joins' && !notes.includes('joined') && !view.wasKilled(name)) return 'the join did not end'
  }
  return undefined
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
]
