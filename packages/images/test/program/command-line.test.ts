import { chmod, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { drawing, photographs } from '../pictures.js'
import { filesBelow, temporaryFolder } from '../temporary-folder.js'
import { reportOf, runTool, startTool } from './run-tool.js'

/** A folder with pictures `1.png` to `count.png`, and an output folder's path beside it. */
async function drawings(count: number): Promise<{ photos: string; out: string }> {
  const root = await temporaryFolder()
  const photos = join(root, 'photos')
  await mkdir(photos)
  for (let seed = 1; seed <= count; seed++)
    await drawing(seed)
      .png()
      .toFile(join(photos, `${seed}.png`))
  return { photos, out: join(root, 'out') }
}

test('a folder becomes its pictures in every size and format, and nothing else; exit code 0', async () => {
  const { photos, out } = await drawings(2)
  await mkdir(join(photos, 'deep'))
  await copyFile(photographs[0]!, join(photos, 'deep/photo.jpg'))
  const { code, stdout, stderr } = await runTool([photos, '-o', out, '-s', '48,24', '-f', 'webp,jpeg'])
  expect(code).toBe(0)
  const files = await filesBelow(out)
  expect(files).toEqual(
    ['1', '2', join('deep', 'photo')].flatMap((name) =>
      ['24w.jpg', '24w.webp', '48w.jpg', '48w.webp'].map((end) => `${name}-${end}`),
    ),
  )
  for (const file of files) await sharp(join(out, file)).stats()
  // A pipe gets the paths, one a line.
  expect(stdout.trim().split('\n').sort()).toEqual(files.map((file) => join(out, file)))
  expect(stderr).toMatch(/100% 3\/3 · [\d.]+\/s · 0 s left/)
  expect(stderr).toMatch(/3 written \(12 files\) · 0 failed · [\d.]+ s · [\d.]+ images\/s · .* in, .* out/)
})

test('bad files are reported and skipped, with exit code 1; the next run tries only those', async () => {
  const { photos, out } = await drawings(3)
  await writeFile(join(photos, 'bad.jpg'), 'not a photograph')
  await writeFile(join(photos, 'cut.png'), (await readFile(join(photos, '1.png'))).subarray(0, 300))
  const first = await runTool([photos, '-o', out])
  expect(first.code).toBe(1)
  expect(first.stderr).toMatch(/failed: .*bad\.jpg: .+/)
  expect(first.stderr).toMatch(/failed: .*cut\.png: .+/)
  expect(first.stderr).toContain('3 written (3 files) · 2 failed')

  await drawing(9).jpeg().toFile(join(photos, 'bad.jpg'))
  await drawing(8).png().toFile(join(photos, 'cut.png'))
  const second = await reportOf(photos, '-o', out)
  expect(second).toMatchObject({ exitCode: 0, totals: { written: 2, resumed: 3, failed: 0 } })
  expect(await filesBelow(out)).toEqual(['1.png', '2.png', '3.png', 'bad.jpg', 'cut.png'])
})

test.skipIf(process.platform === 'win32')('a file that may not be read is reported as that', async () => {
  const { photos, out } = await drawings(2)
  await mkdir(out)
  await chmod(join(photos, '1.png'), 0o000)
  // Permissions do not hold back the superuser.
  const uid = process.getuid?.() === 0 ? 65_534 : undefined
  for (const folder of [join(photos, '..'), out]) await chmod(folder, 0o777)
  const { code, stderr } = await startTool([photos, '-o', out], '', uid).ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/failed: .*1\.png: EACCES: permission denied/)
  expect(stderr).toContain('1 written (1 files) · 1 failed')
})

