import type { Worker } from 'node:worker_threads'
import { ContentError } from '../harness/content.js'
import type { Contender, Group } from '../harness/group.js'
import { Latencies } from '../harness/latencies.js'
import type { BridgeModule, Subject } from '../harness/subject.js'
import type { LatencyData } from './latency.worker.js'
import { startThread } from './threads.js'

/** Records how long ago each item was sent; refuses one that came before an earlier one. */
class Arrivals {
  readonly latencies: Latencies
  #last = 0

  constructor(readonly due: number) {
    this.latencies = new Latencies(due)
  }

  /** @returns whether it was the last one */
  accept(sentAtNs: number): boolean {
    const now = Number(process.hrtime.bigint())
    if (sentAtNs <= this.#last) throw new ContentError(`an item sent at ${sentAtNs} arrived after one of ${this.#last}`)
    this.#last = sentAtNs
    this.latencies.record((now - sentAtNs) / 1000)
    return this.latencies.count === this.due
  }
}

async function measured(items: number, receive: (arrivals: Arrivals) => Promise<void>) {
  const arrivals = new Arrivals(items)
  const startedAt = performance.now()
  await receive(arrivals)
  const seconds = (performance.now() - startedAt) / 1000
  const metrics = arrivals.latencies.metrics()
  const { count } = arrivals.latencies
  return {
    value: metrics.p50!,
    items,
    seconds,
    digest: { count, sum: 0 },
    metrics,
    series: arrivals.latencies.series(),
  }
}

function millrace(subject: Subject, gapUs: number): Contender {
  let queue: InstanceType<BridgeModule['FanInQueue']>
  let worker: Worker
  return {
    name: 'millrace',
    kind: 'subject',
    how: 'FanInQueue with float64(); putBlocking() in the thread, for await on the loop',
    async prepare() {
      queue = new subject.bridge.FanInQueue({ codec: subject.bridge.float64() as never })
      const entry = subject.entry('@millrace/bridge/worker')
      worker = await startThread('bridge/latency', { gapUs, entry, handle: queue.producer() } satisfies LatencyData)
    },
    run: (items) =>
      measured(items, async (arrivals) => {
        worker.postMessage({ items })
        for await (const sentAt of queue) if (arrivals.accept(sentAt as number)) break
      }),
    async dispose() {
      queue.shutdown({ immediate: true })
      await worker.terminate()
    },
  }
}

function postMessage(gapUs: number): Contender {
  let worker: Worker
  return {
    name: 'postMessage',
    kind: 'platform',
    how: 'parentPort.postMessage(number), worker.on("message")',
    async prepare() {
      worker = await startThread('bridge/latency', { gapUs } satisfies LatencyData)
    },
    run: (items) =>
      measured(
        items,
        (arrivals) =>
          new Promise((resolve, reject) => {
            const onMessage = (sentAt: number) => {
              try {
                if (!arrivals.accept(sentAt)) return
                worker.off('message', onMessage)
                resolve()
              } catch (error) {
                reject(error)
              }
            }
            worker.on('message', onMessage)
            worker.postMessage({ items })
          }),
      ),
    dispose: async () => void (await worker.terminate()),
  }
}

const common = {
  unit: 'µs (p50)',
  better: 'lower',
  crossesThreads: true,
  expected: (items: number) => ({ count: items, sum: 0 }),
} as const

export const latencyIdle: Group = {
  ...common,
  name: 'bridge/latency-idle',
  title: 'from put in a thread to the handler on an event loop that sleeps: an item every 2 ms',
  smokeItems: 100,
  fixedItems: { quick: 150, full: 1_000 },
  goals: [
    {
      of: 'millrace',
      text: 'wake of an idle loop, p50, not above that of postMessage',
      against: ['postMessage'],
      atLeast: 1,
    },
  ],
  contenders: (subject) => [millrace(subject, 2_000), postMessage(2_000)],
}

export const latencyBusy: Group = {
  ...common,
  name: 'bridge/latency-dense',
  title: 'the same in dense traffic: an item every 20 µs',
  smokeItems: 200,
  fixedItems: { quick: 10_000, full: 50_000 },
  goals: [{ of: 'millrace', text: 'µs, p50 of dense traffic', metric: 'p50', atMost: 10 }],
  contenders: (subject) => [millrace(subject, 20), postMessage(20)],
}
