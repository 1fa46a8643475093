import { describe, expect, it } from 'vitest'
import { explore } from '../src/index.js'
import { Races } from '../src/races.js'
import { StateVector } from '../src/state.js'
import { VectorClocks } from '../src/vector-clocks.js'
import { passes, scenarioOf } from './scenarios.js'

const THREADS = 3
const WORDS = 4

/** Numbers from 0 to `below` - 1 that the seed decides. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** Any accesses in any order, threads that end and whose end is heard, up to the first race. @returns the steps until then */
function compare(seed: number): number {
  const random = randomFrom(seed)
  const living = new Set([0, 1, 2])
  const heard = new Set<number>()
  const races = new Races(new StateVector(), THREADS, () => true)
  races.isLive = (thread) => living.has(thread)
  // An ended thread counts until everybody who will hear of its end has.
  races.isRetained = (thread) => living.has(thread) || !heard.has(thread)
  const clocks = new VectorClocks(THREADS)
  const atomicShare = 2 + random(6)
  for (let step = 1; step <= 60; step++) {
    const thread = [...living][random(living.size)]!
    const word = random(WORDS)
    const says = `seed ${seed}, step ${step}`
    if (living.size > 1 && random(20) === 0) {
      living.delete(thread)
      const listener = [...living][random(living.size)]!
      races.join(listener, thread)
      clocks.join(listener, thread)
      heard.add(thread)
      races.drop(thread)
      continue
    }
    if (random(8) < atomicShare) {
      const reads = random(3) > 0
      const writes = !reads || random(2) === 0
      const found = races.atomic(thread, word, reads, writes)
      expect(found?.kind, says).toBe(clocks.atomic(thread, word, reads, writes)?.kind)
      if (found) return step
    } else {
      const isWrite = random(3) === 0
      const found = races.plain(thread, word, isWrite)
      const expected = clocks.plain(thread, word, isWrite)
      expect(found === undefined, says).toBe(expected === undefined)
      if (found) return step
    }
  }
  return 60
}

describe('the bits that fit into a state', () => {
  it('find the same races as vector clocks, at the same step', () => {
    const lengths = Array.from({ length: 30_000 }, (_, seed) => compare(seed))
    // Not all of them end at once: there is something to compare.
    expect(lengths.filter((steps) => steps >= 10).length).toBeGreaterThan(1000)
  })
})

describe('a race that no interleaving shows', () => {
  const oneInside = (threads: Record<string, string>, races: boolean) =>
    scenarioOf('mutual-exclusion', threads, {
      granularity: 'access',
      races,
      invariant: (view) =>
        ['left', 'right'].every((name) => view.records(name).at(-1) === 'in') ? 'both are inside' : undefined,
    })

  it("in Peterson's lock on plain words: right under sequential consistency, wrong on a machine that reorders", () => {
    const threads = { left: 'plainPetersonLeft', right: 'plainPetersonRight' }
    passes(oneInside(threads, false))
    const { failure } = explore(oneInside(threads, true))
    expect(failure?.kind).toBe('data race')
    expect(failure?.report).toMatch(
      /clock of (left|right): left \d+, right \d+; the plain (write|read) is access \d+ of/,
    )
  })

  it('in a message behind a plain flag: it always arrives whole, one step after the other', () => {
    const outcomes = new Set<string>()
    const scenario = (races: boolean) =>
      scenarioOf(
        'message-passing',
        { writer: 'raisesPlainly', reader: 'looksPlainly' },
        {
          granularity: 'access',
          races,
          final: (view) => {
            outcomes.add(view.records('reader').join())
            return undefined
          },
        },
      )
    passes(scenario(false))
    expect([...outcomes].sort()).toEqual(['42', 'nothing'])
    expect(explore(scenario(true)).failure?.kind).toBe('data race')
  })
})

it('hears of a thread whose end is asked for after it, and knows no more than that thread did', () => {
  const { failure } = explore(
    scenarioOf('message-passing', { writer: 'writesAndStays', ended: 'nothing', reader: 'hearsOfTheWrongEnd' }),
  )
  expect(failure?.kind).toBe('data race')
})
