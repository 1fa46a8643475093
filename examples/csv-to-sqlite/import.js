import { mkdtemp, rm, stat } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { FanInQueue, FanOutQueue } from '@millrace/bridge'
import sqlite from 'node-sqlite3-wasm'
import { makeCsv } from './make-csv.js'
import { ranges } from './ranges.js'

const folder = await mkdtemp(join(tmpdir(), 'csv-to-sqlite-'))
const path = join(folder, 'orders.csv')
await makeCsv(path, Number(process.argv[2] ?? 200_000))
console.log(`${((await stat(path)).size / 1e6).toFixed(1)} MB of CSV`)

// Ranges of the file go to the threads; what they parse comes back, a range at a time.
/** @type {FanOutQueue<{ start: number, end: number }>} */
const work = new FanOutQueue()
/** @type {FanInQueue<(string | number)[][]>} */
const parsed = new FanInQueue({ maxItems: 8 }) // the database is one, the threads are many: they wait for it

for (let n = 0; n < Math.min(4, availableParallelism()); n++) {
  new Worker(new URL('./parse.worker.js', import.meta.url), {
    workerData: { path, ranges: work.consumer(), orders: parsed.producer() },
  })
}
parsed.closeWhenIdle()

const handing = work.putMany(ranges(path, 256 * 1024)).then(() => work.shutdown())

const database = new sqlite.Database(join(folder, 'orders.db'))
database.run(`CREATE TABLE orders (
  id INTEGER PRIMARY KEY, country TEXT, product TEXT, quantity INTEGER, cents INTEGER, note TEXT
)`)
const insert = database.prepare('INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)')
database.run('BEGIN')
for await (const rows of parsed) for (const row of rows) insert.run(row)
database.run('COMMIT')
insert.finalize()
await handing

const [{ orders, turnover }] = database.all('SELECT count(*) AS orders, sum(quantity * cents) AS turnover FROM orders')
console.log(`${orders} orders, turnover ${Number(turnover) / 100}`)
console.log(database.get('SELECT product, note FROM orders WHERE id = ?', 110))
for (const { country, pieces } of database.all(
  'SELECT country, sum(quantity) AS pieces FROM orders GROUP BY country ORDER BY pieces DESC, country LIMIT 3',
)) {
  console.log(`${country}: ${pieces} pieces`)
}
database.close()
await rm(folder, { recursive: true })
