import { spawn, spawnSync } from 'node:child_process'

export interface Run {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
}

/** Runs a command as a reader would type it in that folder; whoever hangs is killed after a minute and has status null. */
export const run = (folder: string, command: string, args: readonly string[]): Promise<Run> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: 50_000 })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (status) => resolve({ stdout, stderr, status }))
  })

export const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).status === 0
