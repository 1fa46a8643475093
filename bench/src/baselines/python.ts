import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Contender } from '../harness/group.js'
import type { Measurement } from '../harness/measurement.js'

const run = promisify(execFile)
const script = (name: string) => fileURLToPath(new URL(`../src/baselines/${name}.py`, import.meta.url))

/** Where `python3 -m pip install --target bench/.python janus==2.0.0` puts what Python does not bring along. */
const environment = {
  ...process.env,
  PYTHONPATH: fileURLToPath(new URL('../.python', import.meta.url)),
}

/** Why python3 cannot run a script that needs these modules; undefined when it can. */
export function pythonUnavailable(...modules: string[]): string | undefined {
  const program = `import ${['sys', ...modules].join(', ')}`
  const { status, stderr, error } = spawnSync('python3', ['-c', program], { encoding: 'utf8', env: environment })
  if (error !== undefined) return 'python3 is not on this machine'
  return status === 0 ? undefined : `python3 has no ${modules.join(', ')}: ${stderr.trim().split('\n').at(-1)}`
}

/** Runs a case of a script of ours; the script times itself, so the interpreter's start is not counted. */
export async function pythonRun(name: string, kase: string, items: number, ...args: number[]): Promise<Measurement> {
  const { stdout } = await run('python3', [script(name), kase, String(items), ...args.map(String)], {
    env: environment,
  })
  const { count, sum, seconds } = JSON.parse(stdout) as { count: number; sum: number; seconds: number }
  return { value: count / seconds, items: count, seconds, digest: { count, sum } }
}

const pythonContender = (name: string, how: string, module: string, file: string, kase: string): Contender => ({
  name,
  kind: 'baseline',
  elsewhere: true,
  how,
  unavailable: () => pythonUnavailable(module),
  run: (items) => pythonRun(file, kase, items),
})

export const janusOne = () =>
  pythonContender(
    'janus',
    'Python thread to coroutine, sync_q.put(), await async_q.get() each',
    'janus',
    'janus_queue',
    'one',
  )
export const janusBatches = () =>
  pythonContender(
    'janus, in batches',
    'Python thread to coroutine, one await async_q.get(), then get_nowait() while there is something',
    'janus',
    'janus_queue',
    'batches',
  )
export const multiprocessingQueue = () =>
  pythonContender(
    'multiprocessing.Queue',
    'Python process to process, Queue(1000), put() and get()',
    'multiprocessing',
    'multiprocessing_queue',
    'pairs',
  )
