import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

/** Where and with what a group was measured. */
export interface Environment {
  readonly at: string
  readonly commit: string
  /** Whether files differed from that commit. */
  readonly dirty: boolean
  readonly node: string
  readonly v8: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
}

export function readEnvironment(): Environment {
  return {
    at: new Date().toISOString(),
    commit: git('rev-parse', '--short=10', 'HEAD') ?? 'not a git checkout',
    dirty: (git('status', '--porcelain', '--untracked-files=no', '--', ':!bench/results') ?? '') !== '',
    node: process.version,
    v8: process.versions.v8,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${process.arch}`,
  }
}

/** The installed version of a package, from its own manifest; undefined for what is not an npm package. */
export function versionOf(packageName: string): string | undefined {
  // Some packages do not export their manifest: it lies at the root of the folder that holds their entry.
  const entry = import.meta.resolve(packageName)
  const folder = entry.slice(
    0,
    entry.lastIndexOf(`/node_modules/${packageName}/`) + `/node_modules/${packageName}/`.length,
  )
  try {
    return (JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { version: string }).version
  } catch {
    return undefined
  }
}

function git(...args: string[]): string | undefined {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}
