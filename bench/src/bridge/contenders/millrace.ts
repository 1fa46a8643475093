import type { Worker } from 'node:worker_threads'
import type { Contender } from '../../harness/group.js'
import { secondsSince } from '../../harness/measurement.js'
import type { BridgeModule, Subject } from '../../harness/subject.js'
import { type ItemCheck, type PayloadName, payloadOf } from '../payloads.js'
import { startThread } from '../threads.js'
import type { MillraceProducerData, Put } from './millrace-producer.worker.js'

type FanIn = InstanceType<BridgeModule['FanInQueue']>
export type Take = 'for await' | 'batches()' | 'leases()' | 'leaseBatches()' | 'get()'

export interface MillraceWay {
  readonly name: string
  readonly payload: PayloadName
  readonly codec: (bridge: BridgeModule) => ReturnType<BridgeModule['auto']>
  readonly codecName: string
  readonly put: Put
  readonly take: Take
  readonly capacityBytes?: number
  readonly yieldAfter?: number
  /** What one item counts in the group's unit; 1 unless the unit is bytes/s. */
  readonly weight?: number
}

/** One worker thread puts, the event loop takes. */
export function fanIn(subject: Subject, way: MillraceWay): Contender {
  const { name, payload, put, take, weight = 1 } = way
  let queue: FanIn
  let worker: Worker
  return {
    name,
    kind: 'subject',
    how: `FanInQueue, codec ${way.codecName}, ${way.capacityBytes === undefined ? 'default capacity' : `${way.capacityBytes} bytes`}; ${put} in the thread, ${take} on the loop`,
    async prepare() {
      queue = new subject.bridge.FanInQueue({
        codec: way.codec(subject.bridge),
        ...(way.capacityBytes !== undefined && { capacityBytes: way.capacityBytes }),
        ...(way.yieldAfter !== undefined && { yieldAfter: way.yieldAfter }),
      })
      const data: MillraceProducerData = {
        entry: subject.entry('@millrace/bridge/worker'),
        handle: queue.producer(),
        payload,
        put,
      }
      worker = await startThread('bridge/contenders/millrace-producer', data)
    },
    async run(items) {
      const check = payloadOf(payload).newCheck()
      const startedAt = process.hrtime.bigint()
      worker.postMessage({ items })
      await takers[take](queue, items, check)
      const seconds = secondsSince(startedAt)
      return { value: (items * weight) / seconds, items, seconds, digest: check.digest }
    },
    async dispose() {
      queue.shutdown({ immediate: true })
      await worker.terminate()
    },
  }
}

/** Takes exactly `items` and leaves the queue as it is. Each way has a function of its own: none is compiled for what another has seen. */
const takers: Record<Take, (queue: FanIn, items: number, check: ItemCheck<unknown>) => Promise<void>> = {
  'for await': takeItems,
  'get()': takeByGet,
  'batches()': takeBatches,
  'leases()': takeLeases,
  'leaseBatches()': takeLeaseBatches,
}

async function takeItems(queue: FanIn, items: number, check: ItemCheck<unknown>): Promise<void> {
  let left = items
  for await (const item of queue) {
    check.accept(item)
    if (--left === 0) break
  }
}

async function takeByGet(queue: FanIn, items: number, check: ItemCheck<unknown>): Promise<void> {
  for (let left = items; left > 0; left--) check.accept(await queue.get())
}

async function takeBatches(queue: FanIn, items: number, check: ItemCheck<unknown>): Promise<void> {
  let left = items
  for await (const batch of queue.batches()) {
    acceptBatch(batch, check)
    left -= batch.length
    if (left <= 0) break
  }
}

async function takeLeases(queue: FanIn, items: number, check: ItemCheck<unknown>): Promise<void> {
  let left = items
  for await (const lease of queue.leases()) {
    check.accept(lease.bytes)
    lease.release()
    if (--left === 0) break
  }
}

async function takeLeaseBatches(queue: FanIn, items: number, check: ItemCheck<unknown>): Promise<void> {
  let left = items
  for await (const batch of queue.leaseBatches()) {
    const { numberOf } = check
    let { next, sum } = check
    for (const bytes of batch) {
      const number = numberOf(bytes)
      if (number !== next) check.refuse(number, next)
      next++
      sum += number
    }
    check.accepted(next, sum)
    batch.release()
    left -= batch.length
    if (left <= 0) break
  }
}

function acceptBatch(batch: readonly unknown[], check: ItemCheck<unknown>): void {
  const { numberOf } = check
  let { next, sum } = check
  for (let i = 0; i < batch.length; i++) {
    const number = numberOf(batch[i])
    if (number !== next) check.refuse(number, next)
    next++
    sum += number
  }
  check.accepted(next, sum)
}
