import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Report } from '../../src/report.js'

const program = fileURLToPath(new URL('../../bin/millrace-images.cjs', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<Ended>
}

/** Starts the built program as its users do; as a user whom permissions hold back, if `uid` says so. */
export function startTool(args: readonly string[], input: string | Buffer = '', uid?: number): Running {
  const child = spawn(process.execPath, [program, ...args], uid === undefined ? {} : { uid })
  child.stdin.on('error', () => {}).end(input)
  return { child, ended: endOf(child) }
}

export function runTool(args: readonly string[], input: string | Buffer = ''): Promise<Ended> {
  return startTool(args, input).ended
}

/** Runs it with `--json` and reads its report. */
export async function reportOf(...args: string[]): Promise<Report> {
  const { stdout, stderr } = await runTool([...args, '--json'])
  try {
    return JSON.parse(stdout) as Report
  } catch {
    throw new Error(`no report: ${stdout}\n${stderr}`)
  }
}

async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}
