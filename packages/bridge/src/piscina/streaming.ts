import { packThrown } from '../thrown.js'
import { type Codec, openProducer, type Producer, type ProducerHandle } from '../worker.js'
import { printed } from './printed.js'

/** What `stream()` sends to the worker. */
export interface StreamTask<Task, T> {
  readonly millrace: 'stream'
  readonly task: Task
  readonly out: ProducerHandle<T>
}

/** How it ended: well, or with what was thrown, as bytes that keep the class, code, cause and properties of an error. */
export interface StreamEnd {
  readonly thrown?: Uint8Array
}

type Items<T> = Iterable<T> | AsyncIterable<T>

/**
 * Makes the function that `stream()` runs in a worker:
 *
 *     export default streaming(async function* (task) { yield ... })
 *     export default streaming((task, producer) => { producer.putBlocking(...) })
 *
 * A generator is pulled as fast as the queue has room. When home leaves the loop, aborts or shuts the queue down, the generator is told
 * to return at its next `yield`; in between, `producer.checkpoint()` throws and `producer.signal` aborts. What `fn` throws is what the
 * queue's consumer gets, after every item that was put before.
 *
 * @param options - codec: a codec of one's own, as `stream()` was given it
 */
export function streaming<Task, T>(
  fn: (task: Task, producer: Producer<T>) => Items<T> | void | PromiseLike<Items<T> | void>,
  options: { codec?: Codec<T> } = {},
): (task: StreamTask<Task, T>) => Promise<StreamEnd> {
  return async ({ millrace, task, out }) => {
    if (millrace !== 'stream') {
      throw new TypeError(
        'this worker function was made by streaming(): run it by stream(pool, task), not by pool.run(task)',
      )
    }
    const producer = openProducer<T>(out, options)
    try {
      if (producer.isShutdown) return {}
      const items = await fn(task, producer)
      if (items !== undefined && items !== null) await putAll(items, producer)
      return {}
    } catch (thrown) {
      // Asked to stop: whatever that made it throw has nobody left to hear it.
      return producer.isShutdown ? {} : { thrown: packThrown(thrown) }
    } finally {
      producer.close()
      await printed()
    }
  }
}

async function putAll<T>(answer: Items<T>, producer: Producer<T>): Promise<void> {
  // A text is an iterable too, and `in` takes no primitives.
  const items = Object(answer) as Items<T>
  if (Symbol.asyncIterator in items) {
    for await (const item of items) await producer.put(item)
    return
  }
  if (!(Symbol.iterator in items)) {
    throw new TypeError(
      `streaming(): the function answered ${String(answer)}; it puts by its producer or answers an iterable`,
    )
  }
  // Nothing else runs in this thread while a sync generator does: it may as well be parked while there is no room.
  for (const item of items) producer.putBlocking(item)
}
