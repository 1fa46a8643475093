// Writes the figures of the last run of the explorations and of the kill stress into docs/proof.md, between its markers.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { stressReport } from './stress-report.mjs'

const read = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined)
const number = (value) => Math.round(value).toLocaleString('en-US')

function explorations() {
  const cases = read('.reports/interleaving.json')
  if (!cases) return undefined
  const rows = cases.map(({ name, bounds, states, transitions, ends, depth, milliseconds }) => [
    name,
    bounds,
    number(states),
    number(transitions),
    number(ends),
    number(depth),
    (milliseconds / 1000).toFixed(1),
  ])
  return table(['explored', 'bounds', 'states', 'transitions', 'ends', 'longest run', 'seconds'], rows)
}

function seeded() {
  const found = read('.reports/mutations.json')
  if (!found) return undefined
  const rows = found.map(({ name, file, by, kind, steps, preemptions }) => [
    name,
    `\`${file.split('/').pop()}\``,
    kind,
    by,
    String(steps),
    String(preemptions),
  ])
  return table(['seeded bug', 'in', 'found as', 'by', 'steps', 'preemptions'], rows)
}

function stress() {
  return stressReport()?.lines.join('\n')
}

function matrix() {
  const runs = read('.reports/matrix.json')
  if (!runs) return undefined
  return table(
    ['runtime', 'version', 'what ran', 'outcome'],
    runs.map(({ runtime, version, ran, outcome }) => [runtime, version, ran, outcome]),
  )
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

let text = readFileSync('docs/proof.md', 'utf8')
const machine = `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`
for (const [name, body] of Object.entries({
  explorations: explorations(),
  seeded: seeded(),
  stress: stress(),
  matrix: matrix(),
})) {
  if (body === undefined) {
    console.log(`${name}: no run to take figures from`)
    continue
  }
  const marked = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`)
  if (!marked.test(text)) throw new Error(`docs/proof.md has no place for ${name}`)
  text = text.replace(
    marked,
    (_, open, close) => `${open}\n${body}\n\n${name === 'matrix' ? '' : `${machine}\n\n`}${close}`,
  )
}
writeFileSync('docs/proof.md', text)
