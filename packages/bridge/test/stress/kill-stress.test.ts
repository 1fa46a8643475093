import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { killConsumers } from './consumers.js'
import { killProducers } from './producers.js'
import { Random } from './random.js'
import { newTally, type Tally } from './tally.js'

// npm run stress runs this for longer, from another seed: MILLRACE_STRESS_SECONDS, MILLRACE_STRESS_SEED.
const seconds = Number(process.env.MILLRACE_STRESS_SECONDS ?? 15)
const seed = Number(process.env.MILLRACE_STRESS_SEED ?? 20_240_817)
/** Rounds under way at once: threads that start leave much of a core to others. */
const AT_ONCE = 3

/** Rounds of this run; each has a seed of its own, so that it can be run again alone. */
async function runRounds(milliseconds: number): Promise<{ fanIn: Tally; fanOut: Tally }> {
  const tallies = { fanIn: newTally(), fanOut: newTally() }
  const until = performance.now() + milliseconds
  let next = 0
  const rounds = async (): Promise<void> => {
    // Whatever the machine: the same rounds first.
    while (next < 20 || performance.now() < until) {
      const round = next++
      const random = new Random(seed + round)
      if (round % 2 === 0) await killProducers(random, tallies.fanIn)
      else await killConsumers(random, tallies.fanOut)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, rounds))
  return tallies
}

describe(`threads that end at any moment, seed ${seed}`, () => {
  it('nobody is left waiting, nothing published is lost, nothing is damaged', {
    timeout: seconds * 1000 + 90_000,
  }, async () => {
    const startedAt = performance.now()
    const { fanIn, fanOut } = await runRounds(seconds * 1000)
    mkdirSync('.reports/stress', { recursive: true })
    const report = { seed, seconds: Math.round((performance.now() - startedAt) / 1000), fanIn, fanOut }
    writeFileSync(`.reports/stress/${seed}.json`, `${JSON.stringify(report, null, 2)}\n`)
    for (const { problems, wedged, corrupt, lost, records } of [fanIn, fanOut]) {
      expect(problems).toEqual([])
      expect({ wedged, corrupt, lost }).toEqual({ wedged: 0, corrupt: 0, lost: 0 })
      expect(records).toBeGreaterThan(0)
    }
  })
})
