import { EventEmitter } from 'node:events'
import { threadId, type Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import type { FanInQueue } from '../../src/index.js'
import { localQueue } from '../fixtures/local.js'

// On Deno terminate() says 'exit' and a thread that is computing goes on. Here this very thread is said to have ended.
function sayEnded(queue: FanInQueue<number>): void {
  const worker = Object.assign(new EventEmitter(), { threadId })
  queue.watch(worker as unknown as Worker)
  worker.emit('exit', 1)
}

test('what a producer puts after its end was told is refused, and what it had put is delivered', async () => {
  const { queue, producer } = localQueue<number>()
  producer.putNowait(1)
  sayEnded(queue)
  expect(() => producer.putNowait(2)).toThrow(expect.objectContaining({ code: 'HANDLE_CLOSED' }))
  await expect(producer.put(3)).rejects.toMatchObject({ code: 'HANDLE_CLOSED' })
  expect(queue.qsize()).toBe(1)
  expect(await queue.get()).toBe(1)
  await expect(queue.get()).rejects.toMatchObject({ code: 'REMOTE_LOST', deliveredItems: 1, lostItems: 0 })
  queue.taskDone()
  await queue.join()
})

test('a put that waits when the end of its thread is told is refused', async () => {
  const { queue, producer } = localQueue<number>({ capacityBytes: 64 })
  for (let i = 0; i < 4; i++) producer.putNowait(i)
  const waiting = expect(producer.put(4)).rejects.toMatchObject({ code: 'HANDLE_CLOSED' })
  sayEnded(queue)
  await waiting
  expect(queue.drain()).toEqual([0, 1, 2, 3])
})

test('a ticket that it took after its end was told stands in the way of nobody', async () => {
  const { queue, producer, another } = localQueue<number>({ maxItems: 1, onRemoteLost: 'continue' })
  sayEnded(queue)
  expect(() => producer.putNowait(1)).toThrow(expect.objectContaining({ code: 'HANDLE_CLOSED' }))
  const other = another()
  const got = queue.get()
  await other.put(2)
  expect(await got).toBe(2)
})

test('a producer that goes on after its end was told shuts down nothing', () => {
  const { queue, producer } = localQueue<number>()
  sayEnded(queue)
  producer.shutdown({ immediate: true })
  producer.close()
  expect(queue.isShutdown).toBe(false)
})
