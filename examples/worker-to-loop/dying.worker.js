import { workerData } from 'node:worker_threads'
import { openProducer } from '@millrace/bridge/worker'

const numbers = openProducer(workerData.out)
for (let n = 1; n <= 5; n++) numbers.putBlocking(n)
process.exit(3) // no close(): as if it had crashed
