import { Queue } from '@millrace/queue'

/** @type {Queue<string>} */
const rows = new Queue()

// A producer that breaks down has to tell its consumer, or the consumer waits for ever.
async function read() {
  try {
    await rows.put('row 1')
    await rows.put('row 2')
    throw new Error('the connection was reset')
  } catch (error) {
    rows.fail(error) // what was put is delivered first; then everybody gets this error
  }
}

const reading = read()
try {
  for await (const row of rows) console.log(row)
  console.log('never printed: the rows did not end, they broke off')
} catch (error) {
  console.log(`after the rows: ${error}`)
}
await reading
