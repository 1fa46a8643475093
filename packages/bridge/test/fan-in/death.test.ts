import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { FanInQueue, RemoteLost } from '../../src/index.js'
import { closeUnheard } from '../fixtures/close-unheard.js'
import { collect, startProducer, startRemoteProducer, until } from '../fixtures/threads.js'

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

async function collectUntilError<T>(queue: AsyncIterable<T>): Promise<{ items: T[]; error: unknown }> {
  const items: T[] = []
  try {
    for await (const item of queue) items.push(item)
  } catch (error) {
    return { items, error }
  }
  return { items, error: undefined }
}

test('a thread that ends without closing has its lane closed for it, and ends the iteration if it was the last (T228)', async () => {
  const queue = new FanInQueue<number>()
  startProducer(queue.producer(), 'end', { count: 100, how: 'natural' })
  queue.closeWhenIdle()
  expect(await collect(queue)).toEqual(numbers(100))
})

describe('a thread that dies: all that it put is delivered, then RemoteLost (T229)', () => {
  test.each([
    ['throw', 1],
    ['reject', 1],
    ['exit', 7],
    ['exit 0', 0],
    ['heap', 1],
  ])('by %s, exit code %i', async (how, exitCode) => {
    const queue = new FanInQueue<number>({ name: 'jobs' })
    const options = how === 'heap' ? { resourceLimits: { maxOldGenerationSizeMb: 16 } } : {}
    const worker = startProducer(queue.producer({ name: 'left' }), 'end', { count: 100, how }, options)
    const { threadId } = worker
    worker.on('error', () => {})
    queue.closeWhenIdle()
    const { items, error } = await collectUntilError(queue)
    expect(items).toEqual(numbers(100))
    expect(error).toBeInstanceOf(RemoteLost)
    expect(error).toMatchObject({
      name: 'RemoteLost',
      code: 'REMOTE_LOST',
      remoteName: 'left',
      queue: 'jobs',
      threadId,
      exitCode,
      deliveredItems: 100,
      lostItems: 0,
    })
    expect(await collect(queue)).toEqual([])
  })

  test('by terminate() in the middle of a loop', async () => {
    const queue = new FanInQueue<number>()
    const worker = startProducer(queue.producer(), 'end', { count: 100, how: 'spin' })
    await until(() => queue.qsize() === 100)
    const waiting = collectUntilError(queue)
    await worker.terminate()
    const { items, error } = await waiting
    expect(items).toEqual(numbers(100))
    expect(error).toMatchObject({ code: 'REMOTE_LOST', exitCode: 1, deliveredItems: 100 })
  })
})

test("with onRemoteLost 'continue' a death ends the iteration like a close", async () => {
  const queue = new FanInQueue<number>({ onRemoteLost: 'continue' })
  startProducer(queue.producer(), 'end', { count: 10, how: 'exit' })
  queue.closeWhenIdle()
  expect(await collect(queue)).toEqual(numbers(10))
})

test('a thread terminated while parked leaves nothing behind that others would notice (T230)', async () => {
  const queue = new FanInQueue<number>({ capacityBytes: 64 })
  const progress = new Int32Array(new SharedArrayBuffer(4))
  const worker = startProducer(queue.producer(), 'flood', { progress: progress.buffer })
  await until(() => Atomics.load(progress, 0) === 4)
  await worker.terminate()
  expect(queue.drain()).toEqual([0, 1, 2, 3])
  await expect(queue.get()).rejects.toMatchObject({ code: 'REMOTE_LOST', lostItems: 0 })
  expect(queue.qsize()).toBe(0)
  expect(queue.unfinishedTasks).toBe(4)
  queue.taskDone(4)
  await queue.join()
  const other = await startRemoteProducer(queue.producer())
  await other.call('put', 7)
  expect(await queue.get()).toBe(7)
})

test('other producers do not notice a death', async () => {
  const queue = new FanInQueue<[string, number] | number>({ capacityBytes: 1024 })
  startProducer(queue.producer(), 'end', { count: 10, how: 'exit' })
  startProducer(queue.producer(), 'count', { count: 5000, tag: 'a' })
  queue.closeWhenIdle()
  let lost = 0
  let last = -1
  for (;;) {
    const { items, error } = await collectUntilError(queue)
    for (const item of items) if (Array.isArray(item)) expect(item[1]).toBe(++last)
    if (error === undefined) break
    expect(error).toMatchObject({ code: 'REMOTE_LOST' })
    lost++
  }
  expect({ lost, last }).toEqual({ lost: 1, last: 4999 })
})

test('a waiting get hears of the death of the only producer', async () => {
  const queue = new FanInQueue<number>()
  const remote = await startRemoteProducer(queue.producer())
  const waiting = queue.get()
  const refused = expect(waiting).rejects.toMatchObject({ code: 'REMOTE_LOST', deliveredItems: 0 })
  await remote.worker.terminate()
  await refused
})

test('a thread that was shown to watch() is heard of like any other', async () => {
  const queue = new FanInQueue<number>()
  const worker = startProducer(queue.producer(), 'end', { count: 3, how: 'exit' })
  queue.watch(worker)
  await once(worker, 'exit')
  expect(queue.drain()).toEqual([0, 1, 2])
  await expect(queue.get()).rejects.toMatchObject({ code: 'REMOTE_LOST', exitCode: 7 })
})

test('a thread that is killed when it has closed and not told anybody ends its lane all the same', async () => {
  const queue = new FanInQueue<number>()
  const handle = queue.producer()
  queue.closeWhenIdle()
  const next = queue.get()
  await closeUnheard(handle)
  await expect(next).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
})

describe('a thread that dies before it has opened its handle', () => {
  const dying = () => new Worker('process.exit(3)', { eval: true, execArgv: [] })

  test('takes the handle with it that was shown to go with it: closeWhenIdle() comes to its end', async () => {
    const queue = new FanInQueue<number>()
    const handle = queue.producer({ name: 'stillborn' })
    const worker = dying()
    const { threadId } = worker
    queue.watch(worker, handle)
    queue.closeWhenIdle()
    const { items, error } = await collectUntilError(queue)
    expect(items).toEqual([])
    expect(error).toMatchObject({ code: 'REMOTE_LOST', remoteName: 'stillborn', threadId, exitCode: 3, lostItems: 0 })
    expect(await collect(queue)).toEqual([])
  })

  test("is no loss with onRemoteLost 'continue', and nothing to the others", async () => {
    const queue = new FanInQueue<number>({ onRemoteLost: 'continue' })
    const worker = dying()
    queue.watch(worker, queue.producer())
    startProducer(queue.producer(), 'count', { count: 100 })
    queue.closeWhenIdle()
    expect(await collect(queue)).toEqual(numbers(100))
  })

  test('is known to be dead when it is shown after its end', async () => {
    const queue = new FanInQueue<number>()
    const handle = queue.producer()
    const worker = dying()
    await once(worker, 'exit')
    queue.watch(worker, handle)
    await expect(queue.get()).rejects.toMatchObject({ code: 'REMOTE_LOST' })
  })

  test('something that is no handle of a producer is refused', () => {
    const queue = new FanInQueue<number>()
    const worker = dying()
    expect(() => queue.watch(worker, {} as never)).toThrow(expect.objectContaining({ code: 'BAD_HANDLE' }))
  })

  test("another queue's handle is refused, which would otherwise end with nobody", () => {
    const [queue, other] = [new FanInQueue<number>(), new FanInQueue<number>()]
    const worker = dying()
    expect(() => queue.watch(worker, other.producer())).toThrow(expect.objectContaining({ code: 'BAD_HANDLE' }))
  })
})
