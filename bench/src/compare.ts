// Two git refs on one machine, interleaved in one process: `pnpm run bench:compare REF`.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { verdicts } from './harness/regressions.js'
import { spawnGroup } from './harness/spawn-group.js'
import { groups } from './suites.js'

const usage = `usage: pnpm run bench:compare REF [--only REGEX] [--rounds N] [--max-stolen SHARE] [--full]

Builds REF in a worktree of its own and runs our contenders of both builds interleaved. Ends with 1 and names what
regressed: clean pairs whose median lost more than 5 % and more than their spread.
`
const root = fileURLToPath(new URL('../../', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    'max-stolen': { type: 'string' },
    full: { type: 'boolean' },
    help: { type: 'boolean' },
  },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const [ref] = positionals
if (ref === undefined || positionals.length > 1) {
  process.stderr.write(usage)
  process.exit(2)
}

const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
const commit = git('rev-parse', '--short=10', `${ref}^{commit}`)
const checkout = join(mkdtempSync(join(tmpdir(), 'millrace-bench-')), commit)
let regressed = 0
try {
  console.log(`building ${ref} (${commit})`)
  git('worktree', 'add', '--detach', '--quiet', checkout, commit)
  const build = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: checkout, stdio: ['ignore', 'ignore', 'inherit'] })
  // The pnpm that runs this names itself here: the other checkout is installed and built by the same one. npm names itself too.
  const caller = process.env.npm_execpath ?? ''
  const pnpm = /pnpm/.test(caller) ? caller : 'pnpm'
  const viaNode = /\.[cm]?js$/.test(pnpm)
  const run = (...args: string[]) => (viaNode ? build(process.execPath, pnpm, ...args) : build(pnpm, ...args))
  run('install', '--frozen-lockfile', '--prefer-offline')
  run('-r', '--if-present', '--filter', './packages/*', 'run', 'build')

  const only = new RegExp(values.only ?? '', 'i')
  for (const { name } of groups.filter((group) => only.test(group.name))) {
    const args = ['--against', `${ref}=${checkout}`]
    if (values.rounds !== undefined) args.push('--rounds', values.rounds)
    if (values['max-stolen'] !== undefined) args.push('--max-stolen', values['max-stolen'])
    try {
      const result = await spawnGroup(name, values.full ? 'full' : 'quick', { args })
      for (const { contender, verdict, text } of verdicts(result, 'here', ref)) {
        console.log(`${verdict.padEnd(10)} ${name}: ${contender}: ${text}`)
        if (verdict === 'REGRESSED') regressed++
      }
    } catch (error) {
      // An older ref may lack what a newer case uses: that is not a regression.
      console.log(`not run    ${name}: ${(error as Error).message}`)
    }
  }
} finally {
  if (existsSync(checkout)) git('worktree', 'remove', '--force', checkout)
  rmSync(join(checkout, '..'), { recursive: true, force: true })
}
console.log(regressed === 0 ? `nothing regressed against ${ref}` : `${regressed} regressed against ${ref}`)
process.exit(regressed === 0 ? 0 : 1)
