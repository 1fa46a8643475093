import { Bench } from 'tinybench'
import type { Digest } from './content.js'
import type { Measurement } from './measurement.js'

/**
 * Times a case that lives on one event loop with tinybench: `pass` moves `size` items, `passes` times over, and reports
 * what arrived and, where only a part of it is to be timed, how many milliseconds that part took.
 *
 * The mean over the passes is taken, not the median: garbage that a queue makes is a cost of that queue.
 */
export async function inThread(
  items: number,
  size: number,
  pass: (size: number) => Promise<{ digest: Digest; timedMs?: number }>,
): Promise<Measurement> {
  const passes = Math.max(1, Math.round(items / size))
  let count = 0
  let sum = 0
  let runs = 0
  const bench = new Bench({ iterations: passes, time: 0, warmup: false, throws: true })
  bench.add(
    'pass',
    async () => {
      const { digest, timedMs } = await pass(size)
      count += digest.count
      sum += digest.sum
      runs++
      return timedMs === undefined ? undefined : { overriddenDuration: timedMs }
    },
    { async: true },
  )
  await bench.run()
  const result = bench.tasks[0]!.result
  if (!('latency' in result)) throw new Error(`tinybench gave no statistics: ${result.state}`)
  const seconds = (result.latency.mean * runs) / 1000
  return { value: count / seconds, items: count, seconds, digest: { count, sum } }
}
