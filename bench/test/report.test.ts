import { expect, test } from 'vitest'
import { verdicts } from '../src/harness/regressions.js'
import { percentile, summarize } from '../src/harness/statistics.js'
import { replaceTables } from '../src/report/markers.js'

const clean = { samples: 5, regime: 'near', pairs: 5, clean: 5 } as const
const compared = (median: number, mad: number) => ({
  ratios: [
    { of: 'x @ here', against: 'x @ main', ratio: { ...clean, median, mad, min: median, max: median } },
    { of: 'x @ main', against: 'x @ here', ratio: { ...clean, median: 1 / median, mad, min: median, max: median } },
    { of: 'x @ here', against: 'y @ main', ratio: { ...clean, median: 0.1, mad, min: median, max: median } },
  ],
})

test('a loss beyond 5 % and beyond the spread is named a regression, once', () => {
  expect(verdicts(compared(0.8, 0.02), 'here', 'main')).toMatchObject([{ contender: 'x', verdict: 'REGRESSED' }])
})

test('a loss within the spread of the pairs is none', () => {
  expect(verdicts(compared(0.8, 0.15), 'here', 'main')).toMatchObject([{ verdict: 'level' }])
  expect(verdicts(compared(0.96, 0.001), 'here', 'main')).toMatchObject([{ verdict: 'level' }])
})

test('a table replaces what stood between its markers and nothing else', () => {
  const page = 'a\n<!-- bench:x:begin -->\nold\n<!-- bench:x:end -->\nb'
  const once = replaceTables(page, (name) => `table of ${name}`)
  expect(once).toBe('a\n<!-- bench:x:begin -->\n\ntable of x\n\n<!-- bench:x:end -->\nb')
  expect(replaceTables(once, (name) => `table of ${name}`)).toBe(once)
})

test('a marker that names no table is an error', () => {
  const page = '<!-- bench:typo:begin --><!-- bench:typo:end -->'
  expect(() => replaceTables(page, () => undefined)).toThrow(/typo/)
})

test('median, spread and percentiles of a few samples', () => {
  expect(summarize([1, 2, 3, 4, 100])).toEqual({ samples: 5, median: 3, min: 1, max: 100, mad: 1 })
  expect(percentile([0, 10], 0.25)).toBe(2.5)
})
