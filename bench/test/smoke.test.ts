import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../dist/run.js', import.meta.url))

const { stdout: listed } = await run(process.execPath, [cli, '--list'])
const names = listed
  .trim()
  .split('\n')
  .map((line) => line.split('  ')[0]!)

test.each(names)('every contender of %s runs, and what arrives is what was sent', async (name) => {
  const { stdout } = await run(process.execPath, [cli, '--smoke', '--only', `^${name}$`])
  expect(stdout).toContain('1 groups, 0 failed')
})
