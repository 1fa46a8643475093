import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { drawing, photographs } from '../pictures.js'
import { filesBelow, temporaryFolder } from '../temporary-folder.js'
import { type Running, reportOf, runTool, startTool } from './run-tool.js'

/** A folder of twelve real photographs, and what makes small pictures of them. */
async function album(): Promise<{ root: string; photos: string; args: (out: string) => string[] }> {
  const root = await temporaryFolder()
  const photos = join(root, 'photos')
  await mkdir(photos)
  for (const path of photographs.slice(0, 12)) await symlink(path, join(photos, basename(path)))
  return { root, photos, args: (out) => [photos, '-o', out, '-s', '400,100', '-f', 'webp', '-t', '2'] }
}

async function digests(folder: string): Promise<Record<string, string>> {
  const files = await filesBelow(folder)
  const entries = await Promise.all(
    files.map(async (file) => [
      file,
      createHash('sha256')
        .update(await readFile(join(folder, file)))
        .digest('hex'),
    ]),
  )
  return Object.fromEntries(entries)
}

/** Resolves when the first finished file was told: in the middle of the work. */
async function firstFile({ child }: Running): Promise<void> {
  await once(createInterface(child.stdout), 'line')
}

test('killed with -9 and started again, a run does only what is left and ends with the same files', async () => {
  const { root, args } = await album()
  const whole = join(root, 'whole')
  expect((await runTool(args(whole))).code).toBe(0)

  const out = join(root, 'out')
  const running = startTool(args(out))
  await firstFile(running)
  running.child.kill('SIGKILL')
  await running.ended
  for (const file of await filesBelow(out)) if (!file.startsWith('.')) await sharp(join(out, file)).stats()

  const { exitCode, totals } = await reportOf(...args(out))
  expect(exitCode).toBe(0)
  expect(totals.resumed).toBeGreaterThan(0)
  expect(totals.written).toBeGreaterThan(0)
  expect(totals.resumed + totals.written).toBe(12)
  expect(await digests(out)).toEqual(await digests(whole))
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s leaves only whole files, exit code 130, and the next run goes on',
  async (signal) => {
    const { root, args } = await album()
    const out = join(root, 'out')
    const running = startTool(args(out))
    await firstFile(running)
    running.child.kill(signal)
    const { code, stderr } = await running.ended
    expect(code).toBe(130)
    expect(stderr).toContain('interrupted: the same command goes on from here')
    const files = await filesBelow(out)
    const pictures = files.filter((file) => file.endsWith('.webp'))
    expect(files.filter((file) => !file.endsWith('.webp'))).toEqual([join('.millrace-images', 'journal.jsonl')])
    expect(pictures.length).toBeGreaterThan(0)
    for (const file of pictures) await sharp(join(out, file)).stats()
    const { totals } = await reportOf(...args(out))
    expect(totals.resumed).toBeGreaterThan(0)
    expect(totals.resumed + totals.written).toBe(12)
  },
)

test('another recipe does not take the files of a killed run for its own', async () => {
  const { root, photos, args } = await album()
  const out = join(root, 'out')
  const running = startTool(args(out))
  await firstFile(running)
  running.child.kill('SIGKILL')
  await running.ended
  const { totals } = await reportOf(photos, '-o', out, '-s', '400,100', '-f', 'webp', '-t', '2', '-q', '30')
  expect(totals).toMatchObject({ resumed: 0, written: 12 })
})

/** A folder of six pictures, of which `3.png` alone is 77 pixels wide. */
async function withKiller(filter: string): Promise<{ out: string; args: string[] }> {
  const root = await temporaryFolder()
  const photos = join(root, 'photos')
  await mkdir(photos)
  for (const n of [1, 2, 3, 4, 5, 6])
    await drawing(n, { width: n === 3 ? 77 : 64 })
      .png()
      .toFile(join(photos, `${n}.png`))
  const module = join(root, 'filter.mjs')
  await writeFile(
    module,
    `export default async (image) => {
       const { info } = await image.clone().raw().toBuffer({ resolveWithObject: true })
       if (info.width === 77) ${filter}
       return image
     }`,
  )
  const out = join(root, 'out')
  return { out, args: [photos, '-o', out, '--filter', module, '-t', '2'] }
}

test.each([
  ['ends its thread', 'process.exit(7)', []],
  ['throws where nobody catches', 'await new Promise(() => setImmediate(() => { throw new Error("bang") }))', []],
  ['takes for ever', 'for (;;);', ['--timeout', '400ms']],
])('a picture that %s, twice, is quarantined; the rest is done', async (_, filter, options) => {
  const { out, args } = await withKiller(filter)
  const report = await reportOf(...args, ...options)
  expect(report).toMatchObject({ exitCode: 1, totals: { written: 5, failed: 1, quarantined: 1 } })
  const [bad] = report.images.filter(({ status }) => status === 'quarantined')
  expect(bad).toMatchObject({
    input: expect.stringMatching(/3\.png$/),
    error: expect.stringContaining('killed its thread 2 times'),
  })
  expect((await filesBelow(out)).filter((file) => file.endsWith('.png'))).toEqual(
    ['1', '2', '4', '5', '6'].map((name) => `${name}.png`),
  )
  // It stays in quarantine until it, the recipe, or the user's mind has changed.
  const again = await reportOf(...args, ...options)
  expect(again).toMatchObject({ exitCode: 1, totals: { resumed: 5, written: 0, quarantined: 1 } })
})
