import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { describe, expect, test, vi } from 'vitest'
import { FanInQueue, float64 } from '../../src/index.js'
import { DOORBELL, HOME_DOORBELL, LANE_CONTROL_WORDS } from '../../src/layout.js'
import { localQueue, turn } from '../fixtures/local.js'
import { startProducer, startRemoteProducer, until } from '../fixtures/threads.js'

type Raw = { hub: SharedArrayBuffer; lane: SharedArrayBuffer }

describe('a consumer of an always-full ring', () => {
  test('lets timers and files of the loop go on (T237)', async () => {
    const queue = new FanInQueue<number>({ codec: float64() })
    startProducer(queue.producer(), 'flood', { progress: new SharedArrayBuffer(4) })
    await until(() => queue.qsize() > 1000)
    const done: string[] = []
    const others = Promise.all([
      new Promise<void>((resolve) => setTimeout(resolve, 0)).then(() => done.push('timer')),
      readFile(new URL(import.meta.url)).then(() => done.push('file')),
    ])
    let got = 0
    let atBoth = 0
    for await (const _ of queue) {
      got++
      if (done.length === 2 && atBoth === 0) atBoth = got
      if (atBoth > 0 || got === 3_000_000) break
    }
    await others
    expect(atBoth).toBeGreaterThan(0)
    queue.shutdown({ immediate: true })
  })

  test('shares one budget with all other consumers of its thread', async () => {
    const { queue: a, producer: toA } = localQueue<number>({ codec: float64() })
    const { queue: b, producer: toB } = localQueue<number>({ codec: float64() })
    const busy = (ms: number) => {
      const until = performance.now() + ms
      while (performance.now() < until);
    }
    for (let i = 0; i < 400; i++) {
      toA.putNowait(i)
      toB.putNowait(i)
    }
    let longest = 0
    let last = performance.now()
    const ticking = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 0)
    const consume = async (queue: FanInQueue<number>) => {
      for (let i = 0; i < 400; i++) {
        await queue.get()
        busy(0.2)
      }
    }
    await Promise.all([consume(a), consume(b)])
    clearInterval(ticking)
    // 160 ms of work in all: without the budget the timer would wait for the whole of it.
    expect(longest).toBeLessThan(100)
  })

  test('with yieldAfter Infinity is never interrupted', async () => {
    const { queue, producer } = localQueue<number>({ yieldAfter: Number.POSITIVE_INFINITY })
    for (let i = 0; i < 5000; i++) producer.putNowait(i)
    await turn()
    let turns = 0
    const counting = setInterval(() => turns++, 0)
    const until = performance.now() + 30
    let got = 0
    while (performance.now() < until && got < 5000) {
      await queue.get()
      got++
      const step = performance.now() + 0.02
      while (performance.now() < step);
    }
    expect(turns).toBe(0)
    clearInterval(counting)
  })
})

describe('waking', () => {
  test('one wake-up brings many items: far fewer than items under load (T238, T207)', async () => {
    const notify = vi.spyOn(Atomics, 'notify')
    const { queue, producer } = localQueue<number>()
    const batches = queue.batches()
    let got = 0
    for (let round = 0; round < 10; round++) {
      const next = batches.next()
      await until(() => Atomics.load(hubOf(producer), HOME_DOORBELL) === 1)
      const before = notify.mock.calls.length
      for (let i = 0; i < 1000; i++) producer.putNowait(i)
      expect(notify.mock.calls.length - before).toBe(1)
      got += (await next).value?.length ?? 0
    }
    expect(got).toBe(10_000)
  })

  test('a put while nobody is asleep notifies nobody (T207)', () => {
    const { producer } = localQueue<number>()
    const notify = vi.spyOn(Atomics, 'notify')
    for (let i = 0; i < 1000; i++) producer.putNowait(i)
    expect(notify).not.toHaveBeenCalled()
  })

  test('notifications without cause make no items, end no wait and move no deadline (T247, T248)', async () => {
    const queue = new FanInQueue<number>({ capacityBytes: 64 })
    const handle = queue.producer()
    const { hub, lane } = handle as unknown as Raw
    const words = new Int32Array(hub)
    const control = new Int32Array(lane, 0, LANE_CONTROL_WORDS)
    const remote = await startRemoteProducer(handle)
    for (let i = 0; i < 4; i++) await remote.call('putBlocking', i)
    const noise = setInterval(() => {
      Atomics.notify(words, HOME_DOORBELL)
      Atomics.notify(control, DOORBELL)
    }, 1)
    const started = performance.now()
    await expect(remote.call('putBlocking', 4, { timeout: 60 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    expect(performance.now() - started).toBeGreaterThanOrEqual(59)
    await expect(remote.call('joinBlocking', { timeout: 30 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    expect(queue.drain()).toEqual([0, 1, 2, 3])
    await expect(queue.get({ timeout: 30 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    clearInterval(noise)
    expect([queue.qsize(), queue.unfinishedTasks]).toEqual([0, 4])
  })

  test('put, then postMessage: who hears the message finds the item (T250)', async () => {
    const queue = new FanInQueue<number>()
    const worker = startProducer(queue.producer(), 'announce', { count: 500 })
    for (let i = 0; i < 500; i++) {
      await once(worker, 'message')
      expect(queue.getNowait()).toBe(i)
      worker.postMessage('next')
    }
  })

  test('the loop goes on while a worker starts (T242)', async () => {
    const queue = new FanInQueue<number>()
    const waiting = queue.get()
    startProducer(queue.producer(), 'count', { count: 1 })
    expect(await waiting).toBe(0)
  })
})

test('drain() comes to an end although a producer goes on putting', async () => {
  const queue = new FanInQueue<number>({ codec: float64() })
  startProducer(queue.producer(), 'flood', { progress: new SharedArrayBuffer(4) })
  await until(() => queue.qsize() > 1000)
  for (let round = 0; round < 5; round++) expect(queue.drain().length).toBeLessThanOrEqual(2 ** 16)
  queue.shutdown({ immediate: true })
})

test('two saturating producers each get their share of a small ring (T246)', async () => {
  const queue = new FanInQueue<[string, number]>({ capacityBytes: 512 })
  for (const tag of ['a', 'b']) {
    // The shutdown below refuses what they still put.
    startProducer(queue.producer(), 'count', { count: 100_000, tag }).on('error', () => {})
  }
  await until(() => queue.stats().lanes.every((lane) => lane.depth > 0))
  const share = new Map([
    ['a', 0],
    ['b', 0],
  ])
  let got = 0
  for await (const [tag] of queue) {
    share.set(tag, (share.get(tag) ?? 0) + 1)
    if (++got === 10_000) break
  }
  for (const count of share.values()) expect(count).toBeGreaterThan(1000)
})

test('faked timers stop nothing (T069)', async () => {
  vi.useFakeTimers()
  try {
    const queue = new FanInQueue<number>({ capacityBytes: 1024 })
    startProducer(queue.producer(), 'count', { count: 1000 })
    for (let i = 0; i < 1000; i++) expect(await queue.get()).toBe(i)
  } finally {
    vi.useRealTimers()
  }
})

function hubOf(producer: object): Int32Array {
  return (producer as { hub: Int32Array }).hub
}
