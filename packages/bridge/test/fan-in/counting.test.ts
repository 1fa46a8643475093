import { describe, expect, test } from 'vitest'
import { FanInQueue } from '../../src/index.js'
import { localQueue, turn } from '../fixtures/local.js'
import { startProducer, startRemoteProducer } from '../fixtures/threads.js'

test('unfinished is the same on both sides after every put, get and taskDone (T216)', async () => {
  const queue = new FanInQueue<number>()
  const remote = await startRemoteProducer(queue.producer())
  const both = async () => [queue.unfinishedTasks, await remote.call('unfinishedTasks')]
  await remote.call('put', 1)
  expect(await both()).toEqual([1, 1])
  await remote.call('putMany', [2, 3, 4])
  expect(await both()).toEqual([4, 4])
  await queue.get()
  expect(await both()).toEqual([4, 4])
  queue.taskDone()
  expect(await both()).toEqual([3, 3])
  queue.taskDone(3)
  expect(await both()).toEqual([0, 0])
})

describe('join (T217)', () => {
  test('on a queue that was never used is over at once, on both sides', async () => {
    const queue = new FanInQueue<number>()
    const remote = await startRemoteProducer(queue.producer())
    await queue.join()
    await remote.call('join')
    await remote.call('joinBlocking')
  })

  test.each(['join', 'joinBlocking'])('%s in a thread is released by taskDone here, twice', async (method) => {
    const queue = new FanInQueue<number>()
    const remote = await startRemoteProducer(queue.producer())
    for (let round = 0; round < 2; round++) {
      await remote.call('put', round)
      let isJoined = false
      const joined = remote.call(method).then(() => {
        isJoined = true
      })
      expect(await queue.get()).toBe(round)
      await turn()
      expect(isJoined).toBe(false)
      queue.taskDone()
      await joined
    }
  })

  test('here is released by taskDone here, although a put follows at once', async () => {
    const { queue, producer } = localQueue<number>()
    producer.putNowait(1)
    const joined = queue.join()
    queue.taskDone()
    producer.putNowait(2)
    await joined
    await expect(queue.join({ timeout: 5 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    expect(queue.stats().waiting.joins).toBe(0)
  })

  test('times out in a thread, and changes nothing', async () => {
    const queue = new FanInQueue<number>()
    const remote = await startRemoteProducer(queue.producer())
    await remote.call('put', 1)
    const started = performance.now()
    await expect(remote.call('joinBlocking', { timeout: 30 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(remote.call('join', { timeout: 30 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    expect(performance.now() - started).toBeGreaterThanOrEqual(58)
    await expect(remote.call('joinBlocking', { timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    expect(queue.unfinishedTasks).toBe(1)
  })

  test('racing puts of another thread returns at a zero, and never hangs (T218)', async () => {
    const queue = new FanInQueue<number>({ capacityBytes: 256 })
    startProducer(queue.producer(), 'count', { count: 3000 })
    startProducer(queue.producer(), 'count', { count: 3000 })
    queue.closeWhenIdle()
    let joins = 0
    const joining = (async () => {
      while (!queue.isShutdown) {
        await queue.join()
        joins++
        await turn()
      }
    })()
    for await (const _ of queue) queue.taskDone()
    await queue.join()
    await joining
    expect(joins).toBeGreaterThan(0)
    expect(queue.unfinishedTasks).toBe(0)
  })
})

test('taskDone beyond what was put throws and changes nothing (T219)', () => {
  const { queue, producer } = localQueue<number>()
  expect(() => queue.taskDone()).toThrow(/called too many times/)
  expect(() => queue.taskDone()).toThrow(RangeError)
  producer.putNowait(1)
  expect(() => queue.taskDone(2)).toThrow(RangeError)
  expect(queue.unfinishedTasks).toBe(1)
  queue.taskDone()
  expect(queue.unfinishedTasks).toBe(0)
  expect(() => queue.taskDone(-1)).toThrow(RangeError)
  expect(() => queue.taskDone(1.5)).toThrow(RangeError)
})

describe('stats()', () => {
  test('tells of a thread that is stopped: what for, since when, how often and how long', async () => {
    const queue = new FanInQueue<number>({ capacityBytes: 64, name: 'numbers' })
    startProducer(queue.producer({ name: 'flooder' }), 'flood', { progress: new SharedArrayBuffer(4) })
    while (queue.stats().lanes[0].parked === null) await turn()
    await new Promise((resolve) => setTimeout(resolve, 30))
    const { lanes, ...whole } = queue.stats()
    expect(whole).toMatchObject({
      name: 'numbers',
      kind: 'fan-in',
      state: 'open',
      size: 4,
      unfinished: 4,
      puts: 4,
      gets: 0,
    })
    expect(lanes).toHaveLength(1)
    expect(lanes[0]).toMatchObject({
      name: 'flooder',
      state: 'open',
      items: 4,
      depth: 4,
      bytes: 64,
      depthBytes: 64,
      blocked: 1,
    })
    expect(lanes[0].parked?.for).toBe('room')
    expect(lanes[0].parked?.sinceMs).toBeGreaterThanOrEqual(20)
    expect(lanes[0].blockedMs).toBeGreaterThanOrEqual(20)
    expect(JSON.parse(JSON.stringify(queue))).toMatchObject({ name: 'numbers' })
    expect(String(queue)).toBe('<FanInQueue "numbers" size=4 tasks=4 producers=1>')
  })

  test('tells what a waiting put waits for', async () => {
    const { queue, producer } = localQueue<number>({ maxItems: 1 })
    producer.putNowait(1)
    void producer.put(2).catch(() => {})
    expect(queue.stats().lanes[0].parked?.for).toBe('maxItems')
    expect(await queue.get()).toBe(1)
    expect(await queue.get()).toBe(2)
    expect(queue.stats().lanes[0]).toMatchObject({ parked: null, blocked: 1, state: 'open' })
    expect(queue.stats()).toMatchObject({ puts: 2, gets: 2, size: 0, maxItems: 1 })
  })

  test('counts what an immediate shutdown dropped', () => {
    const { queue, producer } = localQueue<number>()
    for (let i = 0; i < 5; i++) producer.putNowait(i)
    queue.getNowait()
    queue.shutdown({ immediate: true })
    expect(queue.stats()).toMatchObject({ puts: 5, gets: 1, dropped: 4, size: 0, unfinished: 1, state: 'shut down' })
  })
})

test('items that a call has gathered and given back count as not taken', async () => {
  const { queue, producer } = localQueue<number>()
  producer.putNowait(1)
  producer.putNowait(2)
  const controller = new AbortController()
  const many = queue.getMany({ min: 3, signal: controller.signal })
  await turn()
  controller.abort('no longer')
  await expect(many).rejects.toBe('no longer')
  expect(queue.stats()).toMatchObject({ puts: 2, gets: 0, size: 2, unfinished: 2 })
  queue.shutdown({ immediate: true })
  expect(queue.stats()).toMatchObject({ puts: 2, gets: 0, size: 0, unfinished: 0, dropped: 2 })
})
