import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// The packages as somebody has them who installed them: the packed files, in a folder of their own, with nothing of this
// repository around them. What they depend on is linked from here, since nothing is downloaded.

const root = resolve(import.meta.dirname, '..')
const packages = ['queue', 'bridge', 'pipeline']
const others = [
  ['piscina', root],
  ['comlink', root],
  ['typescript', root],
  ['@types/node', root],
  ['p-retry', join(root, 'packages', 'pipeline')],
] as const

let folder: string

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-installed-')))
  const modules = join(folder, 'node_modules')
  for (const scope of ['@millrace', '@types']) mkdirSync(join(modules, scope), { recursive: true })
  for (const name of packages) {
    const to = join(modules, '@millrace', name)
    mkdirSync(to)
    const options = { cwd: join(root, 'packages', name), encoding: 'utf8' } as const
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', to], options)
    const tarball = join(to, readdirSync(to).find((file) => file.endsWith('.tgz'))!)
    execFileSync('tar', ['-xzf', tarball, '-C', to, '--strip-components=1'])
  }
  for (const [name, from] of others) symlinkSync(realpathSync(join(from, 'node_modules', name)), join(modules, name))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (file: string, args: readonly string[] = []): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { status, output: stdout + stderr }
}

/** A program, in ESM or CJS, that puts in a thread of the same kind and gets here, and leaves by what it finds. */
const program = (load: (name: string) => string, thisFile: string): string => `
const { isMainThread, Worker, workerData } = ${load('node:worker_threads')}
const { FanInQueue, FanOutQueue, WrongThread, struct, u32, text } = ${load('@millrace/bridge')}
const { openConsumer, openProducer } = ${load('@millrace/bridge/worker')}
const { mapThreads, mapping, stream, streaming } = ${load('@millrace/bridge/piscina')}
const { installTransferHandlers, nodeEndpoint } = ${load('@millrace/bridge/comlink')}
const { pipeline } = ${load('@millrace/pipeline')}
const { Queue, QueueError, select } = ${load('@millrace/queue')}
const parts = [FanOutQueue, mapThreads, mapping, stream, streaming, installTransferHandlers, nodeEndpoint, pipeline, select]
const main = async () => {
  if (!isMainThread) {
    const out = openProducer(workerData.out)
    for (const id of openConsumer(workerData.from)) out.putBlocking({ id, name: 'item ' + id })
    out.close()
    return
  }
  const numbers = new FanOutQueue()
  const queue = new FanInQueue({ codec: struct({ id: u32, name: text }) })
  new Worker(${thisFile}, { workerData: { out: queue.producer(), from: numbers.consumer() } })
  queue.closeWhenIdle()
  await numbers.putMany([1, 2, 3])
  numbers.shutdown()
  const names = []
  for await (const { name } of queue) names.push(name)
  console.log(names.join(), parts.every((part) => typeof part === 'function'))
  try {
    openProducer(new FanInQueue().producer()).putBlocking(1)
  } catch (error) {
    console.log(error instanceof WrongThread, error instanceof QueueError, error.code)
  }
  const doubled = await pipeline(Queue.from([1, 2])).map((n) => n * 2).toArray()
  console.log(doubled.join())
}
main()
`

describe('installed', () => {
  it.each([
    ['ESM', 'program.mjs', program((name) => `await import('${name}')`, 'new URL(import.meta.url)')],
    ['CJS', 'program.cjs', program((name) => `require('${name}')`, '__filename')],
  ])('a program in %s finds every entry, and its threads do', (_, file, code) => {
    writeFileSync(join(folder, file), code)
    expect(run(file)).toEqual({ status: 0, output: 'item 1,item 2,item 3 true\ntrue true WRONG_THREAD\n2,4\n' })
  })

  // What the pipeline retries with is an ES module only.
  it.each([
    ['ESM', 'retry.mjs', "import { pipeline } from '@millrace/pipeline'"],
    ['CJS', 'retry.cjs', "const { pipeline } = require('@millrace/pipeline')"],
  ])('a pipeline in %s tries an item again', (_, file, load) => {
    const code = `${load}
      const failOnce = (n, { attempt }) => {
        if (attempt === 1) throw new Error('not yet')
        return n
      }
      pipeline([1, 2]).map(failOnce, { retry: { attempts: 2, delay: 0 } }).toArray().then((all) => console.log(all.join()))`
    writeFileSync(join(folder, file), code)
    expect(run(file)).toEqual({ status: 0, output: '1,2\n' })
  })

  const node = { lib: ['es2022', 'esnext.disposable'], types: ['node'] }
  it.each([
    // Piscina's and Comlink's own declarations are not clean everywhere: that is what skipLibCheck is for here.
    ['in ESM, as node16 has it', 'contract.mts', { module: 'node16', ...node, skipLibCheck: true }],
    ['in CJS, as nodenext has it', 'contract.cts', { module: 'nodenext', ...node, skipLibCheck: true }],
    [
      'for a bundler',
      'contract.ts',
      { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: ['node'], skipLibCheck: true },
    ],
    [
      'for a browser: no types of Node, no library beyond the usual, every declaration checked',
      'browser.ts',
      { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
    ],
  ])('the public contract compiles strictly %s', (_, file, options) => {
    copyFileSync(join(root, 'test', 'public-contract.types.ts'), join(folder, file))
    if (file === 'browser.ts') {
      const browser = `import { Queue } from '@millrace/queue'
        const queue: AsyncDisposable & Disposable = new Queue<number>()
        export const item: Promise<number> = new Queue<number>().get()
        export default queue`
      writeFileSync(join(folder, file), browser)
    }
    const compilerOptions = { strict: true, noEmit: true, target: 'es2022', ...options }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }))
    const compiler = join('node_modules', 'typescript', 'bin', 'tsc')
    expect(run(compiler, ['-p', 'tsconfig.json'])).toEqual({ status: 0, output: '' })
  })
})
