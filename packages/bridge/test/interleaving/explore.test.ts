import { mkdirSync, writeFileSync } from 'node:fs'
import { explore } from '@millrace/interleave'
import { afterAll, describe, expect, it } from 'vitest'
import { cases, load } from './catalogue.js'

describe('every interleaving of the shipped code', () => {
  const figures: object[] = []

  for (const { name, bounds, file, scenario } of cases) {
    it(`${name}: nothing lost, doubled, torn, raced, or left asleep (${bounds})`, { timeout: 240_000 }, () => {
      const { failure, ...figure } = explore(scenario(load(file)))
      expect(failure?.report.slice(0, 60_000)).toBeUndefined()
      expect(figure.isComplete).toBe(true)
      expect(figure.ends).toBeGreaterThan(0)
      figures.push({ name, bounds, ...figure })
    })
  }

  // docs/proof.md is written from this: node scripts/write-proof.mjs
  afterAll(() => {
    mkdirSync('.reports', { recursive: true })
    writeFileSync('.reports/interleaving.json', `${JSON.stringify(figures, null, 2)}\n`)
  })
})
