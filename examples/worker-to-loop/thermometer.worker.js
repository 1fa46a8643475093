import { workerData } from 'node:worker_threads'
import { openProducer } from '@millrace/bridge/worker'

const { place, out } = workerData
const base = { cellar: 12, roof: 30, garden: 20 }[/** @type {'cellar' | 'roof' | 'garden'} */ (place)]

const readings = openProducer(out)
for (let n = 0; n < 10_000; n++) {
  const celsius = base + (n % 11) - 5
  readings.putBlocking({ place, n, celsius }) // when 100 are in flight, this thread stops until the loop has taken some
}
readings.close() // what was put is delivered
