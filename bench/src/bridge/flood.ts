import type { Worker } from 'node:worker_threads'
import type { Contender, Group } from '../harness/group.js'
import { LoopWatch } from '../harness/loop-watch.js'
import type { Measurement } from '../harness/measurement.js'
import { secondsSince } from '../harness/measurement.js'
import { spin } from '../harness/spin.js'
import type { BridgeModule, Subject } from '../harness/subject.js'
import type { FloodData } from './flood.worker.js'
import { payloadOf } from './payloads.js'
import { startThread } from './threads.js'

/** Takes one number; true when it was the mark behind the last one. */
type Accept = (item: number) => boolean

/**
 * The thread sends numbers without a pause for so many milliseconds, then -1 - count. Measured: how many the loop
 * handled per second until the last one, and what the flood did to its timers and to memory.
 */
async function flooded(handlerUs: number, receive: (accept: Accept) => Promise<void>): Promise<Measurement> {
  const check = payloadOf('number').newCheck()
  const watch = new LoopWatch()
  const startedAt = process.hrtime.bigint()
  let sent = 0
  await receive((item) => {
    if (item < 0) {
      sent = -1 - item
      return true
    }
    check.accept(item)
    if (handlerUs > 0) spin(handlerUs)
    return false
  })
  const seconds = secondsSince(startedAt)
  return { value: sent / seconds, items: sent, seconds, digest: check.digest, ...watch.stop() }
}

interface MillraceFlood {
  readonly name: string
  readonly take: 'for await' | 'batches()'
  readonly yieldAfter?: number
}

function millrace(subject: Subject, handlerUs: number, { name, take, yieldAfter }: MillraceFlood): Contender {
  let queue: InstanceType<BridgeModule['FanInQueue']>
  let worker: Worker
  return {
    name,
    kind: 'subject',
    how: `FanInQueue with float64()${yieldAfter === undefined ? '' : `, yieldAfter ${yieldAfter}`}; putBlocking() in the thread, ${take} on the loop`,
    async prepare() {
      queue = new subject.bridge.FanInQueue({
        codec: subject.bridge.float64() as never,
        ...(yieldAfter !== undefined && { yieldAfter }),
      })
      const entry = subject.entry('@millrace/bridge/worker')
      worker = await startThread('bridge/flood', { entry, handle: queue.producer() } satisfies FloodData)
    },
    run: (ms) =>
      flooded(handlerUs, async (accept) => {
        worker.postMessage({ ms })
        if (take === 'for await') {
          for await (const item of queue) if (accept(item as number)) return
        } else {
          for await (const batch of queue.batches()) for (const item of batch) if (accept(item as number)) return
        }
      }),
    async dispose() {
      queue.shutdown({ immediate: true })
      await worker.terminate()
    },
  }
}

function postMessage(handlerUs: number, window?: number): Contender {
  const credits = new Int32Array(new SharedArrayBuffer(4))
  let worker: Worker
  return {
    name: window === undefined ? 'postMessage' : 'postMessage with credits',
    kind: 'platform',
    how: `parentPort.postMessage(number)${window === undefined ? '' : `, at most ${window} in flight`}, worker.on("message")`,
    async prepare() {
      const data: FloodData = window === undefined ? {} : { window, credits: credits.buffer as SharedArrayBuffer }
      worker = await startThread('bridge/flood', data)
    },
    run: (ms) =>
      flooded(
        handlerUs,
        (accept) =>
          new Promise((resolve, reject) => {
            const onMessage = (item: number) => {
              try {
                if (window !== undefined) {
                  Atomics.add(credits, 0, 1)
                  Atomics.notify(credits, 0)
                }
                if (!accept(item)) return
                worker.off('message', onMessage)
                resolve()
              } catch (error) {
                reject(error)
              }
            }
            worker.on('message', onMessage)
            worker.postMessage({ ms })
          }),
      ),
    dispose: async () => void (await worker.terminate()),
  }
}

const WINDOW = 1_000

function floodGroup(name: string, title: string, handlerUs: number): Group {
  const patient = 'millrace for await'
  const greedy = 'millrace for await, never yielding'
  return {
    name,
    title,
    unit: 'items/s',
    better: 'higher',
    crossesThreads: true,
    // Items of this group are milliseconds of flood.
    smokeItems: 20,
    fixedItems: { quick: 500, full: 3_000 },
    rounds: { quick: 3, full: 5 },
    expected: (items) => ({ count: items, sum: (items * (items - 1)) / 2 }),
    goals: [
      { of: patient, text: 'ms, loop delay p99', metric: 'loopDelayP99Ms', atMost: 5 },
      { of: patient, text: 'of the rate without yielding', against: [greedy], atLeast: 0.95 },
    ],
    contenders: (subject) => [
      millrace(subject, handlerUs, { name: patient, take: 'for await' }),
      millrace(subject, handlerUs, { name: greedy, take: 'for await', yieldAfter: Number.POSITIVE_INFINITY }),
      millrace(subject, handlerUs, { name: 'millrace batches()', take: 'batches()' }),
      postMessage(handlerUs),
      postMessage(handlerUs, WINDOW),
    ],
  }
}

export const floodFast = floodGroup(
  'bridge/flood-fast',
  'a thread floods the loop (3 s in full runs), the handler only counts',
  0,
)
export const floodSlow = floodGroup(
  'bridge/flood-slow',
  'a thread floods the loop (3 s in full runs), the handler works 10 µs an item',
  10,
)
