import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { globSync } from 'tinyglobby'
import { expect, it } from 'vitest'

// The cases of docs/semantics.md, and those of the bridge from T200 to T253, are tested under their numbers: each stands in
// the title of at least one test.

const root = resolve(import.meta.dirname, '..')
const NUMBER = /\bT\d{3}b?\b/g

it('every case of the semantics has a test that carries its number', () => {
  const titled = new Set<string>()
  for (const file of globSync('packages/*/test/**/*.test.ts', { cwd: root })) {
    const code = readFileSync(join(root, file), 'utf8')
    // A title is the first argument of what a test is made with, whether that takes a table first or not.
    const titles = code.matchAll(/(?:\b(?:it|test|describe)(?:\.\w+)*|\]\)|\))\(\s*(['"`])(.*?)\1,/g)
    for (const [, , title] of titles) for (const number of title!.match(NUMBER) ?? []) titled.add(number)
  }
  const cases = new Set(readFileSync(join(root, 'docs', 'semantics.md'), 'utf8').match(NUMBER))
  expect(cases.size).toBeGreaterThan(100)
  for (let number = 200; number <= 253; number++) cases.add(`T${number}`)
  expect([...cases].filter((number) => !titled.has(number))).toEqual([])
})
