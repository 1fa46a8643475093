import { openProducer } from '/bridge/worker.js'

globalThis.onmessage = async ({ data: { out, program, count } }) => {
  const producer = openProducer(out)
  try {
    if (program === 'blocking') {
      for (let i = 0; i < count; i++) producer.putBlocking({ i, text: `item ${i}` })
      producer.close()
    } else if (program === 'many') {
      producer.putMany(Array.from({ length: count }, (_, i) => i))
      producer.close()
    } else if (program === 'await') {
      for (let i = 0; i < count; i++) await producer.put(i)
      producer.close()
    } else if (program === 'flood') {
      for (let i = 0; ; i++) producer.putBlocking(i)
    } else if (program === 'stay') {
      producer.putBlocking('here')
      postMessage('put')
    }
  } catch (error) {
    postMessage(error.code)
  }
}
