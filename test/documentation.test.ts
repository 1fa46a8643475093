import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { globSync } from 'tinyglobby'
import { describe, expect, it } from 'vitest'

// Every fence marked `js run` in the documentation is a program: it is run as its reader would run it, and the `text` fence
// that follows it, if there is one, is what it prints. A fence marked `js file=NAME` is a file that lies beside it.

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

const filesOf = (page: string): [name: string, code: string][] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```js file=(\S+)\n(.*?)^```$/gms)].map(([, name, code]) => [
    name!,
    code!,
  ])

const fences = pages.flatMap(fencesOf)

describe('documentation', () => {
  it('the README shows a program that runs', () => {
    expect(fences.filter((fence) => fence.page === 'README.md').length).toBeGreaterThan(0)
  })

  it.each(pages)('%s shows no JavaScript that is neither a program nor a file of one', (page) => {
    const text = readFileSync(join(root, page), 'utf8')
    // The explorer's is TypeScript over a mutex that its reader has.
    const others = page === 'packages/interleave/README.md' ? 2 : 0
    const shown = [...text.matchAll(/^\s*```(?:js|ts|javascript|typescript|mjs|cjs)\b(.*)$/gm)].map(([, rest]) => rest!)
    expect(shown.filter((rest) => !/^ (run|file=\S+)$/.test(rest))).toHaveLength(others)
  })

  it.each(fences.map((fence) => [`${fence.page}:${fence.line}`, fence] as const))(
    '%s runs and prints what it says',
    (_, fence) => {
      const folder = join(root, '.reports', 'fences', fence.page.replace(/[^\w]+/g, '-'))
      mkdirSync(folder, { recursive: true })
      for (const [name, code] of filesOf(fence.page)) writeFileSync(join(folder, name), code)
      const file = join(folder, `line-${fence.line}.mjs`)
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
