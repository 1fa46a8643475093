import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FifoStorage } from '../../src/index.js'

type Step =
  | { readonly kind: 'push' | 'shift' | 'unshift'; readonly count: number }
  | { readonly kind: 'clear' }
  | { readonly kind: 'idle' }

// The last of these fill chunks of the largest kind, of 16,384 slots, with one push or two.
const counts = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 3000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 10_000, max: 40_000 }) },
)
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), count: counts }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('shift' as const), count: counts }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unshift' as const), count: counts }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('idle' as const) }) },
)

describe('the first-in-first-out storage', () => {
  it('holds what an array would hold, through its small ring, its chain of rings and back', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 30 }), (schedule) => {
        const storage = new FifoStorage<number>()
        const naive: number[] = []
        // What is put back came before, as the queue puts back only what it took: without a push there is no time to tell.
        let next = 0
        storage.push(next)
        naive.push(next++)
        for (const step of schedule) {
          if (step.kind === 'clear') expect(storage.clear()).toEqual(naive.splice(0))
          else if (step.kind === 'idle') storage.idle()
          else if (step.kind === 'push') {
            for (let i = 0; i < step.count; i++) {
              storage.push(next)
              naive.push(next++)
            }
          } else if (step.kind === 'unshift') {
            const added = Array.from({ length: step.count }, () => next++)
            for (const item of [...added].reverse()) storage.unshift(item)
            naive.splice(0, 0, ...added)
          } else {
            const count = Math.min(step.count, naive.length)
            expect(Array.from({ length: count }, () => storage.shift())).toEqual(naive.splice(0, count))
          }
          expect(storage.size).toBe(naive.length)
          if (naive.length > 0) expect(storage.peek()).toBe(naive[0])
          expect(storage.oldestAt() === undefined).toBe(naive.length === 0)
        }
        expect(storage.clear()).toEqual(naive)
      }),
      { numRuns: 300 },
    )
  })
})
