// `npm start`: builds what the image pipeline needs, unless that is done already, and runs it in this very process, so that
// Ctrl-C reaches it and its exit code is ours.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const example = join(root, 'examples/image-pipeline')
const program = join(example, 'dist/main.js')

const newestBelow = (folder) =>
  readdirSync(folder, { recursive: true }).reduce(
    (newest, name) => Math.max(newest, statSync(join(folder, name)).mtimeMs),
    0,
  )
/** The entry of each package that its build writes; a build that was cut short lacks one or is older than its sources. */
const built = [
  [join(root, 'packages/queue'), 'dist/index.js'],
  [join(root, 'packages/bridge'), 'dist/worker.js'],
  [example, 'dist/develop.worker.js'],
  [example, 'dist/main.js'],
]
const isFresh = ([folder, entry]) =>
  existsSync(join(folder, entry)) && statSync(join(folder, entry)).mtimeMs > newestBelow(join(folder, 'src'))

if (!built.every(isFresh)) {
  process.stderr.write('building ...\n')
  // Without type declarations, which take longer than everything else.
  const { status, signal, stdout } = spawnSync('pnpm --filter "{examples/image-pipeline}..." run build --no-dts 2>&1', {
    cwd: root,
    shell: true,
    encoding: 'utf8',
  })
  if (status !== 0) {
    process.stderr.write(signal === 'SIGINT' || status === 130 ? '' : `${stdout}\nthe build failed\n`)
    process.exit(status ?? 130)
  }
}

await import(pathToFileURL(program).href)
