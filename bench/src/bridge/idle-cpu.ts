import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { RingBuffer } from 'ringbuf.js'
import type { Contender, Group } from '../harness/group.js'
import type { Measurement } from '../harness/measurement.js'
import type { BridgeModule, Subject } from '../harness/subject.js'
import type { MillraceProducerData } from './contenders/millrace-producer.worker.js'
import { startThread } from './threads.js'

/** CPU time of the whole process, threads included, as a share of the time it slept. */
async function idleFor(ms: number): Promise<Measurement> {
  // What the run before left to do (collections of garbage, dying threads) is not idling.
  await sleep(100)
  const heapBefore = process.memoryUsage().heapUsed
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await sleep(ms)
  const { user, system } = process.cpuUsage(cpuBefore)
  const elapsedMs = performance.now() - startedAt
  return {
    // Never exactly nothing, so that ratios can be taken.
    value: Math.max(0.001, ((user + system) / 1000 / elapsedMs) * 100),
    items: ms,
    seconds: elapsedMs / 1000,
    metrics: { heapBytes: process.memoryUsage().heapUsed - heapBefore },
  }
}

function millrace(subject: Subject): Contender {
  let queue: InstanceType<BridgeModule['FanInQueue']>
  let workers: Worker[]
  return {
    name: 'millrace',
    kind: 'subject',
    how: 'a get() that waits on the loop, two open producers whose threads wait for messages',
    async prepare() {
      queue = new subject.bridge.FanInQueue()
      const entry = subject.entry('@millrace/bridge/worker')
      workers = await Promise.all(
        [1, 2].map(() => {
          const data: MillraceProducerData = {
            entry,
            handle: queue.producer(),
            payload: 'number',
            put: 'putBlocking()',
          }
          return startThread('bridge/contenders/millrace-producer', data)
        }),
      )
    },
    async run(ms) {
      const waiting = queue.get()
      // Past the consumer's polling, into its sleep.
      await sleep(20)
      const measurement = await idleFor(ms)
      workers[0]!.postMessage({ items: 1 })
      await waiting
      return measurement
    },
    async dispose() {
      queue.shutdown({ immediate: true })
      for (const worker of workers) await worker.terminate()
    },
  }
}

const nothing: Contender = {
  name: 'nothing at all',
  kind: 'baseline',
  how: 'the same process with nothing waiting',
  run: idleFor,
}

const polling: Contender = {
  name: 'ringbuf.js polled',
  kind: 'peer',
  package: 'ringbuf.js',
  how: 'an empty ring looked at with every setImmediate, as it has no wake',
  async run(ms) {
    const ring = new RingBuffer(RingBuffer.getStorageForCapacity(1024, Float64Array), Float64Array)
    let isOver = false
    const poll = (async () => {
      while (!isOver) if (ring.available_read() === 0) await nextTurn()
    })()
    const measurement = await idleFor(ms)
    isOver = true
    await poll
    return measurement
  },
}

export const idleCpu: Group = {
  name: 'bridge/idle-cpu',
  title: 'CPU that waiting ends use while nothing happens',
  unit: '% of one core',
  better: 'lower',
  crossesThreads: false,
  // Items of this group are milliseconds.
  smokeItems: 30,
  fixedItems: { quick: 500, full: 2_000 },
  goals: [{ of: 'millrace', text: '% CPU while idle', atMost: 0.5 }],
  contenders: (subject) => [millrace(subject), nothing, polling],
}
