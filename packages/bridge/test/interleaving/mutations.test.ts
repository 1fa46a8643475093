import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { explore } from '@millrace/interleave'
import { afterAll, describe, expect, it } from 'vitest'
import { type Case, cases, load } from './catalogue.js'
import { type Mutation, mutations } from './mutations.js'

function caseCalled(id: string): Case {
  const found = cases.find((candidate) => candidate.id === id)
  if (!found) throw new Error(`the catalogue has no case '${id}'`)
  return found
}

/** The mutation as an edit; fails when its place is not there, or not the only one. */
function edit({ find, replace }: Mutation): (text: string) => string {
  return (text) => {
    expect(text.split(find).length - 1, `places that read ${JSON.stringify(find)}`).toBe(1)
    return text.replace(find, () => replace)
  }
}

describe('a bug seeded in the shipped code is found', () => {
  const found: object[] = []

  it('by at least twenty mutations, of places that are there', () => {
    expect(mutations.length).toBeGreaterThanOrEqual(20)
    expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length)
    for (const mutation of mutations) {
      const path = new URL(`../../../${mutation.file}`, import.meta.url)
      edit(mutation)(readFileSync(path, 'utf8'))
    }
  })

  for (const mutation of mutations) {
    it(mutation.name, { timeout: 240_000 }, () => {
      for (const id of mutation.cases) {
        const { file, name, scenario } = caseCalled(id)
        const { failure } = explore(scenario(load(file, { [mutation.file]: edit(mutation) })))
        if (!failure) continue
        // The report is what a maintainer would read: it names the run and where it goes wrong.
        expect(failure.report).toContain(failure.schedule)
        const { kind, steps, preemptions } = failure
        found.push({ name: mutation.name, file: mutation.file, by: name, kind, steps, preemptions })
        return
      }
      expect.fail(`no exploration (${mutation.cases.join(', ')}) has found it`)
    })
  }

  // docs/proof.md is written from this: node scripts/write-proof.mjs
  afterAll(() => {
    mkdirSync('.reports', { recursive: true })
    writeFileSync('.reports/mutations.json', `${JSON.stringify(found, null, 2)}\n`)
  })
})
