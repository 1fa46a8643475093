import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const program = fileURLToPath(new URL('./fixtures/ends.mjs', import.meta.url))

it.each([
  ['end', 'over'],
  ['break', 'over'],
  ['error', 'bad batch'],
  ['abort', 'aborted'],
  ['deaf', 'bad batch'],
])('after %s nothing keeps the process alive', async (how, prints) => {
  const { stdout } = await run(process.execPath, [program, how], { timeout: 20_000 })
  expect(stdout.trim()).toBe(prints)
})
