import { getHeapSnapshot, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { Queue } from '../../src/index.js'

/** Of each object whose class has this name: whether V8 keeps its fields outside it. */
async function fieldsOutside(className: string): Promise<boolean[]> {
  const parts: unknown[] = []
  for await (const part of getHeapSnapshot()) parts.push(part)
  const { snapshot, nodes, edges, strings } = JSON.parse(parts.join(''))
  const { node_fields: nodeFields, node_types, edge_fields: edgeFields, edge_types } = snapshot.meta
  const nodeType = node_types[0].indexOf('object')
  const internal = edge_types[0].indexOf('internal')
  const [typeAt, nameAt, edgesAt] = ['type', 'name', 'edge_count'].map((field) => nodeFields.indexOf(field))
  const [edgeTypeAt, edgeNameAt] = ['type', 'name_or_index'].map((field) => edgeFields.indexOf(field))
  const found: boolean[] = []
  let edge = 0
  for (let node = 0; node < nodes.length; node += nodeFields.length) {
    const edgesEnd = edge + nodes[node + edgesAt] * edgeFields.length
    const isOne = nodes[node + typeAt] === nodeType && strings[nodes[node + nameAt]] === className
    let isOutside = false
    for (; edge < edgesEnd; edge += edgeFields.length) {
      isOutside ||= edges[edge + edgeTypeAt] === internal && strings[edges[edge + edgeNameAt]] === 'properties'
    }
    if (isOne) found.push(isOutside)
  }
  return found
}

test.runIf(process.release.name === 'node' && !('Bun' in globalThis) && !('Deno' in globalThis))(
  'queues that come and go between collections keep their fields in the object',
  async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const comeAndGo = async () => {
      const queue = new Queue<number>()
      for (let i = 0; i < 100; i++) queue.putNowait(i)
      for (let i = 0; i < 100; i++) await queue.get()
    }
    // V8 decides how much an object holds after the eighth, by the shapes that it has not forgotten.
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 4; i++) collect()
      await comeAndGo()
    }
    const queue = new Queue<number>()
    for (const className of ['QueueCore', 'FifoStorage', 'Watermarks']) {
      const outside = await fieldsOutside(className)
      expect(outside.length).toBeGreaterThan(0)
      expect(outside).not.toContain(true)
    }
    expect(queue.qsize()).toBe(0)
  },
)
