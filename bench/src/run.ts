import { parseArgs } from 'node:util'
import { reportGroup } from './harness/console-report.js'
import type { Scale } from './harness/group.js'
import { mergeResults } from './harness/result-file.js'
import type { GroupResult } from './harness/run-one-group.js'
import { spawnGroup } from './harness/spawn-group.js'
import { groups } from './suites.js'

const usage = `usage: node bench/dist/run.js [options]

  --smoke | --quick | --full   how much of it (default --quick)
  --only REGEX                 groups whose name matches, for example --only queue/pairs
  --contenders REGEX           within them, contenders whose name matches
  --rounds N                   instead of the scale's own number
  --max-stolen SHARE           share of the machine that others may take in a clean run (default 0.1)
  --json FILE                  results file (default bench/results/SCALE.json; nothing for --smoke)
  --no-json                    write no results
  --node-option OPTION         for the measured processes, for example --node-option=--cpu-prof
  --list                       names the groups and ends
`

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean' },
    quick: { type: 'boolean' },
    full: { type: 'boolean' },
    only: { type: 'string' },
    contenders: { type: 'string' },
    rounds: { type: 'string' },
    'max-stolen': { type: 'string' },
    json: { type: 'string' },
    'no-json': { type: 'boolean' },
    'node-option': { type: 'string', multiple: true },
    list: { type: 'boolean' },
    help: { type: 'boolean' },
  },
})

if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const scale: Scale = values.smoke ? 'smoke' : values.full ? 'full' : 'quick'
const only = new RegExp(values.only ?? '', 'i')
const chosen = groups.filter(({ name }) => only.test(name))
if (values.list) {
  for (const { name, title } of chosen) console.log(`${name}  ${title}`)
  process.exit(0)
}

const results: GroupResult[] = []
const failures: string[] = []
for (const { name } of chosen) {
  try {
    const result = await spawnGroup(name, scale, {
      args: ['rounds', 'max-stolen', 'contenders'].flatMap((option) => {
        const value = values[option as 'rounds']
        return value === undefined ? [] : [`--${option}`, value]
      }),
      nodeOptions: values['node-option'] ?? [],
    })
    results.push(result)
    console.log(reportGroup(result))
  } catch (error) {
    failures.push(name)
    console.error(`\n${name} FAILED: ${(error as Error).message}`)
  }
}

const file = values['no-json'] || scale === 'smoke' ? values.json : (values.json ?? `bench/results/${scale}.json`)
if (file !== undefined && results.length > 0) mergeResults(file, results)
const goals = results.flatMap((result) => result.goals)
console.log(
  `\n${results.length} groups, ${failures.length} failed${failures.length === 0 ? '' : `: ${failures.join(', ')}`};` +
    ` goals: ${goals.filter(({ met }) => met === true).length} met, ${goals.filter(({ met }) => met === false).length} missed,` +
    ` ${goals.filter(({ met }) => met === undefined).length} unknown${file === undefined ? '' : `; ${file}`}`,
)
process.exit(failures.length > 0 || results.length === 0 ? 1 : 0)
