// Makes the plots and the tables of the pages from results that were measured before. Nothing here measures.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readResults } from './harness/result-file.js'
import { replaceTables } from './report/markers.js'
import { plots } from './report/plots.js'
import { table } from './report/tables.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const { values } = parseArgs({ options: { json: { type: 'string' }, 'no-tables': { type: 'boolean' } } })
const results = readResults(values.json ?? join(root, 'bench/results/full.json'))

const folder = join(root, 'bench/results/plots')
mkdirSync(folder, { recursive: true })
const drawn = plots(results)
for (const [name, svg] of drawn) writeFileSync(join(folder, `${name}.svg`), svg)
console.log(`${drawn.size} plots in bench/results/plots`)

const pages = [
  'README.md',
  'docs/performance.md',
  'bench/README.md',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
]
for (const page of values['no-tables'] ? [] : pages) {
  const path = join(root, page)
  if (!existsSync(path)) continue
  const before = readFileSync(path, 'utf8')
  const after = replaceTables(before, (name) => table(name, results))
  if (after !== before) {
    writeFileSync(path, after)
    console.log(`${page}: tables written`)
  }
}
