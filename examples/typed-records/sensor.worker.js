import { workerData } from 'node:worker_threads'
import { openProducer } from '@millrace/bridge/worker'

const out = openProducer(workerData.out) // the layout has come along in the handle

for (let n = 0; n < 100_000; n++) {
  out.putBlocking({
    sensor: n % 16,
    kind: n % 2 === 0 ? 'temperature' : 'pressure',
    value: n % 100,
    valid: n % 10 !== 3,
    note: n === 50_000 ? 'half way' : undefined,
  })
}

try {
  out.putBlocking({ sensor: -1, kind: 'temperature', value: 0, valid: true })
} catch (error) {
  const { code } = /** @type {import('@millrace/bridge').CodecError} */ (error)
  out.putBlocking({ sensor: 0, kind: 'temperature', value: 0, valid: false, note: `refused: ${code}` })
}
out.close()
