// Peers whose unit is a call: the main thread asks for each item and gets it as the result, 64 calls in flight.
import type { Worker } from 'node:worker_threads'
import { wrap } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { Piscina } from 'piscina'
import { callAll } from '../../harness/calls.js'
import type { Contender } from '../../harness/group.js'
import { secondsSince } from '../../harness/measurement.js'
import { workerFile } from '../../harness/worker-file.js'
import { type PayloadName, payloadOf } from '../payloads.js'
import { startThread } from '../threads.js'

const IN_FLIGHT = 64

export function piscina(payload: PayloadName, weight = 1): Contender {
  let pool: Piscina
  return {
    name: `piscina, ${IN_FLIGHT} in flight`,
    kind: 'peer',
    package: 'piscina',
    how: `one thread, concurrentTasksPerWorker ${IN_FLIGHT}, ${IN_FLIGHT} run() under way; buffers of 16 KiB and more moved`,
    async prepare() {
      pool = new Piscina({
        filename: workerFile('bridge/contenders/piscina-task').href,
        minThreads: 1,
        maxThreads: 1,
        concurrentTasksPerWorker: IN_FLIGHT,
        idleTimeout: Number.POSITIVE_INFINITY,
        workerData: payload,
        execArgv: [],
      })
      await pool.run(0)
    },
    async run(items) {
      const check = payloadOf(payload).newCheck()
      const startedAt = process.hrtime.bigint()
      await callAll(
        items,
        IN_FLIGHT,
        (index) => pool.run(index),
        (item) => check.accept(item),
      )
      const seconds = secondsSince(startedAt)
      return { value: (items * weight) / seconds, items, seconds, digest: check.digest }
    },
    dispose: () => pool.destroy(),
  }
}

export function comlink(payload: PayloadName, weight = 1): Contender {
  let worker: Worker
  let remote: { make(index: number): Promise<unknown> }
  return {
    name: `comlink, ${IN_FLIGHT} in flight`,
    kind: 'peer',
    package: 'comlink',
    how: `expose() in a worker_thread by its node adapter, ${IN_FLIGHT} calls under way; buffers of 16 KiB and more by transfer()`,
    async prepare() {
      worker = await startThread('bridge/contenders/comlink-api', payload)
      remote = wrap<{ make(index: number): unknown }>(nodeEndpoint(worker))
    },
    async run(items) {
      const check = payloadOf(payload).newCheck()
      const startedAt = process.hrtime.bigint()
      await callAll(
        items,
        IN_FLIGHT,
        (index) => remote.make(index),
        (item) => check.accept(item),
      )
      const seconds = secondsSince(startedAt)
      return { value: (items * weight) / seconds, items, seconds, digest: check.digest }
    },
    dispose: async () => void (await worker.terminate()),
  }
}
