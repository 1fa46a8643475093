import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { wrap } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { Piscina } from 'piscina'
import { FixedThreadPool } from 'poolifier'
import Tinypool from 'tinypool'
import workerpool from 'workerpool'
import { startThread } from '../bridge/threads.js'
import { callAll } from '../harness/calls.js'
import { digestOfSequence, SequenceCheck } from '../harness/content.js'
import type { Contender, Group } from '../harness/group.js'
import type { Measurement } from '../harness/measurement.js'
import { spin } from '../harness/spin.js'
import type { Subject } from '../harness/subject.js'
import { workerFile } from '../harness/worker-file.js'

const THREADS = 2
/** Calls under way: enough that neither thread ever waits for the loop to hand it the next one. */
const IN_FLIGHT = 64

export interface Task {
  readonly index: number
  readonly us: number
}

/** The threads' work: so many microseconds, then the item's number back. */
async function timed(items: number, runAll: (accept: (index: unknown) => void) => Promise<void>): Promise<Measurement> {
  const check = new SequenceCheck()
  const startedAt = performance.now()
  await runAll((index) => check.accept(index as number))
  const seconds = (performance.now() - startedAt) / 1000
  return { value: items / seconds, items, seconds, digest: check.digest }
}

function* tasksOf(items: number, us: number): Generator<Task> {
  for (let index = 0; index < items; index++) yield { index, us }
}

function millraceMapThreads(subject: Subject, us: number): Contender {
  let pool: Piscina
  let mapThreads: typeof import('@millrace/bridge/piscina').mapThreads
  return {
    name: 'millrace mapThreads',
    kind: 'subject',
    how: `mapThreads(pool of ${THREADS}, tasks), in order, for await; mapping((task) => ...) in the threads`,
    async prepare() {
      const bridge = (await import(
        subject.entry('@millrace/bridge/piscina')
      )) as typeof import('@millrace/bridge/piscina')
      mapThreads = bridge.mapThreads
      pool = new Piscina({
        filename: workerFile('pipeline/mapping').href,
        minThreads: THREADS,
        maxThreads: THREADS,
        idleTimeout: Number.POSITIVE_INFINITY,
        workerData: subject.entry('@millrace/bridge/piscina'),
        execArgv: [],
      })
    },
    run: (items) =>
      timed(items, async (accept) => {
        for await (const index of mapThreads<Task, number>(pool, tasksOf(items, us))) accept(index)
      }),
    dispose: () => pool.destroy(),
  }
}

function millracePipeline(subject: Subject, us: number): Contender {
  let pipeline: typeof import('@millrace/pipeline').pipeline
  return {
    name: 'millrace pipeline',
    kind: 'subject',
    how: `pipeline(tasks).mapThreads('work', file, { threads: ${THREADS}, ordered: true }); its threads are started within the run`,
    async prepare() {
      const module = (await import(subject.entry('@millrace/pipeline'))) as typeof import('@millrace/pipeline')
      pipeline = module.pipeline
    },
    run: (items) =>
      timed(items, async (accept) => {
        const stages = pipeline(tasksOf(items, us)).mapThreads('work', workerFile('pipeline/plain'), {
          threads: THREADS,
          ordered: true,
        })
        for await (const index of stages) accept(index)
      }),
  }
}

const piscinaPool = () =>
  new Piscina({
    filename: workerFile('pipeline/plain').href,
    minThreads: THREADS,
    maxThreads: THREADS,
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv: [],
  })

function piscina(us: number): Contender {
  let pool: Piscina
  return {
    name: 'piscina',
    kind: 'peer',
    package: 'piscina',
    how: `${THREADS} threads, ${IN_FLIGHT} run() under way`,
    async prepare() {
      pool = piscinaPool()
      await pool.run({ index: 0, us })
    },
    run: (items) => timed(items, (accept) => callAll(items, IN_FLIGHT, (index) => pool.run({ index, us }), accept)),
    dispose: () => pool.destroy(),
  }
}

/** What a stage of a pipeline is to be compared with: it makes its threads and ends them, too. */
const piscinaFromScratch = (us: number): Contender => ({
  name: 'piscina, from scratch',
  kind: 'peer',
  package: 'piscina',
  how: `${THREADS} threads, ${IN_FLIGHT} run() under way; its threads are started and ended within the run, as those of the pipeline`,
  run: (items) =>
    timed(items, async (accept) => {
      const pool = piscinaPool()
      await callAll(items, IN_FLIGHT, (index) => pool.run({ index, us }), accept)
      await pool.destroy()
    }),
})

