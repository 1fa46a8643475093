import { merge, Queue } from '@millrace/queue'

/** @type {Queue<string>} */
const north = new Queue()
/** @type {Queue<string>} */
const south = new Queue()

async function* twoMore() {
  yield 'east 1'
  yield 'east 2'
}

// Any async iterables, queues among them. It ends when all have ended, and fails when one fails.
const events = merge(north, south, twoMore())

north.putNowait('north 1')
south.putNowait('south 1')
north.shutdown()
south.shutdown()

const all = []
for await (const event of events) all.push(event)
console.log(all.sort())

// Leaving early ends the other sources as well, and takes nothing more from them.
/** @type {Queue<number>} */
const left = new Queue()
/** @type {Queue<number>} */
const right = new Queue()
left.putNowait(1)
for await (const n of merge(left, right)) {
  console.log('first:', n)
  break
}
right.putNowait(2)
console.log('still there:', right.getNowait())
