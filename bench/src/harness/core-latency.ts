import { Worker } from 'node:worker_threads'
import { workerFile } from './worker-file.js'

const BALL = 0
const DOORBELL = 32
const ROUND_TRIPS = 2_000
const SERIES = 5

/** Above this one-way latency the two cores do not share their nearest cache: every cross-thread figure shifts with it. */
export const FAR_NS = 120
export type Regime = 'near' | 'far'
export const regimeOf = (oneWayNs: number): Regime => (oneWayNs < FAR_NS ? 'near' : 'far')

/**
 * The core-to-core latency marker: two threads hand an Int32 to and fro by spinning. A host that moves the cores apart
 * changes it two- to fivefold, and with it every figure that crosses threads, so figures from different regimes are
 * never divided by each other.
 */
export class CoreLatencyMarker {
  readonly #words = new Int32Array(new SharedArrayBuffer(512))
  readonly #worker = new Worker(workerFile('harness/core-latency'), {
    workerData: this.#words.buffer,
    execArgv: [],
  })

  async ready(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#worker.once('online', resolve)
      this.#worker.once('error', reject)
    })
    this.#worker.unref()
    return this
  }

  /** One-way nanoseconds: the least of five short series, so that a preemption does not look like a regime. About 3 ms. */
  measure(): number {
    const words = this.#words
    const oneWay: number[] = []
    Atomics.store(words, BALL, 0)
    Atomics.store(words, DOORBELL, 1)
    Atomics.notify(words, DOORBELL)
    this.#roundTrip(0)
    for (let series = 0; series < SERIES; series++) {
      const first = 2 + series * ROUND_TRIPS * 2
      const startedAt = process.hrtime.bigint()
      for (let trip = 0; trip < ROUND_TRIPS; trip++) this.#roundTrip(first + trip * 2)
      oneWay.push(Number(process.hrtime.bigint() - startedAt) / (ROUND_TRIPS * 2))
    }
    Atomics.store(words, BALL, -1)
    while (Atomics.load(words, DOORBELL) !== 0);
    return Math.min(...oneWay)
  }

  #roundTrip(from: number): void {
    Atomics.store(this.#words, BALL, from + 1)
    while (Atomics.load(this.#words, BALL) !== from + 2);
  }

  async close(): Promise<void> {
    Atomics.store(this.#words, DOORBELL, 2)
    Atomics.notify(this.#words, DOORBELL)
    await this.#worker.terminate()
  }
}
