import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { killRound, newTally } from './kill-stress.js'
import { Random } from './random.js'

// npm run stress runs this for longer, from another seed: MILLRACE_STRESS_SECONDS, MILLRACE_STRESS_SEED.
const seconds = Number(process.env.MILLRACE_STRESS_SECONDS ?? 15)
const seed = Number(process.env.MILLRACE_STRESS_SEED ?? 20_240_817)

describe(`threads that end at any moment, seed ${seed}`, () => {
  it('nobody is left waiting, nothing published is lost, nothing is damaged', {
    timeout: seconds * 1000 + 60_000,
  }, async () => {
    const tally = newTally()
    const random = new Random(seed)
    const until = performance.now() + seconds * 1000
    // Whatever the machine: the same rounds first.
    while (tally.rounds < 20 || performance.now() < until) await killRound(random, tally)
    mkdirSync('.reports', { recursive: true })
    writeFileSync('.reports/stress.json', `${JSON.stringify({ seed, seconds, ...tally }, null, 2)}\n`)
    expect(tally.problems).toEqual([])
    expect({ wedged: tally.wedged, corrupt: tally.corrupt, lost: tally.lost }).toEqual({
      wedged: 0,
      corrupt: 0,
      lost: 0,
    })
    expect(tally.records).toBeGreaterThan(0)
  })
})
