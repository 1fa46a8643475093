import { EventEmitter } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { Liveness, type ThreadWatcher } from '../../src/liveness.js'

/** Hears of threads; says that it still runs at each of the first `moves` looks. */
class Watcher implements ThreadWatcher {
  looks = 0
  readonly ended: Promise<{ threadId: number; exitCode: number | undefined; looks: number }>
  private resolve!: (end: { threadId: number; exitCode: number | undefined; looks: number }) => void

  constructor(private readonly moves: number) {
    this.ended = new Promise((resolve) => {
      this.resolve = resolve
    })
  }

  onThreadEnd(threadId: number, exitCode: number | undefined): void {
    this.resolve({ threadId, exitCode, looks: this.looks })
  }

  progressOf(): number {
    return Math.min(++this.looks, this.moves)
  }
}

function watched(mustRest: boolean, watcher: Watcher): EventEmitter {
  const liveness = new Liveness(mustRest)
  liveness.join(watcher)
  const worker = Object.assign(new EventEmitter(), { threadId: 7 })
  liveness.watch(worker as unknown as Worker)
  return worker
}

test("a thread's end is told at its 'exit'", async () => {
  const watcher = new Watcher(10)
  watched(false, watcher).emit('exit', 3)
  expect(await watcher.ended).toEqual({ threadId: 7, exitCode: 3, looks: 0 })
})

test("where 'exit' comes before the thread has stopped, its end is told when its positions rest", async () => {
  const watcher = new Watcher(10)
  watched(true, watcher).emit('exit', 3)
  const { threadId, exitCode, looks } = await watcher.ended
  expect({ threadId, exitCode }).toEqual({ threadId: 7, exitCode: 3 })
  expect(looks).toBeGreaterThan(10)
})
