import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { globSync } from 'tinyglobby'
import { describe, expect, it } from 'vitest'

// Every fence marked `js run` in the documentation is a program: it is run as its reader would run it, and the `text` fence
// that follows it, if there is one, is what it prints.

const root = resolve(import.meta.dirname, '..')
const pages = globSync(['*.md', 'docs/**/*.md', '{packages,examples}/*/*.md', 'bench/*.md'], { cwd: root }).sort()

interface RunnableFence {
  readonly page: string
  readonly line: number
  readonly code: string
  readonly prints: string | undefined
}

const fencesOf = (page: string): RunnableFence[] => {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```js run\n(.*?)^```\n(?:\s*(?:[^\n`][^\n]*\n\s*)?```text\n(.*?)^```$)?/gms)].map(
    (match) => ({
      page,
      line: text.slice(0, match.index).split('\n').length,
      code: match[1]!,
      prints: match[2],
    }),
  )
}

const fences = pages.flatMap(fencesOf)

describe('documentation', () => {
  it('the README shows a program that runs', () => {
    expect(fences.filter((fence) => fence.page === 'README.md').length).toBeGreaterThan(0)
  })

  it.each(fences.map((fence) => [`${fence.page}:${fence.line}`, fence] as const))(
    '%s runs and prints what it says',
    (where, fence) => {
      const folder = join(root, '.reports', 'fences')
      mkdirSync(folder, { recursive: true })
      const file = join(folder, `${where.replace(/[^\w]+/g, '-')}.mjs`)
      writeFileSync(file, fence.code)
      const run = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000 })
      expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' })
      if (fence.prints !== undefined) expect(run.stdout.trim()).toBe(fence.prints.trim())
    },
  )

  it.each(pages)('%s links only to what exists', (page) => {
    const text = readFileSync(join(root, page), 'utf8').replace(/^```.*?^```$/gms, '')
    const targets = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map((match) => match[1]!)
    const missing = targets.filter((target) => !existsSync(join(root, page, '..', decodeURI(target))))
    expect(missing).toEqual([])
  })
})
