import { EventEmitter } from 'node:events'
import { threadId, type Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { FanOutQueue } from '../../src/index.js'
import { openConsumer } from '../../src/worker.js'

// On Deno terminate() says 'exit' and a thread that is computing goes on. Here this very thread is said to have ended.
function sayEnded(queue: FanOutQueue<number>): void {
  const worker = Object.assign(new EventEmitter(), { threadId })
  queue.watch(worker as unknown as Worker)
  worker.emit('exit', 1)
}

function queueWith(count: number): FanOutQueue<number> {
  const queue = new FanOutQueue<number>({ prefetch: 2 })
  onTestFinished(() => queue[Symbol.asyncDispose]())
  for (let i = 0; i < count; i++) queue.putNowait(i)
  return queue
}

test("a consumer that goes on after its end was told counts nothing off: its items are the next one's", async () => {
  const queue = queueWith(3)
  const ended = openConsumer(queue.consumer())
  await ended.get()
  ended.taskDone()
  await ended.get()
  sayEnded(queue)
  const next = openConsumer(queue.consumer())
  ended.taskDone()
  expect(queue.stats()).toMatchObject({ unfinished: 2, size: 2, ledger: { acknowledged: 1, redelivered: 1 } })
  expect([await next.get(), await next.get()]).toEqual([1, 2])
  next.taskDone(2)
  await queue.join()
  expect(queue.stats()).toMatchObject({ unfinished: 0, size: 0, ledger: { acknowledged: 3, open: 0 } })
})

test('a consumer that goes on after its end was told is refused, and leaves the queue as it is', async () => {
  const queue = queueWith(0)
  const ended = openConsumer(queue.consumer())
  const waiting = expect(ended.get()).rejects.toMatchObject({ code: 'HANDLE_CLOSED' })
  sayEnded(queue)
  await waiting
  await expect(ended.get()).rejects.toMatchObject({ code: 'HANDLE_CLOSED' })
  expect(() => ended.getNowait()).toThrow(expect.objectContaining({ code: 'HANDLE_CLOSED' }))
  ended.shutdown({ immediate: true })
  ended.close()
  expect(queue.isShutdown).toBe(false)
})
