// Kills threads at random moments for as long as asked: npm run stress -- --seconds 600 --seed 42
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string' } } })
const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31))
console.log(`killing threads for ${values.seconds} s from seed ${seed}`)

const run = (command) =>
  spawnSync(command, {
    stdio: 'inherit',
    shell: true,
    env: { ...process.env, MILLRACE_STRESS_SECONDS: values.seconds, MILLRACE_STRESS_SEED: seed },
  }).status
const status = run('pnpm run build') || run('pnpm exec vitest run --project bridge packages/bridge/test/stress')
if (status === 0) {
  const { rounds, threads, records, slowest, ends, wedged, corrupt, lost } = JSON.parse(
    readFileSync('.reports/stress.json', 'utf8'),
  )
  console.log(
    `${rounds} queues, ${threads} threads (${Object.entries(ends)
      .map((end) => end.join(' '))
      .join(', ')})`,
  )
  console.log(`${records} records received; ${wedged} wedged, ${corrupt} corrupt, ${lost} lost`)
  console.log(`news of a death and everything before it took ${Math.round(slowest)} ms at most`)
}
process.exit(status ?? 1)
