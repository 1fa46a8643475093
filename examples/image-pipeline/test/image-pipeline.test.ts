import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import sharp, { type Sharp } from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))
let out: string

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'image-pipeline-'))
})
afterEach(() => rm(out, { recursive: true }))

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

const start = (...args: string[]) => spawn(process.execPath, [program, '--out', out, ...args])

async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}

test('photographs come back developed, at the width asked for, as files that open', async () => {
  const { code, stdout, stderr } = await ended(start('--limit', '6', '--width', '300'))
  expect(stderr).toContain('6/6')
  expect(code).toBe(0)
  const files = await readdir(out)
  expect(files).toHaveLength(6)
  for (const name of files) {
    expect(stdout).toContain(name)
    const { format, width } = await sharp(join(out, name)).metadata()
    expect({ format, width }).toEqual({ format: 'jpeg', width: 300 })
    await sharp(join(out, name)).stats()
  }
  expect(stdout).toMatch(
    /6 downloaded · 6 processed · 0 failed · [\d.]+ s · [\d.]+ images\/s · [\d.]+ \wB in, [\d.]+ \wB out\n$/,
  )
})

test('the filter darkens the corners of a picture and leaves its centre', async () => {
  await ended(start('--limit', '1', '--width', '300'))
  const [name] = await readdir(out)
  const original = fileURLToPath(new URL(`../node_modules/tabler-ui/dist/demo/photos/${name}`, import.meta.url))
  const { width, height } = await sharp(join(out, name!)).metadata()
  const brightness = async (image: Sharp, left: number, top: number) => {
    const { channels } = await sharp(await image.extract({ left, top, width: 30, height: 30 }).toBuffer()).stats()
    return channels.reduce((sum, { mean }) => sum + mean, 0)
  }
  const ratio = async (left: number, top: number) =>
    (await brightness(sharp(join(out, name!)), left, top)) /
    (await brightness(sharp(await sharp(original).resize({ width: 300 }).toBuffer()), left, top))
  expect(await ratio(0, 0)).toBeLessThan(0.7)
  expect(await ratio(width! / 2 - 15, Math.round(height! / 2) - 15)).toBeGreaterThan(0.9)
})

test('corrupt, cut short and missing photographs are reported, the rest goes on, and the exit code is 1', async () => {
  const { code, stdout, stderr } = await ended(start('--limit', '4', '--width', '200', '--with-broken'))
  expect(stderr).toMatch(/failed at develop: corrupt\.jpg: .+/)
  expect(stderr).toMatch(/failed at develop: cut-short\.jpg: .+/)
  expect(stderr).toContain('failed at download: missing.jpg: HTTP 404 Not Found')
  expect(stdout).toContain('6 downloaded · 4 processed · 3 failed')
  expect(await readdir(out)).toHaveLength(4)
  expect(code).toBe(1)
})

test.each([
  ['SIGINT', 'Ctrl-C'],
  ['SIGTERM', 'a supervisor'],
] as const)('%s (%s) stops every thread, leaves only finished files, and exits with 130', async (signal, _sender) => {
  const child = start()
  const result = ended(child)
  // Kill in the middle: after the first line of progress, long before the last.
  await once(createInterface(child.stderr!), 'line')
  child.kill(signal)
  const { code, stderr } = await result
  expect(code).toBe(130)
  expect(stderr).toContain('interrupted')
  const files = await readdir(out)
  expect(files.length).toBeGreaterThan(0)
  expect(files.length).toBeLessThan(50)
  for (const name of files) {
    expect(name).toMatch(/^[^.].*\.jpg$/)
    await sharp(join(out, name)).stats()
  }
})

test('an output folder that cannot be made is told in a line, with exit code 2', async () => {
  const { code, stderr } = await ended(start('--out', join(program, 'out')))
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^--out cannot be made: ENOTDIR.*\n$/) })
})

test('a wrong option says what is wrong and how to use the program, with exit code 2', async () => {
  const { code, stderr } = await ended(start('--threads', 'many'))
  expect(stderr).toContain("--threads takes a whole number from 1, not 'many'")
  expect(stderr).toContain('--with-broken')
  expect(code).toBe(2)
})
