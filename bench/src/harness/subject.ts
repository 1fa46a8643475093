import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export type QueueModule = typeof import('@millrace/queue')
export type BridgeModule = typeof import('@millrace/bridge')

/**
 * One build of millrace. The current one is imported by its published entry points; `bench:compare` adds another, from
 * a checkout of another git ref, so that both run interleaved in one process.
 */
export interface Subject {
  /** `millrace`, or the ref under comparison. */
  readonly name: string
  readonly queue: QueueModule
  readonly bridge: BridgeModule
  /** What a worker thread imports: URL of an entry point of this build, for example `@millrace/bridge/worker`. */
  entry(specifier: string): string
}

/**
 * @param name - how results call this build
 * @param checkout - root of a built checkout; left out, the packages that this bench is installed with
 */
export async function loadSubject(name: string, checkout?: string): Promise<Subject> {
  const entry = checkout === undefined ? (specifier: string) => import.meta.resolve(specifier) : entriesOf(checkout)
  return {
    name,
    entry,
    queue: (await import(entry('@millrace/queue'))) as QueueModule,
    bridge: (await import(entry('@millrace/bridge'))) as BridgeModule,
  }
}

function entriesOf(checkout: string): (specifier: string) => string {
  return (specifier) => {
    const [, folder, ...subpath] = specifier.split('/')
    const packageFolder = join(checkout, 'packages', folder!)
    const manifest = createRequire(join(packageFolder, 'package.json'))('./package.json') as {
      exports: Record<string, { import: { default: string } } | string>
    }
    const target = manifest.exports[subpath.length === 0 ? '.' : `./${subpath.join('/')}`]
    if (target === undefined || typeof target === 'string') throw new Error(`${checkout} does not export ${specifier}`)
    return pathToFileURL(join(packageFolder, target.import.default)).href
  }
}
