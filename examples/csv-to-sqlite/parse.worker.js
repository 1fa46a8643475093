import { openSync, readSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { openConsumer, openProducer } from '@millrace/bridge/worker'
import { parse } from 'csv-parse/sync'

const ranges = openConsumer(workerData.ranges)
const orders = openProducer(workerData.orders)
const file = openSync(workerData.path, 'r')

for (const { start, end } of ranges) {
  const bytes = new Uint8Array(end - start)
  readSync(file, bytes, 0, bytes.length, start)
  const records = /** @type {string[][]} */ (parse(bytes))
  if (start === 0) records.shift() // the header
  orders.putBlocking(
    records.map(([id, country, product, quantity, price, note]) => [
      Number(id),
      country,
      product,
      Number(quantity),
      Math.round(Number(price) * 100),
      note,
    ]),
  )
  ranges.taskDone()
}
orders.close()
