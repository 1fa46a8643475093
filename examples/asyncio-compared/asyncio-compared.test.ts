import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hasPython, run } from '../test/run.ts'

const folder = import.meta.dirname

/** What Python printed when the README was written, for machines without it. */
const recorded = () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  return /^\$ python3 in_python\.py\n(.*?)^```$/ms.exec(readme)![1]
}

it('the program prints the same in Python and in JavaScript', async () => {
  const python = hasPython ? (await run(folder, 'python3', ['in_python.py'])).stdout : recorded()
  const javascript = await run(folder, process.execPath, ['in_javascript.js'])
  expect(javascript.stdout).toBe(python)
})
