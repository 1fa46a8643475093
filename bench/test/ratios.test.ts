import { describe, expect, test } from 'vitest'
import type { Interleaved, Round, Sample } from '../src/harness/interleave.js'
import { ratioOf } from '../src/harness/ratios.js'

const near: Round = { markerNs: [60, 62], regime: 'near' }
const far: Round = { markerNs: [250, 255], regime: 'far' }
const changing: Round = { markerNs: [60, 255], regime: undefined }

const sample = (round: number, value: number, stolen: number | undefined = 0): Sample => ({
  round,
  value,
  stolen,
  items: 1,
  seconds: 1,
})

function interleaved(rounds: readonly Round[], ours: readonly Sample[], theirs: readonly Sample[]): Interleaved {
  return {
    rounds,
    samples: new Map([
      ['ours', ours],
      ['theirs', theirs],
    ]),
  }
}

const ratio = (data: Interleaved, options: { better?: 'higher' | 'lower'; crossesThreads?: boolean } = {}) =>
  ratioOf(data, 'ours', 'theirs', { better: 'higher', crossesThreads: true, ...options })

describe('ratioOf', () => {
  test('divides within each round and takes the median of the ratios', () => {
    const data = interleaved(
      [near, near, near],
      [sample(0, 20), sample(1, 300), sample(2, 4)],
      [sample(0, 10), sample(1, 100), sample(2, 1)],
    )
    expect(ratio(data)).toMatchObject({ median: 3, min: 2, max: 4, clean: 3, pairs: 3, regime: 'near' })
  })

  test('is above 1 for the better one also where lower is better', () => {
    const rounds = [near, near, near]
    const data = interleaved(
      rounds,
      rounds.map((_, i) => sample(i, 5)),
      rounds.map((_, i) => sample(i, 20)),
    )
    expect(ratio(data, { better: 'lower' })).toMatchObject({ median: 4 })
  })

  test('is refused from two clean pairs, and says why', () => {
    const data = interleaved(
      [near, near, near],
      [sample(0, 2), sample(1, 2), sample(2, 2, 0.5)],
      [sample(0, 1), sample(1, 1), sample(2, 1)],
    )
    expect(ratio(data)).toEqual({ refused: '2 of 3 pairs were clean, 3 are needed', pairs: 3, clean: 2 })
  })

  test('leaves out a pair that either side lost to others on the machine', () => {
    const rounds = [near, near, near, near]
    const data = interleaved(
      rounds,
      rounds.map((_, i) => sample(i, i === 1 ? 100 : 2)),
      rounds.map((_, i) => sample(i, 1, i === 1 ? 0.4 : 0)),
    )
    expect(ratio(data)).toMatchObject({ median: 2, max: 2, clean: 3, pairs: 4 })
  })

  test('keeps the two core-to-core regimes apart and drops rounds in which it changed', () => {
    const rounds = [near, far, near, changing, near, far]
    const values = [2, 9, 2, 50, 2, 9]
    const data = interleaved(
      rounds,
      rounds.map((_, i) => sample(i, values[i]!)),
      rounds.map((_, i) => sample(i, 1)),
    )
    expect(ratio(data)).toMatchObject({ median: 2, max: 2, clean: 3, regime: 'near' })
  })

  test('does not mind the regime where nothing crosses threads', () => {
    const rounds = [near, far, changing]
    const data = interleaved(
      rounds,
      rounds.map((_, i) => sample(i, 2)),
      rounds.map((_, i) => sample(i, 1)),
    )
    expect(ratio(data, { crossesThreads: false })).toMatchObject({ median: 2, clean: 3, regime: 'any' })
  })
})
