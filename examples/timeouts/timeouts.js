import { Queue, QueueTimeout } from '@millrace/queue'

/** @type {Queue<string>} */
const queue = new Queue(1)

/** @param {unknown} error */
const told = (error) => (error instanceof QueueTimeout ? `${error.name} (${error.code})` : `${error}`)

// Wait at most 20 ms for an item.
await queue.get({ timeout: 20 }).catch((error) => console.log('get:', told(error)))

// The call that gave up has left nothing behind: the next item goes to the next get().
await queue.put('first')
console.log('then:', await queue.get({ timeout: 20 }))

// Wait at most 20 ms for room. An item whose put() timed out was not accepted.
await queue.put('second')
await queue.put('third', { timeout: 20 }).catch((error) => console.log('put:', told(error)))
console.log('waiting:', queue.qsize())

// timeout: 0 tries once.
console.log('now or never:', await queue.get({ timeout: 0 }))
await queue.get({ timeout: 0 }).catch((error) => console.log('and again:', told(error)))

// join() waits until taskDone() was called for every item; two items were accepted, and one of them is done.
queue.taskDone(1)
await queue
  .join({ timeout: 20 })
  .catch((error) => console.log('join:', told(error), `${queue.unfinishedTasks} unfinished`))

// Somebody else's decision to stop: an AbortSignal. The reason is passed on as it is.
const stop = new AbortController()
const waiting = queue.get({ signal: stop.signal, timeout: 1000 })
stop.abort(new Error('the user went home'))
await waiting.catch((error) => console.log('abort:', told(error)))

// The items are there for whoever comes next: an abort or a timeout never takes one along.
await queue.put('last')
console.log('kept:', queue.getNowait())
