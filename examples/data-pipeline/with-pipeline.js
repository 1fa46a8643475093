import { mkdir, open, readFile } from 'node:fs/promises'
import { pipeline } from '@millrace/pipeline'
import { accessLog, parseHit } from './access-log.js'

const file = new URL('./out/with-pipeline.ndjson', import.meta.url)
await mkdir(new URL('.', file), { recursive: true })
const output = await open(file, 'w')

const report = await pipeline(accessLog(10_000))
  .map('parse', parseHit, { onError: 'collect' }) // a damaged line is reported, not fatal
  .filter('changed', (hit) => hit.status !== 304)
  .batch({ max: 100, linger: 50 })
  .map('save', (hits) => output.write(hits.map((hit) => `${JSON.stringify(hit)}\n`).join('')))
  .run()

await output.close()

const saved = (await readFile(file, 'utf8')).trim().split('\n')
console.log(`${saved.length} hits saved, ${report.failures.length} damaged lines`)
console.log(saved[0])
