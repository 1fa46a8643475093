import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FinishedEntry, Journal } from '../../src/journal.js'
import { temporaryFolder } from '../temporary-folder.js'

const version = { bytes: 10, modifiedMs: 1.5 }
const entry = (input: string, recipe = 'r'): FinishedEntry => ({
  event: 'finished',
  input,
  recipe,
  version,
  width: 4,
  height: 3,
  outputs: [{ path: '/out/a.jpg', width: 4, height: 3, bytes: 99 }],
})

async function journalWith(...entries: FinishedEntry[]): Promise<string> {
  const path = join(await temporaryFolder(), 'journal.jsonl')
  await using journal = await Journal.open(path, { fresh: false })
  await Promise.all(entries.map((each) => journal.append(each)))
  return path
}

test('what one run noted, the next one finds', async () => {
  await using journal = await Journal.open(await journalWith(entry('a'), entry('b')), { fresh: false })
  expect(journal.find('a', 'r', version)).toEqual(entry('a'))
  expect(journal.find('c', 'r', version)).toBeUndefined()
})

test('another recipe, or an input that has changed, makes a note void', async () => {
  await using journal = await Journal.open(await journalWith(entry('a')), { fresh: false })
  expect(journal.find('a', 'other', version)).toBeUndefined()
  expect(journal.find('a', 'r', { ...version, bytes: 11 })).toBeUndefined()
  expect(journal.find('a', 'r', { ...version, modifiedMs: 2 })).toBeUndefined()
})

test('a line that a killed run left half written does not count, and spoils no other', async () => {
  const path = await journalWith(entry('a'))
  await appendFile(path, JSON.stringify(entry('b')).slice(0, -5))
  {
    await using journal = await Journal.open(path, { fresh: false })
    expect(journal.find('b', 'r', version)).toBeUndefined()
    await journal.append(entry('c'))
  }
  await using journal = await Journal.open(path, { fresh: false })
  expect([journal.find('a', 'r', version), journal.find('c', 'r', version)]).toEqual([entry('a'), entry('c')])
  expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(2)
})

test('a fresh journal forgets', async () => {
  await using journal = await Journal.open(await journalWith(entry('a')), { fresh: true })
  expect(journal.find('a', 'r', version)).toBeUndefined()
})
