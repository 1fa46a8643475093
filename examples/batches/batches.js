import { Queue } from '@millrace/queue'

/** @type {Queue<number>} */
const readings = new Queue(100)

// One INSERT for many rows, one HTTP call for many events: take what is there, at most 50.
async function store() {
  const sizes = []
  for await (const rows of readings.batches({ max: 50 })) {
    sizes.push(rows.length)
    await new Promise((resolve) => setImmediate(resolve)) // the INSERT; meanwhile the queue fills
  }
  return sizes
}
const storing = store()
await readings.putMany(Array.from({ length: 500 }, (_, n) => n))
readings.shutdown()
const sizes = await storing
console.log(`500 rows, no batch larger than ${Math.max(...sizes)}, fewer than 20 calls: ${sizes.length < 20}`)

// Wait for a full batch, but not for ever: at least 3, at most 10, and after 20 ms what there is.
/** @type {Queue<string>} */
const events = new Queue()
events.putNowait('a')
const waiting = events.getMany({ min: 3, max: 10, timeout: 5000 })
events.putNowait('b')
events.putNowait('c')
console.log('full: ', await waiting)

events.putNowait('d')
console.log('late: ', await events.getMany({ min: 3, max: 10, timeout: 20 }))
await events.getMany({ min: 3, timeout: 20 }).catch((error) => console.log('none: ', error.name))

// What is there now, without waiting; nothing is a fine answer.
await events.putMany(['e', 'f'])
console.log('drain:', events.drain(), events.drain())
