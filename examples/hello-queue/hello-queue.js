import { Queue } from '@millrace/queue'

/** @type {Queue<string>} */
const names = new Queue()

async function greet() {
  for await (const name of names) console.log(`hello, ${name}`)
  console.log('no more names')
}

const greeting = greet() // runs up to its first wait: there is no name yet

await names.put('Ada')
await names.put('Grace')
await names.put('Barbara')
names.shutdown() // nothing more will come; what is in the queue is still delivered

await greeting
