import { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import type { Contender, Group } from '../harness/group.js'
import type { Measurement } from '../harness/measurement.js'
import type { Subject } from '../harness/subject.js'
import { workerFile } from '../harness/worker-file.js'
import type { StartUpData } from './start-up.worker.js'

/** The mean over `times` starts, one after another, each ended before the next begins. */
async function startings(times: number, start: () => Promise<() => Promise<unknown>>): Promise<Measurement> {
  let ms = 0
  for (let i = 0; i < times; i++) {
    const startedAt = performance.now()
    const stop = await start()
    ms += performance.now() - startedAt
    await stop()
  }
  return { value: ms / times, items: times, seconds: ms / 1000 }
}

const millrace = (subject: Subject): Contender => ({
  name: 'millrace',
  kind: 'subject',
  how: 'new FanInQueue, new Worker that imports @millrace/bridge/worker and puts one item, until get() has it',
  run: (times) =>
    startings(times, async () => {
      const queue = new subject.bridge.FanInQueue()
      const data: StartUpData = { entry: subject.entry('@millrace/bridge/worker'), handle: queue.producer() }
      const worker = new Worker(workerFile('bridge/start-up'), { workerData: data, execArgv: [] })
      await queue.get()
      return async () => {
        queue.shutdown({ immediate: true })
        await worker.terminate()
      }
    }),
})

const postMessage: Contender = {
  name: 'postMessage',
  kind: 'platform',
  how: 'new Worker that posts one message, until it is there',
  run: (times) =>
    startings(times, async () => {
      const worker = new Worker(workerFile('bridge/start-up'), { workerData: {} satisfies StartUpData, execArgv: [] })
      await new Promise((resolve) => worker.once('message', resolve))
      return () => worker.terminate()
    }),
}

const piscina: Contender = {
  name: 'piscina',
  kind: 'peer',
  package: 'piscina',
  how: 'new Piscina of one thread, until the first run() has its result',
  run: (times) =>
    startings(times, async () => {
      const filename = workerFile('bridge/contenders/piscina-task').href
      const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1, workerData: 'number', execArgv: [] })
      await pool.run(1)
      return () => pool.destroy()
    }),
}

export const startUp: Group = {
  name: 'bridge/start-up',
  title: 'from nothing to the first item out of a new thread',
  unit: 'ms',
  better: 'lower',
  crossesThreads: true,
  smokeItems: 1,
  fixedItems: { quick: 3, full: 5 },
  contenders: (subject) => [millrace(subject), postMessage, piscina],
}
