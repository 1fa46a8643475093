import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import pLimit from 'p-limit'
import { Piscina } from 'piscina'
import { SumCheck } from '../harness/content.js'
import type { Contender, Group } from '../harness/group.js'
import { LoopWatch } from '../harness/loop-watch.js'
import type { Measurement } from '../harness/measurement.js'
import type { Subject } from '../harness/subject.js'
import { workerFile } from '../harness/worker-file.js'
import resize, { type Photograph, THUMBNAIL_WIDTH, type Thumbnail } from './resize.worker.js'

const THREADS = 2
const CONCURRENCY = 4

/** Real photographs of 1500 px, a dev dependency, over and over until there are enough. */
function photographs(count: number): Photograph[] {
  const folder = join(dirname(createRequire(import.meta.url).resolve('tabler-ui/package.json')), 'src/demo/photos')
  const files = readdirSync(folder).filter((name) => name.endsWith('.jpg') && !name.includes('-500'))
  return Array.from({ length: count }, (_, index) => ({ index, path: join(folder, files[index % files.length]!) }))
}

async function timed(
  items: number,
  runAll: (all: Photograph[], accept: (thumbnail: Thumbnail) => void) => Promise<unknown>,
): Promise<Measurement> {
  const all = photographs(items)
  const check = new SumCheck()
  const watch = new LoopWatch()
  const startedAt = performance.now()
  await runAll(all, ({ index, width, bytes }) => {
    if (width !== THUMBNAIL_WIDTH || bytes === 0)
      throw new Error(`photograph ${index} became ${width} px, ${bytes} bytes`)
    check.accept(index)
  })
  const seconds = (performance.now() - startedAt) / 1000
  const { metrics } = watch.stop()
  return { value: items / seconds, items, seconds, digest: check.digest, metrics }
}

function millrace(subject: Subject, where: 'map' | 'mapThreads'): Contender {
  let pipeline: typeof import('@millrace/pipeline').pipeline
  return {
    name: where === 'map' ? 'millrace pipeline' : 'millrace pipeline, threads',
    kind: 'subject',
    how:
      where === 'map'
        ? `.map('resize', resize, { concurrency: ${CONCURRENCY} }), .run()`
        : `.mapThreads('resize', file, { threads: ${THREADS}, ordered: false }); its threads are started within the run`,
    async prepare() {
      pipeline = ((await import(subject.entry('@millrace/pipeline'))) as typeof import('@millrace/pipeline')).pipeline
    },
    run: (items) =>
      timed(items, async (all, accept) => {
        const source = pipeline(all)
        const stage =
          where === 'map'
            ? source.map('resize', (photograph) => resize(photograph), { concurrency: CONCURRENCY })
            : source.mapThreads<Thumbnail>('resize', workerFile('pipeline/resize'), {
                threads: THREADS,
                ordered: false,
              })
        for await (const thumbnail of stage) accept(thumbnail)
      }),
  }
}

const promiseAll: Contender = {
  name: 'Promise.all',
  kind: 'platform',
  how: 'all at once; sharp works in the thread pool of libuv',
  run: (items) => timed(items, (all, accept) => Promise.all(all.map(async (one) => accept(await resize(one))))),
}

const limited: Contender = {
  name: 'p-limit',
  kind: 'peer',
  package: 'p-limit',
  how: `pLimit(${CONCURRENCY}) around each call`,
  run: (items) =>
    timed(items, (all, accept) => {
      const limit = pLimit(CONCURRENCY)
      return Promise.all(all.map((one) => limit(async () => accept(await resize(one)))))
    }),
}

const piscinaPool = () =>
  new Piscina({
    filename: workerFile('pipeline/resize').href,
    minThreads: THREADS,
    maxThreads: THREADS,
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv: [],
  })

const runAllOn = (pool: Piscina, all: Photograph[], accept: (thumbnail: Thumbnail) => void) =>
  Promise.all(all.map(async (one) => accept((await pool.run(one)) as Thumbnail)))

function piscina(): Contender {
  let pool: Piscina
  return {
    name: 'piscina',
    kind: 'peer',
    package: 'piscina',
    how: `${THREADS} threads, run() of each photograph`,
    async prepare() {
      pool = piscinaPool()
      await pool.run(photographs(1)[0])
    },
    run: (items) => timed(items, (all, accept) => runAllOn(pool, all, accept)),
    dispose: () => pool.destroy(),
  }
}

/** What a stage of a pipeline is to be compared with: it makes its threads and ends them, too. */
const piscinaFromScratch: Contender = {
  name: 'piscina, from scratch',
  kind: 'peer',
  package: 'piscina',
  how: `${THREADS} threads, run() of each photograph; its threads are started and ended within the run, as those of the pipeline`,
  run: (items) =>
    timed(items, async (all, accept) => {
      const pool = piscinaPool()
      await runAllOn(pool, all, accept)
      await pool.destroy()
    }),
}

export const images: Group = {
  name: 'pipeline/images',
  title: 'photographs of 1500 px read, scaled to 320 px and encoded',
  unit: 'images/s',
  better: 'higher',
  // Of a photograph, what the cores tell each other is nothing.
  crossesThreads: false,
  smokeItems: 4,
  fixedItems: { quick: 40, full: 150 },
  rounds: { quick: 3, full: 5 },
  expected: (items) => ({ count: items, sum: (items * (items - 1)) / 2 }),
  contenders: (subject) => [
    millrace(subject, 'map'),
    millrace(subject, 'mapThreads'),
    promiseAll,
    limited,
    piscina(),
    piscinaFromScratch,
  ],
}
