import type { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { digestOfSequence, SumCheck } from '../harness/content.js'
import type { Contender, Group } from '../harness/group.js'
import { mulberry32 } from '../harness/interleave.js'
import type { Measurement } from '../harness/measurement.js'
import type { BridgeModule, Subject } from '../harness/subject.js'
import { workerFile } from '../harness/worker-file.js'
import type { FanOutData, UnevenTask } from './fan-out.worker.js'
import { startThread } from './threads.js'

const THREADS = 2
const SHORT_US = 50
const LONG_US = 2_000
const LONG_SHARE = 0.05

/** The same tasks for every contender: one in twenty takes forty times as long as the others, in an order drawn once. */
function tasksOf(items: number): UnevenTask[] {
  const random = mulberry32(7)
  return Array.from({ length: items }, (_, id) => ({ id, us: random() < LONG_SHARE ? LONG_US : SHORT_US }))
}

/** Tasks per second, and how much of the threads' time was work: 100 % is a perfect schedule with no overhead. */
async function timed(
  items: number,
  runAll: (tasks: readonly UnevenTask[], done: (id: number) => void) => Promise<void>,
): Promise<Measurement> {
  const tasks = tasksOf(items)
  const check = new SumCheck()
  const startedAt = performance.now()
  await runAll(tasks, (id) => check.accept(id))
  const seconds = (performance.now() - startedAt) / 1000
  const workSeconds = tasks.reduce((sum, { us }) => sum + us, 0) / 1e6
  return {
    value: items / seconds,
    items,
    seconds,
    digest: check.digest,
    metrics: { utilisationPercent: (100 * workSeconds) / (seconds * THREADS) },
  }
}

function millrace(subject: Subject, prefetch: number): Contender {
  let tasks: InstanceType<BridgeModule['FanOutQueue']>
  let results: InstanceType<BridgeModule['FanInQueue']>
  let workers: Worker[]
  return {
    name: prefetch === 2 ? 'millrace' : `millrace, prefetch ${prefetch}`,
    kind: 'subject',
    how: `FanOutQueue with prefetch ${prefetch}, for (const task of consumer) in each thread, results through a FanInQueue; auto()`,
    async prepare() {
      tasks = new subject.bridge.FanOutQueue({ prefetch })
      results = new subject.bridge.FanInQueue()
      const entry = subject.entry('@millrace/bridge/worker')
      workers = []
      for (let i = 0; i < THREADS; i++) {
        const data: FanOutData = { entry, tasks: tasks.consumer(), results: results.producer() }
        workers.push(await startThread('bridge/fan-out', data))
      }
    },
    run: (items) =>
      timed(items, async (all, done) => {
        const put = tasks.putMany(all)
        for (let i = 0; i < items; i++) done((await results.get()) as number)
        await put
      }),
    async dispose() {
      tasks.shutdown({ immediate: true })
      results.shutdown({ immediate: true })
      for (const worker of workers) await worker.terminate()
    },
  }
}

/** Tasks handed out one by one: in turn, whoever is busy, or to a thread that has fewer than two. */
function postMessage(name: string, inFlight: number): Contender {
  let workers: Worker[]
  return {
    name,
    kind: 'platform',
    how: Number.isFinite(inFlight)
      ? `worker.postMessage(task), at most ${inFlight} at a thread, the next one when an answer comes`
      : 'worker.postMessage(task), all at once, the threads in turn',
    async prepare() {
      workers = []
      for (let i = 0; i < THREADS; i++) workers.push(await startThread('bridge/fan-out', {} satisfies FanOutData))
    },
    run: (items) =>
      timed(
        items,
        (all, done) =>
          new Promise((resolve) => {
            let next = 0
            let left = items
            const send = (worker: Worker) => next < items && worker.postMessage(all[next++])
            for (const worker of workers) {
              worker.removeAllListeners('message')
              worker.on('message', (id: number) => {
                done(id)
                if (--left === 0) resolve()
                else if (Number.isFinite(inFlight)) send(worker)
              })
            }
            const first = Number.isFinite(inFlight) ? inFlight * THREADS : items
            for (let i = 0; i < first; i++) send(workers[i % THREADS]!)
          }),
      ),
    async dispose() {
      for (const worker of workers) await worker.terminate()
    },
  }
}

function piscina(): Contender {
  let pool: Piscina
  return {
    name: 'piscina',
    kind: 'peer',
    package: 'piscina',
    how: `${THREADS} threads, run() of every task at once: its own queue hands them out`,
    async prepare() {
      pool = new Piscina({
        filename: workerFile('bridge/fan-out-task').href,
        minThreads: THREADS,
        maxThreads: THREADS,
        idleTimeout: Number.POSITIVE_INFINITY,
        execArgv: [],
      })
      await Promise.all(Array.from({ length: THREADS }, () => pool.run({ id: 0, us: 1_000 } satisfies UnevenTask)))
    },
    run: (items) =>
      timed(items, async (all, done) => {
        await Promise.all(all.map(async (task) => done((await pool.run(task)) as number)))
      }),
    dispose: () => pool.destroy(),
  }
}

export const fanOut: Group = {
  name: 'bridge/fan-out',
  title: `uneven tasks to ${THREADS} threads: ${SHORT_US} µs of work, one in twenty ${LONG_US / 1000} ms`,
  unit: 'tasks/s',
  better: 'higher',
  crossesThreads: true,
  smokeItems: 60,
  fixedItems: { quick: 6_000, full: 12_000 },
  expected: digestOfSequence,
  contenders: (subject) => [
    millrace(subject, 2),
    millrace(subject, 16),
    postMessage('postMessage in turn', Number.POSITIVE_INFINITY),
    postMessage('postMessage, two at a thread', 2),
    piscina(),
  ],
}
