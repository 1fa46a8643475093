import { describe, expect, it } from 'vitest'
import { Queue } from '../../src/index.js'

type Call = (options: { timeout: number }) => unknown

const calls = (): Record<string, Call> => {
  const empty = new Queue<number>()
  const full = new Queue<number>(1)
  full.putNowait(1)
  async function* source() {
    yield 2
  }
  return {
    'get()': (options) => empty.get(options),
    'getMany()': (options) => empty.getMany(options),
    'peek()': (options) => empty.peek(options),
    'next()': (options) => empty.iterate(options).next(),
    'put()': (options) => full.put(2, options),
    'putMany()': (options) => full.putMany([2], options),
    'putMany() of an asynchronous source': (options) => full.putMany(source(), options),
    'reserve()': (options) => full.reserve(options),
    'join()': (options) => full.join(options),
  }
}

describe.each([0, 5])('a call that a timeout of %i ms has ended says which it was', (timeout) => {
  it.each(Object.keys(calls()))('%s', async (name) => {
    const error = await (async () => calls()[name]({ timeout }))().catch((reason: Error) => reason)
    expect(error).toMatchObject({ name: 'TimeoutError', code: 'QUEUE_TIMEOUT' })
    expect((error as Error).message).toContain(`${name.split(' ')[0]} on `)
  })
})

it('a call that the end of the queue has ended says which it was', async () => {
  const queue = new Queue<number>()
  const waiting = [queue.get(), queue.getMany()]
  queue.shutdown()
  const texts = (await Promise.allSettled(waiting)).map((call) => (call as PromiseRejectedResult).reason.message)
  expect(texts).toEqual(['get() on Queue: the queue is shut down', 'getMany() on Queue: the queue is shut down'])
})
