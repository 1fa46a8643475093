import { createRequire } from 'node:module'
import { QueueError } from '@millrace/queue'
import { describe, expect, test } from 'vitest'
import { BadHandle, CodecError, ItemTooLarge, RemoteLost, WrongThread } from '../../src/index.js'

const built = (entry: string) => new URL(`../../dist/${entry}`, import.meta.url)
type Entry = Record<string, new (...details: never[]) => Error>

const source: Entry = { BadHandle, CodecError, ItemTooLarge, RemoteLost, WrongThread }
const names = Object.keys(source)
const details = { RemoteLost: [{ threadId: 1, deliveredItems: 0, lostItems: 0 }] } as Record<string, unknown[]>

// Each entry of the package holds a copy of the classes, and so does each of its formats.
describe.each([
  ['index', 'ESM', async () => (await import(built('index.js').href)) as Entry],
  ['worker', 'ESM', async () => (await import(built('worker.js').href)) as Entry],
  ['index', 'CJS', async () => createRequire(import.meta.url)(built('index.cjs').pathname) as Entry],
  ['worker', 'CJS', async () => createRequire(import.meta.url)(built('worker.cjs').pathname) as Entry],
] as const)('the errors of the entry %s, as %s', (entry, _, load) => {
  const there = names.filter((name) => entry === 'index' || name !== 'RemoteLost')

  test.each(there)('%s is recognised by instanceof wherever the class was imported from (T095)', async (name) => {
    const Copy = (await load())[name]
    const Class = source[name]
    const error = new Copy(...((details[name] ?? ['of the copy', 'CODEC_VALUE']) as never[]))
    expect(Copy).not.toBe(Class)
    expect(error).toBeInstanceOf(Class)
    expect(error).toBeInstanceOf(QueueError)
    for (const other of names) if (other !== name) expect(error).not.toBeInstanceOf(source[other])
  })
})

test('a blocking call on the home thread throws the WrongThread that the main entry exports', async () => {
  const { FanInQueue, WrongThread } = (await import(built('index.js').href)) as typeof import('../../src/index.js')
  const { openProducer } = (await import(built('worker.js').href)) as typeof import('../../src/worker.js')
  const queue = new FanInQueue<number>()
  expect(() => openProducer(queue.producer()).putBlocking(1)).toThrow(WrongThread)
})
