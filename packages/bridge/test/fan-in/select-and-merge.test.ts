import { merge, Queue, select } from '@millrace/queue'
import { describe, expect, test } from 'vitest'
import { type BridgeStats, FanInQueue, FanOutQueue } from '../../src/index.js'
import { stream } from '../../src/piscina/index.js'
import { openConsumer } from '../../src/worker.js'
import { localQueue, turn } from '../fixtures/local.js'
import { runProgram } from '../fixtures/programs.js'
import { startRemoteProducer, until } from '../fixtures/threads.js'
import { createPool } from '../piscina/pool.js'

const gets = (queue: { stats(): BridgeStats }) => queue.stats().waiting.gets

describe('select() over queues of one loop and of threads (T136)', () => {
  test('takes from whichever has an item first, and leaves the others as they were', async () => {
    const plain = new Queue<string>()
    const threads = new FanInQueue<string>()
    const remote = await startRemoteProducer(threads.producer())
    const selected = select<Queue<string> | FanInQueue<string>>([plain, threads])
    expect([plain.getting, gets(threads)]).toEqual([1, 1])
    await remote.call('put', 'from a thread')
    expect(await selected).toEqual({ index: 1, queue: threads, item: 'from a thread' })
    expect(plain.getting).toBe(0)
    const again = select<Queue<string> | FanInQueue<string>>([plain, threads])
    plain.putNowait('from here')
    expect((await again).item).toBe('from here')
    expect(gets(threads)).toBe(0)
    await remote.call('put', 'kept')
    expect(await threads.get()).toBe('kept')
  })

  test('takes what is there at once, from the first that has something', async () => {
    const { queue: one, producer: toOne } = localQueue<number>()
    const { queue: other, producer: toOther } = localQueue<number>()
    toOther.putNowait(2)
    toOne.putNowait(1)
    expect(await select([one, other])).toMatchObject({ index: 0, item: 1 })
    expect([one.qsize(), other.qsize()]).toEqual([0, 1])
  })

  test('that is aborted or timed out takes nothing and leaves no waiter', async () => {
    const { queue, producer } = localQueue<number>()
    const controller = new AbortController()
    const aborted = select([queue], { signal: controller.signal })
    controller.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    await expect(select([queue], { timeout: 5 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    await expect(select([queue], { timeout: 0 })).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    expect(gets(queue)).toBe(0)
    producer.putNowait(1)
    expect(queue.getNowait()).toBe(1)
  })

  test('with a timeout of 0 finds what is there even when the budget of the loop is spent', async () => {
    const { queue, producer } = localQueue<number>({ yieldAfter: 0 })
    for (let i = 0; i < 5; i++) {
      producer.putNowait(i)
      expect((await select([queue], { timeout: 0 })).item).toBe(i)
    }
  })

  test('is given nothing once its signal is aborted, whoever hears of that first', async () => {
    const { queue, producer } = localQueue<number>()
    const controller = new AbortController()
    controller.signal.addEventListener('abort', () => {
      producer.putNowait(1)
      expect(queue.getNowait()).toBe(1)
    })
    const aborted = select([queue], { signal: controller.signal })
    controller.abort('gone')
    await expect(aborted).rejects.toBe('gone')
    expect(gets(queue)).toBe(0)
  })

  test('waits its turn among the gets', async () => {
    const { queue, producer } = localQueue<number>()
    const calls = [queue.get(), select([queue]).then(({ item }) => item), queue.get()]
    await turn()
    for (const item of [1, 2, 3]) producer.putNowait(item)
    expect(await Promise.all(calls)).toEqual([1, 2, 3])
  })

  test('passes over a queue that has ended, and tells of a thread that has died', async () => {
    const ended = new FanInQueue<number>()
    ended.shutdown()
    const threads = new FanInQueue<number>()
    const remote = await startRemoteProducer(threads.producer())
    const selected = select([ended, threads])
    await remote.call('put', 1)
    expect(await selected).toMatchObject({ index: 1, item: 1 })
    const lost = expect(select([ended, threads])).rejects.toMatchObject({ code: 'REMOTE_LOST' })
    await remote.worker.terminate()
    await lost
    threads.shutdown()
    await expect(select([ended, threads])).rejects.toMatchObject({ code: 'QUEUE_SHUT_DOWN' })
  })

  test('takes from a consumer too, whose items are acknowledged as those of get() are', async () => {
    const plain = new Queue<number>()
    const queue = new FanOutQueue<number>({ prefetch: 1 })
    const consumer = openConsumer(queue.consumer())
    const selected = select<Queue<number> | typeof consumer>([plain, consumer])
    await queue.put(1)
    expect(await selected).toMatchObject({ index: 1, item: 1 })
    expect(queue.unfinishedTasks).toBe(1)
    consumer.taskDone()
    await queue.join()
    const other = select<Queue<number> | typeof consumer>([plain, consumer])
    plain.putNowait(2)
    expect((await other).item).toBe(2)
    consumer.close()
    await expect(select([consumer])).rejects.toMatchObject({ code: 'HANDLE_CLOSED' })
  })

  test('holds the process while it waits on a thread, and no longer', async () => {
    const { out, code } = await runProgram(`
      const { Queue, select } = await import(${JSON.stringify(import.meta.resolve('@millrace/queue'))})
      const [plain, threads] = [new Queue(), new FanInQueue()]
      const worker = start(threads.producer(), "setTimeout(() => producer.putNowait('late'), 300); setInterval(() => {}, 1e6)")
      while (threads.stats().lanes[0]?.state !== 'open') await new Promise((r) => setTimeout(r, 5))
      worker.unref()
      console.log((await select([plain, threads])).item)
      const second = select([plain, threads])
      plain.putNowait('at once')
      console.log((await second).item)
    `)
    expect({ out: out.split('\n'), code }).toEqual({ out: ['late', 'at once'], code: 0 })
  })
})

describe('merge() over queues of threads', () => {
  test('gives the items of all and ends with the last; leaving it early leaves the rest where it is', async () => {
    const ends = [localQueue<number>(), localQueue<number>()]
    for (const { queue, producer } of ends) {
      for (const item of [1, 2, 3]) producer.putNowait(item)
      queue.shutdown()
    }
    const queues = ends.map(({ queue }) => queue)
    for await (const item of merge(...queues)) {
      expect(item).toBe(1)
      break
    }
    await turn()
    expect(queues[0].qsize() + queues[1].qsize()).toBe(5)
    const rest: number[] = []
    for await (const item of merge(...queues)) rest.push(item)
    expect(rest.sort()).toEqual([1, 2, 2, 3, 3])
  })

  test('of streams of a pool stops their tasks when it is left', async () => {
    const pool = createPool('stream.worker.mjs', 2)
    const streams = [0, 1].map(() => stream<number>(pool, { count: 1e9 }))
    for await (const _ of merge(...streams)) break
    expect(streams.map(({ isShutdown }) => isShutdown)).toEqual([true, true])
    await until(() => pool.completed === 2)
  })
})
