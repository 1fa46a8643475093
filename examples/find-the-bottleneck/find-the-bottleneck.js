import { setTimeout as sleep } from 'node:timers/promises'
import { pipeline } from '@millrace/pipeline'

/** @param {number} id @param {{ attempt: number, signal: AbortSignal }} context */
async function lookUp(id, { attempt, signal }) {
  if (id % 50 === 0 && attempt === 1) throw new Error('the service has hiccups')
  await sleep(4, undefined, { signal }) // the planted slow stage
  return { id, name: `customer ${id}` }
}

const report = await pipeline(Array.from({ length: 300 }, (_, n) => n + 1))
  .map('check', (id) => id)
  .map('look up', lookUp, { retry: { attempts: 5, delay: 1 } })
  .map('format', ({ id, name }) => `${id};${name}`)
  .run()

console.log(`bottleneck: ${report.bottleneck}`)
for (const { name, in: taken, retried, out } of report.stages) {
  console.log(`${name}: ${taken} in, ${retried} tried again, ${out} out`)
}
console.log(`advice: ${report.advice.replace(/\d+ %/, 'nn %')}`)
