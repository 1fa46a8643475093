import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { FanInQueue } from '../../src/index.js'
import { openProducer } from '../../src/worker.js'
import { collect, startProducer, startRemoteProducer, until } from '../fixtures/threads.js'

test.each([false, true])('parked threads are released by a shutdown, immediate: %s (T220)', async (immediate) => {
  const queue = new FanInQueue<number>({ capacityBytes: 64 })
  const floods = [0, 1].map(() => startProducer(queue.producer(), 'flood', { progress: new SharedArrayBuffer(4) }))
  const patient = await startRemoteProducer(queue.producer())
  for (let i = 0; i < 4; i++) await patient.call('putBlocking', i)
  const refused = expect(patient.call('putBlocking', 4, { timeout: 60_000 })).rejects.toMatchObject({
    code: 'QUEUE_SHUT_DOWN',
  })
  await until(() => queue.stats().lanes.every(({ parked }) => parked?.for === 'room'))
  const told = Promise.all(floods.map(async (worker) => (await once(worker, 'message'))[0]))
  queue.shutdown({ immediate })
  expect(await told).toEqual(['QUEUE_SHUT_DOWN', 'QUEUE_SHUT_DOWN'])
  await refused
  expect(queue.qsize()).toBe(immediate ? 0 : 12)
})

test('after a graceful shutdown what was put is delivered, then everything ends (T222)', async () => {
  const queue = new FanInQueue<number>()
  const remote = await startRemoteProducer(queue.producer())
  await remote.call('put', 1)
  await remote.call('put', 2)
  queue.shutdown()
  await expect(remote.call('put', 3)).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  await expect(remote.call('putNowait', 3)).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  expect(await collect(queue)).toEqual([1, 2])
  await expect(queue.get()).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  expect(() => queue.getNowait()).toThrow(expect.objectContaining({ code: 'QUEUE_SHUT_DOWN' }))
})

test('an immediate shutdown drops what was not taken and releases joiners on every thread (T223)', async () => {
  const queue = new FanInQueue<number>()
  const remote = await startRemoteProducer(queue.producer())
  for (let i = 0; i < 5; i++) await remote.call('put', i)
  await queue.get()
  const joins = Promise.all([queue.join(), remote.call('join')])
  queue.shutdown({ immediate: true })
  expect(queue.unfinishedTasks).toBe(1)
  queue.taskDone()
  await joins
  expect(() => queue.taskDone()).toThrow(RangeError)
})

test.each([false, true])(
  'a shutdown from a worker has the same effects here, immediate: %s (T224)',
  async (immediate) => {
    const queue = new FanInQueue<number>()
    const remote = await startRemoteProducer(queue.producer())
    const waiting = queue.get()
    const refused = expect(waiting).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
    await remote.call('shutdown', { immediate })
    await refused
    expect(queue.isShutdown).toBe(true)
  },
)

test.each([false, true])(
  'what is there when a worker shuts the queue down is delivered, or dropped at once, immediate: %s (T224)',
  async (immediate) => {
    const queue = new FanInQueue<number>()
    const remote = await startRemoteProducer(queue.producer())
    for (let i = 0; i < 3; i++) await remote.call('put', i)
    const joined = queue.join()
    await remote.call('shutdown', { immediate })
    expect(await collect(queue)).toEqual(immediate ? [] : [0, 1, 2])
    expect(queue.unfinishedTasks).toBe(immediate ? 0 : 3)
    if (!immediate) queue.taskDone(3)
    await joined
    await expect(remote.call('put', 3)).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  },
)

test('shutdown advances and never goes back, from two threads at once (T225)', async () => {
  const queue = new FanInQueue<number>()
  const remote = await startRemoteProducer(queue.producer())
  await remote.call('put', 1)
  queue.shutdown()
  expect(queue.qsize()).toBe(1)
  const other = remote.call('shutdown', { immediate: true })
  queue.shutdown({ immediate: true })
  await other
  await remote.call('shutdown')
  expect(queue.qsize()).toBe(0)
  expect(queue.isShutdown).toBe(true)
})

test('a handle that is opened late sees what has happened meanwhile (T234)', async () => {
  const queue = new FanInQueue<number>()
  const before = queue.producer()
  openProducer(queue.producer()).putNowait(1)
  queue.shutdown()
  const late = await startRemoteProducer(before)
  expect(await late.call('isShutdown')).toBe(true)
  expect(await late.call('qsize')).toBe(1)
  await expect(late.call('put', 2)).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  const after = await startRemoteProducer(queue.producer())
  await expect(after.call('put', 2)).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  expect(await collect(queue)).toEqual([1])
})

describe('puts racing a shutdown', () => {
  test.each([false, true])(
    'are delivered, dropped and counted, or refused: nothing else; immediate: %s (T222, T223)',
    async (immediate) => {
      for (let round = 0; round < 6; round++) {
        const queue = new FanInQueue<number>({ capacityBytes: 4096 })
        const progress = [0, 1].map(() => new Int32Array(new SharedArrayBuffer(4)))
        const workers = progress.map((word) => startProducer(queue.producer(), 'flood', { progress: word.buffer }))
        const told = Promise.all(workers.map((worker) => once(worker, 'message')))
        let got = 0
        const started = performance.now()
        for await (const batch of queue.batches()) {
          got += batch.length
          queue.taskDone(batch.length)
          if (got > 2000 * Math.min(1, round / 3) && performance.now() - started > 1) queue.shutdown({ immediate })
        }
        await told
        await queue.join()
        const put = progress.reduce((sum, word) => sum + Atomics.load(word, 0), 0)
        if (immediate) expect(got).toBeLessThanOrEqual(put)
        else expect(got).toBe(put)
        expect(queue.qsize()).toBe(0)
        expect(queue.unfinishedTasks).toBe(0)
      }
    },
  )
})
