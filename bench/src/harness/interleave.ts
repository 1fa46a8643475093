import { assertDigest } from './content.js'
import { type CoreLatencyMarker, type Regime, regimeOf } from './core-latency.js'
import { readCpuTimes, stolenShare } from './cpu-accounting.js'
import type { Contender, Group } from './group.js'
import type { Measurement } from './measurement.js'

/** One contender's run within a round. */
export interface Sample extends Measurement {
  readonly round: number
  /** How much others spoiled it, 0 to 1: see `stolenShare`. */
  readonly stolen: number | undefined
}

export interface Round {
  /** One-way core-to-core nanoseconds before and after. */
  readonly markerNs: readonly [number, number]
  /** Undefined when the regime changed within the round: its pairs are not clean. */
  readonly regime: Regime | undefined
}

export interface Interleaved {
  readonly rounds: readonly Round[]
  readonly samples: ReadonlyMap<string, readonly Sample[]>
}

export interface InterleaveOptions {
  readonly rounds: number
  readonly marker: CoreLatencyMarker
  /** How many items each contender runs with. */
  readonly itemsOf: (contender: Contender) => number
  /** How many items it runs with, unmeasured, twice before that; undefined for no such runs. */
  readonly warmUpOf: ((contender: Contender) => number) | undefined
  readonly seed: number
  readonly onProgress: (text: string) => void
}

/** Runs every contender once per round, in an order drawn anew for each round, the marker read before and after. */
export async function interleave(
  group: Group,
  contenders: readonly Contender[],
  { rounds, marker, itemsOf, warmUpOf, seed, onProgress }: InterleaveOptions,
): Promise<Interleaved> {
  const samples = new Map<string, Sample[]>(contenders.map((contender) => [contender.name, []]))
  const random = mulberry32(seed)
  const finished: Round[] = []
  for (let round = 0; round < rounds; round++) {
    const before = marker.measure()
    for (const contender of shuffled(contenders, random)) {
      // One contender's garbage is not to be collected in another's time. A full collection also throws optimized code
      // away, so each runs itself warm again before the clock starts: twice, for what comes at the end of a run is compiled only
      // once that has been seen, and code that meets it before is thrown away.
      onProgress(`round ${round + 1} of ${rounds}: ${contender.name}`)
      globalThis.gc?.()
      if (warmUpOf !== undefined) {
        await sampleOnce(group, contender, warmUpOf(contender), round)
        await sampleOnce(group, contender, warmUpOf(contender), round)
      }
      samples.get(contender.name)!.push(await sampleOnce(group, contender, itemsOf(contender), round))
    }
    const after = marker.measure()
    finished.push({
      markerNs: [before, after],
      regime: regimeOf(before) === regimeOf(after) ? regimeOf(before) : undefined,
    })
  }
  return { rounds: finished, samples }
}

/** One checked run. */
export async function sampleOnce(group: Group, contender: Contender, items: number, round: number): Promise<Sample> {
  const before = readCpuTimes()
  const measurement = await contender.run(items)
  const stolen = stolenShare(before, readCpuTimes(), contender.elsewhere)
  if (group.expected !== undefined) {
    assertDigest(measurement.digest, group.expected(measurement.items), `${group.name}, ${contender.name}`)
  }
  return { ...measurement, round, stolen }
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const order = [...values]
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[order[last], order[other]] = [order[other]!, order[last]!]
  }
  return order
}

/** A small seeded generator, so that a run's order can be repeated. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
