import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// What is published is looked at as its users get it: the packed tarball, not the work tree.

const root = resolve(import.meta.dirname, '..')
const packages = ['queue', 'bridge', 'pipeline', 'interleave'].filter((name) =>
  readdirSync(join(root, 'packages')).includes(name),
)
const binary = (name: string) => join(root, 'node_modules', '.bin', name)

describe.each(packages)('@millrace/%s as packed', (name) => {
  const source = join(root, 'packages', name)
  let folder: string
  let tarball: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-pack-'))
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
      cwd: source,
      encoding: 'utf8',
    })
    tarball = join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz'))!)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('passes publint', () => {
    expect(() => execFileSync(binary('publint'), [source, '--strict'], { encoding: 'utf8' })).not.toThrow()
  })

  it('resolves with its types in ESM, CJS and bundlers', () => {
    expect(() =>
      execFileSync(binary('attw'), [tarball, '--profile', 'node16', '--quiet'], { encoding: 'utf8' }),
    ).not.toThrow()
  })

  it('carries its licence, its README and its build, and nothing else', () => {
    const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n')
    expect(files).toEqual(expect.arrayContaining(['package/LICENSE', 'package/README.md', 'package/package.json']))
    const others = files.filter((file) => !/^package\/(dist\/.*|LICENSE|README\.md|package\.json)$/.test(file))
    expect(others).toEqual([])
  })

  it('has no any in a public signature', () => {
    const dist = join(source, 'dist')
    const types = readdirSync(dist).filter((file) => /\.d\.c?ts$/.test(file))
    expect(types.length).toBeGreaterThan(0)
    for (const file of types) {
      const code = readFileSync(join(dist, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      expect(code.match(/^.*\bany\b.*$/gm) ?? [], file).toEqual([])
    }
  })

  it('names a licence, its engines and where it lives', () => {
    const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ license: 'MIT', engines: { node: '>=20.19' }, type: 'module' })
  })
})
