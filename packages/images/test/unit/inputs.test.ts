import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { findInputs, parseList, readList } from '../../src/inputs.js'
import { temporaryFolder } from '../temporary-folder.js'

async function folderOf(...files: string[]): Promise<string> {
  const root = await temporaryFolder()
  for (const file of files) {
    await mkdir(join(root, file, '..'), { recursive: true })
    await writeFile(join(root, file), '')
  }
  return root
}

test('a folder is searched through for pictures, in the order of their paths', async () => {
  const root = await folderOf('b.jpg', 'a.PNG', 'deep/er/c.webp', 'notes.txt', 'x.avif', 'y.gif', 'z.tif')
  const { inputs, unmatched } = await findInputs([root], join(root, 'out'))
  expect(inputs.map(({ key }) => key.slice(root.length + 1))).toEqual([
    'a.PNG',
    'b.jpg',
    'deep/er/c.webp',
    'x.avif',
    'y.gif',
    'z.tif',
  ])
  expect(inputs[0]).toMatchObject({ kind: 'file', folder: '', name: 'a', extension: 'png' })
  expect(inputs[2]!.folder).toBe('deep/er')
  expect(unmatched).toEqual([])
})

test('the output folder is not searched', async () => {
  const root = await folderOf('a.jpg', 'out/a.jpg')
  const { inputs } = await findInputs([root], join(root, 'out'))
  expect(inputs.map(({ key }) => key)).toEqual([join(root, 'a.jpg')])
})

test('pictures may go into the folder above the one that is searched', async () => {
  const root = await folderOf('photos/a.jpg', 'photos/deep/b.jpg')
  const names = async (named: string) => (await findInputs([named], root)).inputs.map(({ name }) => name)
  expect(await names(join(root, 'photos'))).toEqual(['a', 'b'])
  expect(await names(`${root}/photos/*.jpg`)).toEqual(['a'])
})

test('pictures that would go into the very folder that is searched are wrong usage', async () => {
  const root = await folderOf('a.jpg')
  for (const named of [root, `${root}/*.jpg`]) {
    const finding = findInputs([named], root)
    await expect(finding).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(root) })
  }
})

test('a pattern keeps the folders below its fixed part', async () => {
  const root = await folderOf('2024/may/a.jpg', '2024/june/b.jpg', '2024/june/b.txt', '2023/c.jpg')
  const { inputs } = await findInputs([`${root}/2024/**/*.jpg`], join(root, 'out'))
  expect(inputs.map(({ folder, name }) => `${folder}/${name}`)).toEqual(['june/b', 'may/a'])
})

test('a file is taken as it is named, even if its name looks like a pattern', async () => {
  const root = await folderOf('photo[1].jpg', 'scan')
  const { inputs, unmatched } = await findInputs([join(root, 'photo[1].jpg'), join(root, 'scan')], join(root, 'out'))
  expect(inputs.map(({ name }) => name)).toEqual(['photo[1]', 'scan'])
  expect(unmatched).toEqual([])
})

test('each picture is listed once, however often it is named', async () => {
  const root = await folderOf('a.jpg')
  const { inputs } = await findInputs([join(root, 'a.jpg'), root, `${root}/*.jpg`], join(root, 'out'))
  expect(inputs).toHaveLength(1)
})

test('what matches nothing is told', async () => {
  const root = await folderOf('notes.txt')
  const named = [root, join(root, 'missing.jpg'), `${root}/*.png`]
  expect(await findInputs(named, join(root, 'out'))).toEqual({ inputs: [], unmatched: named })
})

test.skipIf(process.platform === 'win32')('a folder that cannot be read is told, wherever it lies', async () => {
  const root = await folderOf('a.jpg', 'locked/b.jpg')
  await chmod(root, 0o755)
  await chmod(join(root, 'locked'), 0o000)
  // Permissions do not hold back the superuser.
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid!(65_534)
  try {
    for (const named of [root, `${root}/**/*.jpg`]) {
      const { inputs, unmatched } = await findInputs([named], join(root, 'out'))
      expect(inputs.map(({ name }) => name)).toEqual(['a'])
      expect(unmatched).toEqual([expect.stringMatching(/locked \(EACCES: permission denied/)])
    }
  } finally {
    if (isRoot) process.seteuid!(0)
    await chmod(join(root, 'locked'), 0o755)
  }
})

test('a URL is named after the last part of its path', async () => {
  const { inputs } = await findInputs(['https://example.org/a%20b/sun%20set.JPG?w=3', 'http://example.org/'], 'out')
  expect(inputs[0]).toEqual({
    key: 'https://example.org/a%20b/sun%20set.JPG?w=3',
    kind: 'url',
    folder: '',
    name: 'sun set',
    extension: 'jpg',
  })
  expect(inputs[1]!.name).toMatch(/example/)
})

test('a URL that is none, or whose path is no encoding, does not stop the others', async () => {
  const { inputs, unmatched } = await findInputs(['http://', 'http://example.org/100%.jpg', 'http://:0'], 'out')
  expect(inputs.map(({ name }) => name)).toEqual(['100%'])
  expect(unmatched).toEqual(['http://', 'http://:0'])
})

test('a list holds one input a line; blank lines and comments do not count', () => {
  expect(parseList('a.jpg\r\n\n# not this\n  b.jpg  \nhttps://example.org/c.png')).toEqual([
    'a.jpg',
    'b.jpg',
    'https://example.org/c.png',
  ])
})

test('a list may be separated by NULs, so that names may hold line breaks', async () => {
  const stdin = Readable.from([Buffer.from('a.jpg\0odd\nname.jpg\0')])
  expect(await readList('-', stdin, new AbortController().signal)).toEqual(['a.jpg', 'odd\nname.jpg'])
})

test('a name between NULs is taken as it is, whatever it begins and ends with', () => {
  expect(parseList('#1.jpg\0 a.jpg\0b \n\0')).toEqual(['#1.jpg', ' a.jpg', 'b \n'])
})

test('a list on standard input that never ends can be interrupted', async () => {
  const abort = new AbortController()
  const reading = readList('-', new Readable({ read() {} }), abort.signal)
  abort.abort()
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
})

test('a list that cannot be read is wrong usage', async () => {
  const reading = readList('/does/not/exist.txt', Readable.from([]), new AbortController().signal)
  await expect(reading).rejects.toMatchObject({ code: 'USAGE' })
})
