import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from '@millrace/queue'

/** @type {Queue<{ baker: string, loaf: number }>} */
const shelf = new Queue(4) // four loaves fit; the fifth baker waits

let sold = 0
/** @type {Map<string, number>} */
const lastSold = new Map()
let inOrder = true

/** @param {string} baker */
async function bake(baker) {
  for (let loaf = 1; loaf <= 5; loaf++) await shelf.put({ baker, loaf })
  console.log(`${baker} has gone home`)
}

async function sell() {
  for await (const { baker, loaf } of shelf) {
    inOrder &&= loaf > (lastSold.get(baker) ?? 0)
    lastSold.set(baker, loaf)
    sold++
    await sleep(2) // selling is slower than baking, so the bakers wait: that is back-pressure
  }
}

const sellers = [sell(), sell()]
await Promise.all([bake('Ann'), bake('Ben'), bake('Cem')])
shelf.shutdown() // only when every producer is done
await Promise.all(sellers)

const { peak, puts } = shelf.stats()
console.log(`${puts} loaves baked, ${sold} sold`)
console.log(`never more than ${peak} on the shelf`)
console.log(`each baker's loaves sold in the order of baking: ${inOrder}`)
