import { PriorityQueue } from '@millrace/queue'

// The smallest first. An array is compared element by element, so [priority, payload] does what Python programmers expect.
/** @type {PriorityQueue<[number, string]>} */
const waitingRoom = new PriorityQueue()

await waitingRoom.put([3, 'a cough'])
await waitingRoom.put([1, 'a broken leg'])
await waitingRoom.put([2, 'a fever'])
await waitingRoom.put([1, 'chest pain'])
console.log('next:', waitingRoom.peekNowait()[1])
waitingRoom.shutdown()
for await (const [urgency, patient] of waitingRoom) console.log(urgency, patient)

// Any order of your own: compare(a, b) as for Array.prototype.sort. Items that compare equal leave in the order in which they came.
/** @type {PriorityQueue<{ task: string, due: Date }>} */
const deadlines = new PriorityQueue({ compare: (a, b) => a.due.getTime() - b.due.getTime() })

await deadlines.putMany([
  { task: 'write the tests', due: new Date('2027-03-02') },
  { task: 'write the code', due: new Date('2027-03-01') },
  { task: 'tidy up', due: new Date('2027-03-02') },
])
console.log(deadlines.drain().map(({ task }) => task))

// Things that have no order among themselves are refused when they are put, and the queue stays as it was.
/** @type {PriorityQueue<unknown>} */
const mixed = new PriorityQueue()
mixed.putNowait(1)
try {
  mixed.putNowait('two')
} catch (error) {
  console.log(error instanceof TypeError ? 'TypeError' : error, mixed.qsize())
}
