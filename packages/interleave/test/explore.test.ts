import { describe, expect, it } from 'vitest'
import { explore, replay, type Scenario, sample } from '../src/index.js'
import { passes, type Shared, scenarioOf } from './scenarios.js'

/** Neither thread is between 'in' and 'out' while the other one is. */
const oneInside: Scenario<Shared>['invariant'] = (view) =>
  ['left', 'right'].every((name) => view.records(name).at(-1) === 'in') ? 'both are inside' : undefined

for (const granularity of ['access', 'synchronisation'] as const) {
  describe(`with a scheduling point at every ${granularity}`, () => {
    it("passes Peterson's lock", () => {
      passes(
        scenarioOf(
          'mutual-exclusion',
          { left: 'petersonLeft', right: 'petersonRight' },
          { granularity, invariant: oneInside },
        ),
      )
    })

    it("finds both threads inside Peterson's lock with its stores exchanged", () => {
      const { failure } = explore(
        scenarioOf('mutual-exclusion', { left: 'swappedLeft', right: 'swappedRight' }, { granularity }),
      )
      expect(failure?.kind).toBe('data race')
    })

    it('passes the three-state futex lock with three threads', () => {
      passes(
        scenarioOf(
          'mutual-exclusion',
          { a: 'locked', b: 'locked', c: 'locked' },
          {
            granularity,
            preemptions: 3,
            final: (view, { counter }) =>
              view.read(counter, 0) === 6 ? undefined : `${view.read(counter, 0)} increments`,
          },
        ),
      )
    })

    it('finds both threads inside a lock that looks and takes in two steps', () => {
      const { failure } = explore(
        scenarioOf(
          'mutual-exclusion',
          { left: 'lockedInTwoSteps', right: 'lockedInTwoSteps' },
          { granularity, invariant: oneInside },
        ),
      )
      expect(failure?.kind).toBe('invariant')
      expect(failure?.message).toBe('both are inside')
    })

    it('finds the thread that sleeps on because an unlock does not notify', () => {
      const { failure } = explore(
        scenarioOf('mutual-exclusion', { left: 'neverNotifies', right: 'locked' }, { granularity }),
      )
      expect(failure?.kind).toBe('lost wake-up')
      expect(failure?.message).toContain('right sleeps at')
    })

    it('finds the race of two increments without a lock', () => {
      const { failure } = explore(
        scenarioOf('mutual-exclusion', { left: 'unlocked', right: 'unlocked' }, { granularity }),
      )
      expect(failure?.kind).toBe('data race')
      expect(failure?.message).toContain('are not ordered')
    })

    it('passes a message that is written before its flag', () => {
      const { ends } = passes(
        scenarioOf(
          'message-passing',
          { writer: 'writes', reader: 'reads' },
          { granularity, final: (view) => (view.records('reader')[0] === 42 ? undefined : 'another message') },
        ),
      )
      expect(ends).toBeGreaterThan(0)
    })

    it('finds a flag that is raised before the message is written', () => {
      const { failure } = explore(
        scenarioOf('message-passing', { writer: 'publishesFirst', reader: 'reads' }, { granularity }),
      )
      expect(failure?.kind).toBe('data race')
    })

    it('finds a flag that is stored plainly and read atomically', () => {
      const { failure } = explore(
        scenarioOf('message-passing', { writer: 'plainFlag', reader: 'reads' }, { granularity }),
      )
      expect(failure?.kind).toBe('data race')
      expect(failure?.message).toContain('flag+0')
    })

    it('finds the lost wake-up of a sleeper that does not look again', () => {
      const { failure } = explore(
        scenarioOf('message-passing', { writer: 'writes', reader: 'sleepsOnAnOldLook' }, { granularity }),
      )
      expect(failure?.kind).toBe('deadlock')
      expect(failure?.message).toContain('reader sleeps at')
    })

    it('finds the reader that nobody wakes', () => {
      const { failure } = explore(
        scenarioOf('message-passing', { writer: 'forgetsToNotify', reader: 'reads' }, { granularity }),
      )
      expect(failure?.kind).toBe('lost wake-up')
      expect(failure?.message).toMatch(/flag\+0 = 0, which is 1 by now/)
    })

    it('passes a waitAsync whose continuation is a task of its event loop', () => {
      passes(
        scenarioOf(
          'message-passing',
          { writer: 'writes', reader: 'readsOnItsLoop' },
          { granularity, final: (view) => (view.records('reader').join() === '42' ? undefined : 'not once') },
        ),
      )
    })

    it('finds the loop that nobody wakes', () => {
      const { failure } = explore(
        scenarioOf('message-passing', { writer: 'forgetsToNotify', reader: 'readsOnItsLoop' }, { granularity }),
      )
      expect(failure?.kind).toBe('deadlock')
      expect(failure?.message).toContain('waits in its event loop')
    })
  })
}