test('--help and --version go to standard output with exit code 0', async () => {
  const help = await runTool(['--help'])
  expect(help).toMatchObject({ code: 0, stderr: '' })
  expect(help.stdout).toContain('Usage: millrace-images [options] [inputs...]')
  expect(await runTool(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test.each([
  [['photos', '--size', 'huge'], /a size is .*'huge'/],
  [[], /name files, folders/],
  [['photos', '--background', 'no-colour'], /--background/],
])('wrong usage %j ends with exit code 2 and says what is wrong', async (args, message) => {
  const { code, stdout, stderr } = await runTool(args)
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toMatch(message)
})

test('exit code 3 when nothing matched; nothing is made', async () => {
  const root = await temporaryFolder()
  const { code, stderr } = await runTool([join(root, 'nowhere'), `${root}/*.jpg`, '-o', join(root, 'out')])
  expect(code).toBe(3)
  expect(stderr).toContain('nothing matched')
  expect(await filesBelow(root)).toEqual([])
})

test('inputs come from standard input, by line or by NUL', async () => {
  const { photos, out } = await drawings(3)
  const lines = await runTool(['-', '-o', out], `${photos}/1.png\n# not this\n${photos}/2.png\n`)
  expect(lines.code).toBe(0)
  const nuls = await runTool(['-', '-o', out], `${photos}/3.png\0`)
  expect(nuls.code).toBe(0)
  expect(await filesBelow(out)).toEqual(['1.png', '2.png', '3.png'])
})

test('--json prints one report and nothing else', async () => {
  const { photos, out } = await drawings(2)
  await sharp(join(photos, '1.png')).resize(192).jpeg({ quality: 60 }).toFile(join(photos, 'copy.jpg'))
  const report = await reportOf(photos, '-o', out, '--threads', '1')
  expect(report).toMatchObject({
    tool: 'millrace-images',
    threads: 1,
    interrupted: false,
    exitCode: 0,
    totals: { matched: 3, written: 3, files: 3, failed: 0, resumed: 0, skipped: 0, quarantined: 0 },
  })
  const [image] = report.images.filter(({ input }) => input.endsWith('1.png'))
  expect(image).toMatchObject({
    status: 'written',
    width: 96,
    height: 64,
    outputs: [{ path: join(out, '1.png'), width: 96, height: 64 }],
    fingerprints: { blurhash: expect.stringMatching(/^.{28}$/), phash: expect.stringMatching(/^[0-9a-f]{16}$/) },
  })
  // The same drawing, larger and compressed, is found again; the other one is not.
  expect(report.nearDuplicates).toHaveLength(1)
  const { first, second } = report.nearDuplicates[0]!
  expect([first, second].sort()).toEqual([join(photos, '1.png'), join(photos, 'copy.jpg')])
})

test('--report writes the same report into a file', async () => {
  const { photos, out } = await drawings(1)
  const path = join(photos, '../report.json')
  await runTool([photos, '-o', out, '--report', path, '--quiet'])
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ exitCode: 0, totals: { written: 1 } })
})

test('a report that cannot be written is wrong usage, told before the first picture', async () => {
  const { photos, out } = await drawings(1)
  for (const [path, why] of [
    [photos, 'is a folder'],
    [join(photos, '1.png/report.json'), 'is no folder'],
  ] as const) {
    const { code, stderr } = await runTool([photos, '-o', out, '--report', path])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`--report cannot be written: `) })
    expect(stderr).toContain(why)
  }
  expect(await filesBelow(out)).toEqual([])
})

test('an output folder that cannot be is wrong usage', async () => {
  const { photos } = await drawings(1)
  const { code, stderr } = await runTool([photos, '-o', join(photos, '1.png/out')])
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^millrace-images: --out cannot be written: ENOTDIR.*\n.*--help.*\n$/),
  })
})

test('--dry-run says what would be written and writes nothing', async () => {
  const { photos, out } = await drawings(2)
  const { code, stdout } = await runTool([photos, '-o', out, '-f', 'avif', '--dry-run'])
  expect(code).toBe(0)
  expect(stdout.trim().split('\n')).toEqual([1, 2].map((n) => `${photos}/${n}.png -> ${out}/${n}.avif`))
  expect(await filesBelow(out)).toEqual([])
  const report = await reportOf(photos, '-o', out, '-f', 'avif', '--dry-run')
  expect(report).toMatchObject({ exitCode: 0, totals: { matched: 2, written: 0 } })
  expect(report.images[0]).toEqual({
    status: 'planned',
    input: `${photos}/1.png`,
    outputs: [{ path: `${out}/1.avif` }],
  })
})

test('--skip-existing leaves alone what is there', async () => {
  const { photos, out } = await drawings(2)
  await mkdir(out)
  await writeFile(join(out, '1.png'), 'mine')
  expect(await reportOf(photos, '-o', out, '--skip-existing')).toMatchObject({ totals: { skipped: 1, written: 1 } })
  expect(await readFile(join(out, '1.png'), 'utf8')).toBe('mine')
})

test('a picture beyond a limit is refused, the rest goes on', async () => {
  const { photos, out } = await drawings(2)
  await drawing(7, { width: 400, height: 300 }).png().toFile(join(photos, 'large.png'))
  const pixels = await reportOf(photos, '-o', out, '--max-pixels', '100k')
  expect(pixels).toMatchObject({ exitCode: 1, totals: { written: 2, failed: 1 } })
  expect(JSON.stringify(pixels.images)).toContain('400x300 pixels are more than --max-pixels 100000')
  const memory = await reportOf(photos, '-o', out, '--max-memory', '200K', '--fresh')
  expect(memory).toMatchObject({ exitCode: 1, totals: { written: 2, failed: 1 } })
  expect(JSON.stringify(memory.images)).toMatch(/needs about \d+ bytes, more than --max-memory 204800/)
})

test("a filter module of one's own is applied in the threads", async () => {
  const { photos, out } = await drawings(1)
  const filter = join(photos, '../negative.mjs')
  await writeFile(filter, 'export default (image) => image.negate()')
  expect((await runTool([photos, '-o', out, '--filter', filter])).code).toBe(0)
  const mean = async (path: string) => (await sharp(path).stats()).channels[0]!.mean
  expect(await mean(join(out, '1.png'))).toBeCloseTo(255 - (await mean(join(photos, '1.png'))), 0)
})

test('an input that the output folder holds under another path is not overwritten', async () => {
  const { photos } = await drawings(1)
  const link = `${photos}-link`
  await symlink(photos, link)
  const before = await readFile(join(photos, '1.png'))
  const { code, stderr } = await runTool([link, '-o', photos, '-s', '50%'])
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('would be overwritten') })
  expect(await readFile(join(photos, '1.png'))).toEqual(before)
})
