import { EventEmitter } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { Liveness } from '../../src/liveness.js'

function workerOf(threadId: number): EventEmitter & Worker {
  return Object.assign(new EventEmitter(), { threadId }) as unknown as EventEmitter & Worker
}

test("a thread's end is told at its 'exit', once, with the id that it had before", () => {
  const liveness = new Liveness(false)
  const ends: unknown[] = []
  const watcher = { onThreadEnd: (...end: unknown[]) => ends.push(end) }
  liveness.join(watcher)
  const worker = workerOf(7)
  liveness.watch(worker)
  liveness.watch(worker)
  Object.assign(worker, { threadId: -1 }).emit('exit', 3)
  expect(ends).toEqual([[7, 3]])
})

test('where a Worker is shown after its end, that is found out', async () => {
  const liveness = new Liveness(true)
  let tell = (_: unknown[]) => {}
  const ended = new Promise((resolve) => {
    tell = resolve
  })
  const watcher = { onThreadEnd: (...end: unknown[]) => tell(end) }
  liveness.join(watcher)
  const worker = Object.assign(workerOf(7), {
    cpuUsage: () => Promise.reject(new Error('Worker instance not running')),
  })
  expect(liveness.watch(worker)).toBe(7)
  expect(await ended).toEqual([7, undefined])
  expect(liveness.watch(worker)).toBe(-1)
})

test('a Worker that has ended has no thread, whatever its threadId goes on saying', () => {
  const liveness = new Liveness(false)
  const worker = workerOf(7)
  expect(liveness.watch(worker)).toBe(7)
  worker.emit('exit', 0)
  expect(liveness.watch(worker)).toBe(-1)
})
