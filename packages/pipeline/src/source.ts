import type { ConsumerEnd } from '@millrace/queue'
import type { Meter } from './meter.js'
import type { Outlet } from './outlet.js'
import { Receipt } from './receipt.js'
import type { Scope } from './scope.js'

/** What a pipeline can start from. Of a queue's consumer end each item is marked done when everything made of it has left. */
export type Source<T> = Iterable<T> | AsyncIterable<T> | ConsumerEnd<T>

export type ItemOfSource<S> = S extends AsyncIterable<infer T> ? T : S extends Iterable<infer T> ? T : never

function iteratorOf<T>(source: Source<T>): Iterator<T> | AsyncIterator<T> {
  return isAsync(source) ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
}

/** Also of a text, which is iterable and no object. */
export function isAsync<T>(source: Iterable<T> | AsyncIterable<T>): source is AsyncIterable<T> {
  return typeof source === 'object' && Symbol.asyncIterator in source
}

export function isSource(source: unknown): source is Source<unknown> {
  if (typeof source === 'string') return true
  return typeof source === 'object' && source !== null && (Symbol.asyncIterator in source || Symbol.iterator in source)
}

function acknowledgerOf(source: object): (() => void) | undefined {
  if (!('taskDone' in source) || typeof source.taskDone !== 'function') return undefined
  const { taskDone } = source as { taskDone: () => void }
  return () => taskDone.call(source)
}

/** Moves a source's items into an outlet until it ends or the run is stopped; then lets the source clean up. */
export async function pump<T>(source: Source<T>, outlet: Outlet<T>, scope: Scope, meter: Meter): Promise<void> {
  const acknowledge = acknowledgerOf(Object(source))
  const iterator = iteratorOf(source)
  const close = async () => {
    try {
      await iterator.return?.()
    } catch {
      // A source that fails while it is told to stop has nobody left to tell.
    }
  }
  // A source that waits for something else answers its pending next() only when return() tells it to give up. An async generator
  // does not: its return() waits behind next(). The run's grace ends that.
  let pending = false
  scope.onStop(() => {
    if (pending) scope.abandon(close())
  })
  const next = async (): Promise<IteratorResult<T>> => {
    pending = true
    meter.enter()
    try {
      return await iterator.next()
    } finally {
      meter.leave()
      pending = false
    }
  }
  try {
    for (let index = 0; ; index++) {
      const { done, value } = await next()
      if (done) break
      const receipt = acknowledge === undefined ? undefined : new Receipt(acknowledge)
      meter.in++
      try {
        await outlet.put(await value, index, receipt)
        scope.signal.throwIfAborted()
      } catch (error) {
        await close()
        throw error
      }
    }
  } catch (error) {
    if (scope.stopped) return
    throw error
  }
  outlet.end()
}
