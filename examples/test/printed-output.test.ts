import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasPython, run } from './run.ts'

// A README shows what to type and what that prints in a `console` fence:
//
//     $ node hello-queue.js
//     hello, Ada
//
// Each such command is run in its example's folder, and must print exactly that, nothing on stderr, and exit with code 0.

const root = resolve(import.meta.dirname, '..')

/** An example with a project of its own tests itself. */
const examples = readdirSync(root).filter(
  (name) => existsSync(join(root, name, 'package.json')) && !existsSync(join(root, name, 'vitest.config.ts')),
)

const sessionsOf = (example: string) => {
  const text = readFileSync(join(root, example, 'README.md'), 'utf8')
  return [...text.matchAll(/^```console\n\$ ([^\n]+)\n(.*?)^```$/gms)].map(([, command, prints]) => ({
    command: command!,
    prints: prints!,
  }))
}

/** The files that no other one names: the rest are modules and workers of theirs. */
const programsOf = (example: string) => {
  const files = readdirSync(join(root, example)).filter((file) => /\.(js|py)$/.test(file))
  const code = files.map((file) => readFileSync(join(root, example, file), 'utf8')).join('\n')
  return files.filter((file) => !code.includes(`'./${file}'`)).sort()
}

describe.each(examples)('%s', (example) => {
  const sessions = sessionsOf(example)
  const runnable = sessions.filter(({ command }) => hasPython || !command.startsWith('python3 '))

  it('shows in its README how each of its programs is run', () => {
    const shown = sessions.flatMap(({ command }) => command.split(' ')[1] ?? [])
    expect(shown.sort()).toEqual(programsOf(example))
  })

  it.concurrent.each(runnable)('$command prints what the README says', async ({ command, prints }) => {
    const [program, ...args] = command.split(' ')
    const ran = await run(join(root, example), program === 'node' ? process.execPath : program!, args)
    expect(ran).toEqual({ stdout: prints, stderr: '', status: 0 })
  })
})

it('the index lists every example', () => {
  const index = readFileSync(join(root, 'README.md'), 'utf8')
  const listed = [...index.matchAll(/\]\(([\w-]+)\/?\)/g)].map((match) => match[1]!)
  expect(examples.filter((name) => !listed.includes(name))).toEqual([])
})
