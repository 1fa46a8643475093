import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import '../../src/index.js'
import type { BridgeStats, ConsumerHandle, ProducerHandle } from '../../src/index.js'
import { openProducer } from '../../src/worker.js'
import { startConsumer, startRemoteConsumer } from '../fixtures/consumers.js'
import { RemoteCalls, startProgram } from '../fixtures/remote-calls.js'
import { startProducer } from '../fixtures/threads.js'

const file = new URL('./home.worker.mjs', import.meta.url)

/** A queue at home in a worker of this thread; what opens its ends are that worker's siblings, or this thread. */
class Home {
  readonly worker: Worker

  constructor(kind: 'fan-in' | 'fan-out', options: object = {}, puts = 0) {
    this.worker = startProgram(file, { kind, options, puts })
    this.worker.on('error', () => {})
  }

  async ask<A>(what: string): Promise<A> {
    this.worker.postMessage(what)
    return ((await once(this.worker, 'message')) as [A])[0]
  }

  handle(): Promise<ProducerHandle<number> & ConsumerHandle<number>> {
    return this.ask('handle')
  }

  /** Waits until the end in the only lane has stopped its thread. */
  async untilParked(): Promise<void> {
    while ((await this.ask<BridgeStats>('stats')).lanes[0].parked === null);
  }

  /** Ends the thread in some way. @returns its id before that */
  async end(how: string): Promise<number> {
    const { threadId } = this.worker
    const ended = new Promise((resolve) => this.worker.once('exit', resolve))
    if (how === 'terminate') await this.worker.terminate()
    else this.worker.postMessage(how)
    await ended
    return threadId
  }
}

const shutDown = { code: 'QUEUE_SHUT_DOWN' }

describe('a thread that has the home end of a queue ends: its siblings learn that', () => {
  test.each(['terminate', 'exit', 'throw'])('a producer whose thread is stopped, by %s (T233)', async (how) => {
    const home = new Home('fan-in', { capacityBytes: 64, name: 'jobs' })
    const producer = await RemoteCalls.of(startProducer(await home.handle(), 'remote'))
    for (let i = 0; i < 4; i++) await producer.call('putBlocking', i)
    const parked = producer.call('putBlocking', 4).catch((error: unknown) => error)
    await home.untilParked()
    const threadId = await home.end(how)
    const error = await parked
    expect(error).toMatchObject(shutDown)
    expect((error as Error).message).toContain(`the home end was lost: thread ${threadId} ended`)
    expect((error as Error).message).toContain('0 items delivered, 4 lost')
    await expect(producer.call('putNowait', 5)).rejects.toMatchObject(shutDown)
  })

  test('a producer whose put waits on its loop, with what is lost as the cause', async () => {
    const home = new Home('fan-in', { capacityBytes: 64, name: 'jobs' })
    const producer = openProducer<number>(await home.handle())
    for (let i = 0; i < 4; i++) producer.putNowait(i)
    const waiting = producer.put(4).catch((error: unknown) => error)
    const joining = producer.join().catch((error: unknown) => error)
    const threadId = await home.end('exit')
    const cause = { code: 'REMOTE_LOST', queue: 'jobs', threadId, exitCode: 7, deliveredItems: 0, lostItems: 4 }
    expect(await waiting).toMatchObject({ ...shutDown, cause })
    expect(await joining).toMatchObject({ ...shutDown, cause })
    expect(producer.signal.aborted).toBe(true)
    expect(() => producer.checkpoint()).toThrow(expect.objectContaining(shutDown))
  })

  test('a thread that is stopped by joinBlocking()', async () => {
    const home = new Home('fan-in')
    const producer = await RemoteCalls.of(startProducer(await home.handle(), 'remote'))
    await producer.call('putBlocking', 1)
    const joining = expect(producer.call('joinBlocking')).rejects.toMatchObject(shutDown)
    await home.untilParked()
    await home.end('terminate')
    await joining
  })

  test('a consumer gets what had reached it, then RemoteLost, never a quiet end', async () => {
    const home = new Home('fan-out', { prefetch: 2 }, 5)
    const consumer = await startRemoteConsumer<number>(await home.handle())
    expect(await consumer.call('next', 1)).toEqual({ value: 0, done: false })
    const threadId = await home.end('terminate')
    expect(await consumer.call('next', 1)).toEqual({ value: 1, done: false })
    const error = await consumer.call('next', 1).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'REMOTE_LOST' })
    expect((error as Error).message).toContain(`thread ${threadId} ended with exit code 1`)
    expect((error as Error).message).toContain('2 items delivered, 3 lost')
  })

  test('a consumer whose thread is stopped', async () => {
    const home = new Home('fan-out')
    const consumer = await startRemoteConsumer<number>(await home.handle())
    const parked = expect(consumer.call('getBlocking')).rejects.toMatchObject({ code: 'REMOTE_LOST' })
    await home.untilParked()
    await home.end('exit')
    await parked
  })

  test('an end that is opened only then', async () => {
    const home = new Home('fan-in')
    const handle = await home.handle()
    await home.end('terminate')
    const producer = await RemoteCalls.of(startProducer(handle, 'remote'))
    // Whether before this call or in it depends on who is first; there is room for some, and no end to it.
    await expect(producer.call('putMany', new Array(1_000_000).fill(1))).rejects.toMatchObject(shutDown)
  })

  test('a queue that was shut down before its home went has lost nothing', async () => {
    const home = new Home('fan-out')
    const worker = startConsumer(await home.handle(), 'echo', { how: 'for of' })
    const echoed = once(worker, 'message')
    await home.untilParked()
    await home.ask('shutdown')
    await home.end('exit')
    expect(await echoed).toEqual([[]])
  })
})
