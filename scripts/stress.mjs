// Kills threads at random moments for as long as asked: npm run stress -- --seconds 600 --seed 42
// --add keeps the reports of earlier runs, so that a long stress can be run in pieces; --no-build takes dist/ as it is.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { stressReport } from './stress-report.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string' },
    add: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
})
const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31))
if (!values.add) rmSync('.reports/stress', { recursive: true, force: true })
console.log(`killing threads for ${values.seconds} s from seed ${seed}`)

const run = (command) =>
  spawnSync(command, {
    stdio: 'inherit',
    shell: true,
    env: { ...process.env, MILLRACE_STRESS_SECONDS: values.seconds, MILLRACE_STRESS_SEED: seed },
  }).status
const status =
  (values['no-build'] ? 0 : run('pnpm run build')) ||
  run('pnpm exec vitest run --project bridge packages/bridge/test/stress')
const report = stressReport()
if (report !== undefined) {
  console.log(`\n${report.lines.join('\n')}`)
  for (const problem of report.problems) console.log(problem)
  console.log('\nreports: .reports/stress/')
}
process.exit(status !== 0 ? (status ?? 1) : report?.isClean === false ? 1 : 0)