describe('threads that are killed', () => {
  it('finds the reader that waits for a writer that was killed', () => {
    const { failure } = explore(
      scenarioOf('message-passing', { writer: 'writes', reader: 'reads' }, { kills: { max: 1, threads: ['writer'] } }),
    )
    expect(failure?.message).toContain('reader sleeps at')
    expect(failure?.schedule).toContain('a!')
    expect(failure?.report).toContain('KILLED')
  })

  it('kills between any two plain accesses, and orders what was written before the news of the end', () => {
    const seen = new Set<number | string>()
    passes(
      scenarioOf(
        'message-passing',
        { writer: 'writes', reader: 'readsAfterItsEnd' },
        {
          kills: { max: 1, threads: ['writer'] },
          final: (view) => {
            for (const record of view.records('reader')) seen.add(record)
            return undefined
          },
        },
      ),
    )
    expect([...seen].sort()).toEqual([0, 41])
  })
})

describe('waits', () => {
  it('lets a wait with a timeout end each of the three ways', () => {
    const seen = new Set<string>()
    passes(
      scenarioOf(
        'message-passing',
        { writer: 'writes', waiter: 'times' },
        {
          final: (view) => {
            seen.add(String(view.records('waiter')[0]))
            return undefined
          },
        },
      ),
    )
    expect([...seen].sort()).toEqual(['not-equal', 'ok', 'timed-out'])
  })

  it('lets time pass when nothing else can happen, whatever the budget of timeouts', () => {
    passes(scenarioOf('message-passing', { waiter: 'times' }, { timeouts: 0 }))
  })
})

describe('a failure', () => {
  const broken = () => scenarioOf('message-passing', { writer: 'publishesFirst', reader: 'reads' })

  it('prints its run with the lines of the source', () => {
    const { failure } = explore(broken())
    expect(failure?.report).toContain('programs/message-passing.ts:')
    expect(failure?.report).toContain('Atomics.store(flag, FLAG, 1)')
    expect(failure?.report).toMatch(/store flag\+0 := 1/)
  })

  it('replays from its schedule', () => {
    const { failure } = explore(broken())
    expect(replay(broken(), failure!.schedule)?.kind).toBe(failure!.kind)
  })

  it('says so when a schedule does not fail, or does not fit', () => {
    const right = () => scenarioOf('message-passing', { writer: 'writes', reader: 'reads' })
    expect(replay(right(), 'a3 b1')).toBeUndefined()
    expect(() => replay(right(), 'a!')).toThrow(/does not fit: a! is not possible here/)
    expect(() => replay(right(), 'zz')).toThrow(/'zz' is no part of a schedule/)
  })

  it('is found by random runs too, and the same seed finds the same run', () => {
    const first = sample(broken(), { seed: 7, runs: 100 })
    const second = sample(broken(), { seed: 7, runs: 100 })
    expect(first.failure?.kind).toBe('data race')
    expect(second.failure?.schedule).toBe(first.failure?.schedule)
  })
})

describe('bounds', () => {
  const threads = { a: 'locked', b: 'locked' }

  it('explores more states with more preemptions', () => {
    const counts = [0, 1, 2].map(
      (preemptions) => passes(scenarioOf('mutual-exclusion', threads, { preemptions })).states,
    )
    expect(counts[0]!).toBeLessThan(counts[1]!)
    expect(counts[1]!).toBeLessThan(counts[2]!)
  })

  it('reaches the same ends at either granularity, in fewer states at the coarse one', () => {
    const fine = passes(scenarioOf('mutual-exclusion', threads, { granularity: 'access' }))
    const coarse = passes(scenarioOf('mutual-exclusion', threads, { granularity: 'synchronisation' }))
    expect(coarse.states).toBeLessThan(fine.states)
    expect(coarse.ends).toBe(fine.ends)
  })

  it('says that it is not complete when it stops at maxStates', () => {
    expect(explore(scenarioOf('mutual-exclusion', threads, { maxStates: 20 })).isComplete).toBe(false)
  })
})
