import { LifoQueue, Queue } from '@millrace/queue'

const tree = {
  name: 'root',
  children: [
    { name: 'a', children: [{ name: 'a1' }, { name: 'a2' }] },
    { name: 'b', children: [{ name: 'b1', children: [{ name: 'b11' }] }] },
  ],
}
/** @typedef {{ name: string, children?: Node[] }} Node */

// The same walk, and the queue alone decides its order.
/** @param {Queue<Node>} toVisit */
async function walk(toVisit) {
  const visited = []
  await toVisit.put(tree)
  while (!toVisit.empty()) {
    const { name, children = [] } = await toVisit.get()
    visited.push(name)
    await toVisit.putMany(children)
  }
  return visited.join(' ')
}

console.log('Queue, breadth first:    ', await walk(new Queue()))
console.log('LifoQueue, depth first:  ', await walk(new LifoQueue()))
