import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { GroupResult } from './run-one-group.js'

export interface ResultFile {
  readonly format: 1
  readonly groups: Readonly<Record<string, GroupResult>>
}

export function readResults(path: string): ResultFile {
  if (!existsSync(path)) return { format: 1, groups: {} }
  return JSON.parse(readFileSync(path, 'utf8')) as ResultFile
}

/** Puts groups into a results file, the others in it kept: each carries the commit and the machine it was measured with. */
export function mergeResults(path: string, results: readonly GroupResult[]): void {
  const groups = { ...readResults(path).groups, ...Object.fromEntries(results.map((result) => [result.name, result])) }
  const ordered = Object.fromEntries(Object.entries(groups).sort(([a], [b]) => (a < b ? -1 : 1)))
  mkdirSync(dirname(path), { recursive: true })
  const rounded = (_key: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value)
  writeFileSync(path, `${JSON.stringify({ format: 1, groups: ordered }, rounded, 1)}\n`)
}
