import type { MessagePort } from 'node:worker_threads'
import { packThrown } from '../thrown.js'
import { type Demand, isAsyncIterable, type Supply } from './iterables.js'

/** Items sent in one message at most: bounds how long the first of them waits for the last. */
const batchLimit = 64

/**
 * Serves an iterator to the thread at the other end of `port`: as many items as it asks for, as soon as they are there. When that side
 * leaves or ends, the iterator is told to return.
 *
 * The port holds this thread only while an item that was asked for is being made.
 */
export function serveIterator(iterable: AsyncIterable<unknown> | Iterable<unknown>, port: MessagePort): void {
  const iterator = isAsyncIterable(iterable) ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]()
  let credit = 0
  let isWorking = false
  let isOver = false
  let items: unknown[] = []

  const send = (end: Omit<Supply, 'items'> = {}) => {
    const sent = items
    items = []
    try {
      port.postMessage({ items: sent, ...end } satisfies Supply)
    } catch {
      // One of them cannot be cloned, and throws again in its turn: those before it are not lost for that.
      for (const item of sent) port.postMessage({ items: [item] } satisfies Supply)
      port.postMessage({ items: [], ...end } satisfies Supply)
    }
  }
  // The error of a clean-up has nobody left to hear it.
  const close = async () => {
    try {
      await iterator.return?.()
    } catch {}
  }
  const leave = async () => {
    if (isOver) return
    isOver = true
    port.close()
    await close()
  }
  const finish = (end: Omit<Supply, 'items'>) => {
    isOver = true
    try {
      send(end)
    } catch (error) {
      port.postMessage({ items: [], thrown: packThrown(error) } satisfies Supply)
    }
    port.close()
  }
  const work = async () => {
    if (isWorking) return
    isWorking = true
    port.ref()
    try {
      while (credit > 0 && !isOver) {
        const next = iterator.next()
        // What is ready is sent together; before waiting for the iterator, what there is.
        if (next instanceof Promise && items.length > 0 && !(await isReady(next))) send()
        const { done, value } = await next
        if (isOver) return
        if (done) return finish({ done: true })
        items.push(value)
        credit--
        if (credit === 0 || items.length >= batchLimit) send()
      }
    } catch (error) {
      if (isOver) return
      await close()
      finish({ thrown: packThrown(error) })
    } finally {
      isWorking = false
      if (!isOver) port.unref()
    }
  }
  port.on('message', (demand: Demand) => {
    if ('leave' in demand) return void leave()
    credit += demand.pull
    void work()
  })
  port.on('close', () => void leave())
  port.unref()
}

/** Whether a promise has settled, or does within the current run of microtasks that is due anyway. */
async function isReady(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = () => {
    settled = true
  }
  promise.then(settle, settle)
  for (let tick = 0; tick < 4 && !settled; tick++) await null
  return settled
}
