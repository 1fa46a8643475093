import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('the package carries its program, its threads and its types, and no tests or sources', () => {
  const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  })
  const files = (JSON.parse(listing) as [{ files: { path: string }[] }])[0].files.map(({ path }) => path)
  expect(files).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'bin/millrace-images.cjs',
      'dist/cli.js',
      'dist/index.d.ts',
      'dist/render.worker.js',
    ]),
  )
  expect(files.filter((path) => !/^(?:dist\/|bin\/|LICENSE$|README\.md$|package\.json$)/.test(path))).toEqual([])
})

test('everything that the build imports is a dependency', () => {
  const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { dependencies: object }
  const imported = ['cli', 'index', 'render.worker'].flatMap((entry) => {
    const code = readFileSync(`${root}/dist/${entry}.js`, 'utf8')
    return [...code.matchAll(/^import .*from "([^".]+)";$/gm)].map((match) => match[1]!)
  })
  const packages = imported
    .filter((name) => !name.startsWith('node:') && !/^(?:fs|path|url|os|stream|events|crypto|timers)/.test(name))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    )
  expect([...new Set(packages)].sort()).toEqual(Object.keys(dependencies).sort())
})
