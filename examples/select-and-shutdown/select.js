import { Queue, select } from '@millrace/queue'

/** @type {Queue<string>} */
const urgent = new Queue()
/** @type {Queue<string>} */
const normal = new Queue()

await normal.putMany(['letter 1', 'letter 2'])
await urgent.put('telegram 1')

// Take one item from whichever queue has one; when several have, from the first in the list. The others are not touched.
for (let n = 0; n < 3; n++) {
  const { queue, item } = await select([urgent, normal])
  console.log(queue === urgent ? 'urgent:' : 'normal:', item)
}

// Nothing there: wait for all of them, take from the one that is first. No waiter is left behind in the other.
const waiting = select([urgent, normal])
await urgent.put('telegram 2')
console.log((await waiting).item, '/', `${normal.getting} waiting at normal`)

// Instead of Promise.race with a timer:
await select([urgent, normal], { timeout: 20 }).catch((error) => console.log(error.name))
