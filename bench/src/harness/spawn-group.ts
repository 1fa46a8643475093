import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Scale } from './group.js'
import type { GroupResult } from './run-one-group.js'

export interface SpawnOptions {
  /** Further arguments of run-group. */
  readonly args?: readonly string[]
  /** For example `--cpu-prof`. */
  readonly nodeOptions?: readonly string[]
  readonly timeoutMs?: number
}

/** Runs one group in a process of its own and gives back its result; a group that fails or hangs rejects. */
export function spawnGroup(name: string, scale: Scale, options: SpawnOptions = {}): Promise<GroupResult> {
  const { args = [], nodeOptions = [], timeoutMs = scale === 'full' ? 1_800_000 : 300_000 } = options
  const file = fileURLToPath(new URL('./run-group.js', import.meta.url))
  const child = fork(file, ['--group', name, '--scale', scale, ...args], {
    execArgv: ['--expose-gc', ...nodeOptions],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    let progress = 'starting'
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`still ${progress} after ${timeoutMs / 1000} s`))
    }, timeoutMs)
    child.on('message', (message: { progress?: string; result?: GroupResult }) => {
      if (message.progress !== undefined) progress = message.progress
      if (message.result !== undefined) resolve(message.result)
    })
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      // After a result this changes nothing: a promise settles once.
      reject(new Error(`its process ended with ${signal ?? `code ${code}`} while ${progress}`))
    })
  })
}
