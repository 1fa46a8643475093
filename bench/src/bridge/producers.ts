import type { Worker } from 'node:worker_threads'
import { ContentError, type Digest, digestOfSequence } from '../harness/content.js'
import type { Contender, Group } from '../harness/group.js'
import { secondsSince } from '../harness/measurement.js'
import type { BridgeModule, Subject } from '../harness/subject.js'
import type { MillraceProducerData } from './contenders/millrace-producer.worker.js'
import type { PostMessageData } from './contenders/post-message.worker.js'
import { startThread } from './threads.js'

/** Producer k of p sends k, k + p, k + 2p, ...: each one's numbers must come in its own order. */
class PerProducerCheck {
  readonly #next: number[]
  #count = 0
  #sum = 0

  constructor(private readonly producers: number) {
    this.#next = Array.from({ length: producers }, (_, first) => first)
  }

  accept(value: number): void {
    const producer = value % this.producers
    if (value !== this.#next[producer]) {
      throw new ContentError(`${value} of producer ${producer} arrived where ${this.#next[producer]} was due`)
    }
    this.#next[producer] = value + this.producers
    this.#count++
    this.#sum += value
  }

  get digest(): Digest {
    return { count: this.#count, sum: this.#sum }
  }
}

function sendAll(workers: readonly Worker[], items: number): void {
  const step = workers.length
  for (const [first, worker] of workers.entries()) worker.postMessage({ items: items / step, first, step })
}

function millrace(subject: Subject, producers: number): Contender {
  let queue: InstanceType<BridgeModule['FanInQueue']>
  let workers: Worker[]
  return {
    name: `millrace, ${producers} ${producers === 1 ? 'worker' : 'workers'}`,
    kind: 'subject',
    how: 'one FanInQueue with float64(), putMany() in each thread, batches() on the loop',
    async prepare() {
      queue = new subject.bridge.FanInQueue({ codec: subject.bridge.float64() as never })
      const entry = subject.entry('@millrace/bridge/worker')
      workers = []
      for (let i = 0; i < producers; i++) {
        const data: MillraceProducerData = { entry, handle: queue.producer(), payload: 'number', put: 'putMany(array)' }
        workers.push(await startThread('bridge/contenders/millrace-producer', data))
      }
    },
    async run(items) {
      const check = new PerProducerCheck(producers)
      const startedAt = process.hrtime.bigint()
      sendAll(workers, items)
      let left = items
      for await (const batch of queue.batches()) {
        for (let i = 0; i < batch.length; i++) check.accept(batch[i] as number)
        left -= batch.length
        if (left <= 0) break
      }
      const seconds = secondsSince(startedAt)
      return { value: items / seconds, items, seconds, digest: check.digest }
    },
    async dispose() {
      queue.shutdown({ immediate: true })
      for (const worker of workers) await worker.terminate()
    },
  }
}

function postMessage(producers: number): Contender {
  let workers: Worker[]
  return {
    name: `postMessage by the hundred, ${producers} ${producers === 1 ? 'worker' : 'workers'}`,
    kind: 'platform',
    how: 'arrays of 100 numbers from each thread, no back-pressure',
    async prepare() {
      workers = []
      const data: PostMessageData = { payload: 'number', perMessage: 100, transfer: false }
      for (let i = 0; i < producers; i++) workers.push(await startThread('bridge/contenders/post-message', data))
    },
    async run(items) {
      const check = new PerProducerCheck(producers)
      const startedAt = process.hrtime.bigint()
      let left = items
      await new Promise<void>((resolve, reject) => {
        const onMessage = (batch: number[]) => {
          try {
            for (let i = 0; i < batch.length; i++) check.accept(batch[i]!)
          } catch (error) {
            reject(error)
          }
          left -= batch.length
          if (left > 0) return
          for (const worker of workers) worker.off('message', onMessage)
          resolve()
        }
        for (const worker of workers) worker.on('message', onMessage)
        sendAll(workers, items)
      })
      const seconds = secondsSince(startedAt)
      return { value: items / seconds, items, seconds, digest: check.digest }
    },
    async dispose() {
      for (const worker of workers) await worker.terminate()
    },
  }
}

export const producers: Group = {
  name: 'bridge/producers',
  title: 'numbers from one, two and four threads into one loop, in batches',
  unit: 'items/s',
  better: 'higher',
  crossesThreads: true,
  smokeItems: 4_000,
  granularity: 4,
  expected: digestOfSequence,
  goals: [
    {
      of: 'millrace, 2 workers',
      text: 'two workers together, of one worker',
      against: ['millrace, 1 worker'],
      atLeast: 0.9,
    },
  ],
  contenders: (subject) => [1, 2, 4].flatMap((count) => [millrace(subject, count), postMessage(count)]),
}
