// Import rules that a reader can rely on: no cycles inside a package, packages import each other only downwards and only
// by their published names, and @millrace/queue imports nothing at all.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
/** Lower packages first: each may import only those before it. */
const order = ['interleave', 'queue', 'bridge', 'pipeline', 'images']
const builtInFree = new Set(['queue'])
const problems = []

const sourcesBelow = (folder) =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? sourcesBelow(path) : /\.ts$/.test(name) ? [path] : []
  })

const importsOf = (file) =>
  [...readFileSync(file, 'utf8').matchAll(/^\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)].map(
    (m) => m[1],
  )

for (const [rank, name] of order.entries()) {
  const source = join(root, 'packages', name, 'src')
  const edges = new Map()
  for (const file of sourcesBelow(source)) {
    const local = []
    for (const specifier of importsOf(file)) {
      const where = `${relative(root, file)} imports ${specifier}`
      if (specifier.startsWith('.')) {
        const target = resolve(dirname(file), specifier.replace(/\.js$/, '.ts'))
        if (!target.startsWith(`${source}/`)) problems.push(`${where}: outside its package's src`)
        local.push(target)
      } else if (specifier.startsWith('@millrace/')) {
        const other = specifier.split('/')[1]
        if (order.indexOf(other) >= rank) problems.push(`${where}: upwards`)
      } else if (builtInFree.has(name)) {
        problems.push(`${where}: @millrace/${name} has no dependencies and runs everywhere`)
      }
    }
    edges.set(file, local)
  }
  const state = new Map()
  const visit = (file, path) => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      const cycle = [...path.slice(path.indexOf(file)), file].map((f) => relative(source, f)).join(' -> ')
      problems.push(`${name}: import cycle ${cycle}`)
      return
    }
    state.set(file, 'open')
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    state.set(file, 'done')
  }
  for (const file of edges.keys()) visit(file, [])
}

for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
console.log('layers: no cycles, no upward imports')
