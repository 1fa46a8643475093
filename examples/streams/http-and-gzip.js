import { once } from 'node:events'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { Queue, toReadableStream, toWritableStream } from '@millrace/queue'

// The server's end: a queue is the body of the answer. When the client reads slowly, put() waits.
/** @type {Queue<string>} */
const readings = new Queue(4)

async function measure() {
  for (let n = 1; n <= 1000; n++) await readings.put(`${JSON.stringify({ n, celsius: 20 + (n % 7) })}\n`)
  readings.shutdown()
}

const server = createServer((_request, response) => {
  const body = toReadableStream(readings)
    .pipeThrough(new TextEncoderStream())
    .pipeThrough(new CompressionStream('gzip'))
  response.setHeader('content-encoding', 'gzip')
  Readable.fromWeb(body).pipe(response)
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())

// The client's end: a queue is where the text of the answer goes.
/** @type {Queue<string>} */
const received = new Queue(4)

async function download() {
  const { body } = await fetch(`http://127.0.0.1:${port}/`) // undoes the gzip
  await body?.pipeThrough(new TextDecoderStream()).pipeTo(toWritableStream(received)) // its end shuts the queue down
}

const both = Promise.all([measure(), download()])
let text = ''
for await (const piece of received) text += piece
await both
server.close()

const lines = text.trimEnd().split('\n')
console.log(`${lines.length} readings, the last one ${lines.at(-1)}`)
console.log(`never more than ${readings.stats().peak} waiting on the server's side`)
