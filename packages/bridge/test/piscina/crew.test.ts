import { expect, onTestFinished, test } from 'vitest'
import { Crew, type Parts } from '../../src/piscina/index.js'
import { all, createPool, until } from './pool.js'

function spelling(): Crew<{ word: string }, string> {
  const pool = createPool('mapping.worker.mjs')
  const options = { threads: 1, prefetch: 4, maxDeliveries: 1, target: { name: 'letters' } }
  const crew = new Crew<{ word: string }, string>(pool, options)
  onTestFinished(() => crew.stop(new Error('the test is over')))
  return crew
}

/** Asks for many letters, and has one of them read: then more are there than may wait. */
async function readOne(crew: Crew<{ word: string }, string>) {
  const parts = (await crew.run({ word: 'x'.repeat(1000) })) as Parts<string>
  const letters = parts[Symbol.asyncIterator]()
  expect((await letters.next()).value).toBe('x')
  await until(() => parts.count >= 16)
  return { parts, letters }
}

test('a reader that leaves the results of a generator holds back none of other calls', async () => {
  const crew = spelling()
  const { letters } = await readOne(crew)
  await letters.return?.()
  expect(await all((await crew.run({ word: 'next' })) as Parts<string>)).toEqual(['n', 'e', 'x', 't'])
})

test('stop() waits for no reader', async () => {
  const crew = spelling()
  const { parts, letters } = await readOne(crew)
  await crew.stop(new Error('enough'))
  for (let read = 1; read < parts.count; read++) expect((await letters.next()).value).toBe('x')
  await expect(letters.next()).rejects.toThrow('enough')
})
