import { mkdir, open, readFile } from 'node:fs/promises'
import { Queue } from '@millrace/queue'
import { accessLog, parseHit } from './access-log.js'

/** @typedef {import('./access-log.js').Hit} Hit */

/** @type {Queue<string>} */
const lines = new Queue(100)
/** @type {Queue<Hit>} */
const hits = new Queue(100)
let damaged = 0

async function generate() {
  await lines.putMany(accessLog(10_000)) // pulls from the generator only while there is room
  lines.shutdown()
}

async function parse() {
  for await (const line of lines) {
    try {
      const hit = parseHit(line)
      if (hit.status !== 304) await hits.put(hit)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      damaged++
    }
  }
  hits.shutdown() // each stage ends the next one
}

/** @param {URL} file */
async function save(file) {
  const output = await open(file, 'w')
  for await (const batch of hits.batches({ max: 100 })) {
    await output.write(batch.map((hit) => `${JSON.stringify(hit)}\n`).join(''))
  }
  await output.close()
}

const file = new URL('./out/with-queues.ndjson', import.meta.url)
await mkdir(new URL('.', file), { recursive: true })
await Promise.all([generate(), parse(), save(file)])

const saved = (await readFile(file, 'utf8')).trim().split('\n')
console.log(`${saved.length} hits saved, ${damaged} damaged lines`)
console.log(saved[0])
console.log(`never more than ${Math.max(lines.stats().peak, hits.stats().peak)} items between two stages`)