function tinypool(us: number): Contender {
  let pool: Tinypool
  return {
    name: 'tinypool',
    kind: 'peer',
    package: 'tinypool',
    how: `${THREADS} threads, ${IN_FLIGHT} run() under way`,
    async prepare() {
      pool = new Tinypool({
        filename: workerFile('pipeline/plain').href,
        minThreads: THREADS,
        maxThreads: THREADS,
        idleTimeout: 2 ** 31 - 1,
      })
      await pool.run({ index: 0, us })
    },
    run: (items) => timed(items, (accept) => callAll(items, IN_FLIGHT, (index) => pool.run({ index, us }), accept)),
    dispose: () => pool.destroy(),
  }
}

function workerPool(us: number): Contender {
  let pool: ReturnType<typeof workerpool.pool>
  return {
    name: 'workerpool',
    kind: 'peer',
    package: 'workerpool',
    how: `workerType 'thread', ${THREADS} workers, ${IN_FLIGHT} exec() under way`,
    async prepare() {
      pool = workerpool.pool(fileURLToPath(workerFile('pipeline/workerpool')), {
        workerType: 'thread',
        minWorkers: THREADS,
        maxWorkers: THREADS,
      })
      await pool.exec('work', [{ index: 0, us }])
    },
    run: (items) =>
      timed(items, (accept) => callAll(items, IN_FLIGHT, (index) => pool.exec('work', [{ index, us }]), accept)),
    dispose: async () => void (await pool.terminate(true)),
  }
}

function poolifier(us: number): Contender {
  let pool: FixedThreadPool<Task, number>
  return {
    name: 'poolifier',
    kind: 'peer',
    package: 'poolifier',
    how: `FixedThreadPool(${THREADS}) with enableTasksQueue, ${IN_FLIGHT} execute() under way`,
    async prepare() {
      pool = new FixedThreadPool(THREADS, fileURLToPath(workerFile('pipeline/poolifier')), {
        enableTasksQueue: true,
        errorHandler: (error) => {
          throw error
        },
      })
      await pool.execute({ index: 0, us })
    },
    run: (items) => timed(items, (accept) => callAll(items, IN_FLIGHT, (index) => pool.execute({ index, us }), accept)),
    // Its destroy() does not always settle once its threads are gone, and nothing keeps the loop alive then.
    dispose: () => Promise.race([pool.destroy(), sleep(500)]),
  }
}

function comlink(us: number): Contender {
  let workers: Worker[]
  let remotes: { work(task: Task): Promise<number> }[]
  return {
    name: 'comlink',
    kind: 'peer',
    package: 'comlink',
    how: `expose() in ${THREADS} threads, calls to them in turn, ${IN_FLIGHT} under way`,
    async prepare() {
      workers = []
      for (let i = 0; i < THREADS; i++) workers.push(await startThread('pipeline/comlink', undefined))
      remotes = workers.map((worker) => wrap<{ work(task: Task): number }>(nodeEndpoint(worker)))
    },
    run: (items) =>
      timed(items, (accept) =>
        callAll(items, IN_FLIGHT, (index) => remotes[index % THREADS]!.work({ index, us }), accept),
      ),
    async dispose() {
      for (const worker of workers) await worker.terminate()
    },
  }
}

const oneThread = (us: number): Contender => ({
  name: 'no threads at all',
  kind: 'baseline',
  how: 'the same work in a loop on the main thread',
  run: (items) =>
    timed(items, async (accept) => {
      for (const { index } of tasksOf(items, us)) {
        spin(us)
        accept(index)
      }
    }),
})

const tasksGroup = (us: number): Group => ({
  name: `pipeline/tasks-${us}us`,
  title: `tasks of ${us >= 1_000 ? `${us / 1_000} ms` : `${us} µs`} mapped in ${THREADS} threads, results in order`,
  unit: 'tasks/s',
  better: 'higher',
  // Of a task of 1 ms, what the cores tell each other is a ten-thousandth.
  crossesThreads: us < 1_000,
  ...(us === 1 && {
    goals: [
      { of: 'millrace mapThreads', text: 'times pool.run() with 64 in flight', against: ['piscina'], atLeast: 5 },
    ],
  }),
  smokeItems: us >= 1_000 ? 10 : 200,
  // The pipeline starts its threads within the run, and every pool finds its stride in it.
  sampleMs: { quick: 500, full: 1_000 },
  rounds: { quick: 3, full: 7 },
  expected: digestOfSequence,
  contenders: (subject) => [
    millraceMapThreads(subject, us),
    millracePipeline(subject, us),
    piscina(us),
    piscinaFromScratch(us),
    tinypool(us),
    workerPool(us),
    poolifier(us),
    comlink(us),
    oneThread(us),
  ],
})

export const taskGroups: readonly Group[] = [1, 10, 100, 1_000, 10_000].map(tasksGroup)
