import { Queue, QueueEmpty, QueueFull } from '@millrace/queue'

/** @type {Queue<string>} */
const inbox = new Queue(2)

// A callback cannot wait: a socket's 'data', a button's click. It offers the item, and has to do something when there is no room.
/** @param {string} message */
function onMessage(message) {
  try {
    inbox.putNowait(message)
    console.log(`accepted ${message}`)
  } catch (error) {
    if (!(error instanceof QueueFull)) throw error
    console.log(`refused  ${message}: ${error.code}`)
  }
}

onMessage('one')
onMessage('two')
onMessage('three')

console.log(`next would be ${inbox.peekNowait()}`)
console.log(`got ${inbox.getNowait()}`)
onMessage('four')
console.log(`the rest at once: ${inbox.drain().join(', ')}`)

try {
  inbox.getNowait()
} catch (error) {
  if (!(error instanceof QueueEmpty)) throw error
  console.log(`nothing left: ${error.code}`)
}
