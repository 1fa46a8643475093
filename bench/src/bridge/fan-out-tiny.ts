import type { Worker } from 'node:worker_threads'
import { digestOfSequence } from '../harness/content.js'
import type { Contender, Group } from '../harness/group.js'
import type { Measurement } from '../harness/measurement.js'
import type { BridgeModule, Subject } from '../harness/subject.js'
import type { TinyData } from './fan-out-tiny.worker.js'
import { startThread } from './threads.js'

const THREADS = 2

/** Two threads, and what each of them has had. */
class Crew {
  readonly workers: Worker[] = []
  private readonly sums: Float64Array[] = []

  async start(dataOf: () => Omit<TinyData, 'sums'>): Promise<void> {
    for (let i = 0; i < THREADS; i++) {
      const sums = new SharedArrayBuffer(16)
      this.sums.push(new Float64Array(sums))
      this.workers.push(await startThread('bridge/fan-out-tiny', { ...dataOf(), sums } satisfies TinyData))
    }
  }

  async timed(items: number, run: () => Promise<void>): Promise<Measurement> {
    for (const sums of this.sums) sums.fill(0)
    const startedAt = performance.now()
    await run()
    const seconds = (performance.now() - startedAt) / 1000
    const digest = { count: 0, sum: 0 }
    for (const [count, sum] of this.sums as unknown as [number, number][]) {
      digest.count += count
      digest.sum += sum
    }
    return { value: items / seconds, items, seconds, digest }
  }

  async end(): Promise<void> {
    for (const worker of this.workers) await worker.terminate()
  }
}

function millrace(subject: Subject, name: string, how: 'items' | 'batches', prefetch: number): Contender {
  let queue: InstanceType<BridgeModule['FanOutQueue']>
  const crew = new Crew()
  return {
    name,
    kind: 'subject',
    how: `FanOutQueue with prefetch ${prefetch}, ${how === 'items' ? 'for (const item of consumer)' : 'for await (const batch of consumer.batches())'} and taskDone() in each thread, until join()`,
    async prepare() {
      queue = new subject.bridge.FanOutQueue({ prefetch })
      const entry = subject.entry('@millrace/bridge/worker')
      await crew.start(() => ({ entry, items: queue.consumer(), how }))
    },
    run(items) {
      const numbers = Array.from({ length: items }, (_, i) => i)
      return crew.timed(items, async () => {
        await queue.putMany(numbers)
        await queue.join()
      })
    },
    async dispose() {
      queue.shutdown({ immediate: true })
      await crew.end()
    },
  }
}

/** Messages of so many items, so many under way to each thread, the next one when one is answered. */
function postMessage(name: string, itemsEach: number, credit: number): Contender {
  const crew = new Crew()
  return {
    name,
    kind: 'platform',
    how: `worker.postMessage of ${itemsEach === 1 ? 'an item' : `${itemsEach} items`}, at most ${credit} messages at a thread, each answered`,
    prepare: () => crew.start(() => ({})),
    run(items) {
      const messages: (number | number[])[] = []
      for (let i = 0; i < items; i += itemsEach) {
        const length = Math.min(itemsEach, items - i)
        messages.push(itemsEach === 1 ? i : Array.from({ length }, (_, j) => i + j))
      }
      return crew.timed(
        items,
        () =>
          new Promise((resolve) => {
            let next = 0
            let left = messages.length
            const send = (worker: Worker) => next < messages.length && worker.postMessage(messages[next++])
            for (const worker of crew.workers) {
              worker.removeAllListeners('message')
              worker.on('message', () => {
                if (--left === 0) resolve()
                else send(worker)
              })
            }
            for (let i = 0; i < credit * THREADS; i++) send(crew.workers[i % THREADS]!)
          }),
      )
    },
    dispose: () => crew.end(),
  }
}

export const fanOutTiny: Group = {
  name: 'bridge/fan-out-tiny',
  title: `numbers from the event loop to ${THREADS} threads that only add them up, each acknowledged`,
  unit: 'items/s',
  better: 'higher',
  crossesThreads: true,
  smokeItems: 1_000,
  expected: digestOfSequence,
  contenders: (subject) => [
    millrace(subject, 'millrace, prefetch 64', 'items', 64),
    millrace(subject, 'millrace, batches, prefetch 1024', 'batches', 1024),
    postMessage('postMessage, 64 at a thread', 1, 64),
    postMessage('postMessage by the hundred', 100, 4),
  ],
}
