import type { Meter } from './meter.js'
import type { Gauge } from './stats.js'

export interface Advice {
  readonly bottleneck: string | null
  readonly advice: string
}

/** Two utilisations this close are told apart by whose queue is fuller. */
const tie = 0.05

const remedies: Record<Gauge['limit'], string> = {
  rate: 'its rate limit holds it; raise `rate`',
  concurrency: 'raise its `concurrency` if it waits for I/O, or move it to threads with mapThreads if it computes',
  threads: 'raise its `threads`, up to the number of cores',
}

/**
 * Names what everything else waits for.
 *
 * In a chain of bounded queues the slowest link is at work all the time, while those above it wait for room and those below it for
 * items. So the bottleneck is the link with the highest utilisation; of two that are equally busy the one with the fuller queue in
 * front of it, because that one is the reason why the other has to wait next.
 */
export function advise(source: Meter, stages: readonly Gauge[], consumer: Meter, now: number): Advice {
  const links = [
    {
      name: 'source',
      meter: source,
      fullness: 0,
      remedy: 'every stage waits for it; nothing in the pipeline makes it faster',
    },
    ...stages.map((stage) => ({
      name: stage.name,
      meter: stage.meter,
      fullness: stage.queued() / stage.queueSize,
      remedy: remedies[stage.limit],
    })),
    {
      name: 'consumer',
      meter: consumer,
      fullness: 0,
      remedy: 'the body of the `for await` takes the time; make it a stage',
    },
  ].map((link) => ({ ...link, utilisation: link.meter.pace(now).utilisation }))
  let worst = links[0]
  for (const link of links) {
    const ahead = link.utilisation - worst.utilisation
    if (ahead > tie || (ahead >= -tie && link.fullness > worst.fullness)) worst = link
  }
  if (worst.utilisation === 0) return { bottleneck: null, advice: 'nothing has moved yet' }
  const percent = Math.round(worst.utilisation * 100)
  return { bottleneck: worst.name, advice: `'${worst.name}' is busy ${percent} % of the time: ${worst.remedy}` }
}
