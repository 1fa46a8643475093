import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from '@millrace/queue'

// A source that pushes and cannot await: it only knows "stop for a while" and "go on". Sockets, child processes and many client
// libraries are like that.
const source = Readable.from(Array.from({ length: 30 }, (_, n) => `line ${n + 1}`))

/** @type {Queue<string>} */
const lines = new Queue({ highWater: 8, lowWater: 2 })
const pausedAt = new Set()
const resumedAt = new Set()
let largest = 0

lines.onPaused = () => {
  pausedAt.add(lines.qsize())
  source.pause()
}
lines.onResumed = () => {
  resumedAt.add(lines.qsize())
  source.resume()
}

source.on('data', (line) => {
  lines.putNowait(line)
  largest = Math.max(largest, lines.qsize())
})
source.on('end', () => lines.shutdown())

let count = 0
for await (const line of lines) {
  count++
  if (count === 1) console.log(`first: ${line}`)
  await sleep(1) // a slow consumer
}

console.log(`${count} lines, never more than ${largest} waiting`)
console.log('paused at', [...pausedAt].join(), 'and resumed at', [...resumedAt].join())
