// One group in a process of its own, so that no group inherits another's heap, compiled code or threads.
import { parseArgs } from 'node:util'
import { CoreLatencyMarker } from './harness/core-latency.js'
import type { Scale } from './harness/group.js'
import { runGroup } from './harness/run-one-group.js'
import { loadSubject } from './harness/subject.js'
import { loadGroup } from './load-group.js'

const { values } = parseArgs({
  options: {
    group: { type: 'string' },
    scale: { type: 'string' },
    rounds: { type: 'string' },
    'max-stolen': { type: 'string' },
    contenders: { type: 'string' },
    /** `name=checkout` of a further build of millrace. */
    against: { type: 'string', multiple: true },
  },
})

const group = await loadGroup(values.group ?? '')

const subjects = [await loadSubject(values.against === undefined ? 'millrace' : 'here')]
for (const pair of values.against ?? []) {
  const [name, checkout] = pair.split('=')
  subjects.push(await loadSubject(name!, checkout))
}

const marker = await new CoreLatencyMarker().ready()
const result = await runGroup(group, {
  scale: values.scale as Scale,
  subjects,
  marker,
  ...(values.rounds !== undefined && { rounds: Number(values.rounds) }),
  ...(values['max-stolen'] !== undefined && { maxStolen: Number(values['max-stolen']) }),
  ...(values.contenders !== undefined && { contenders: new RegExp(values.contenders, 'i') }),
  onProgress: (progress) => process.send?.({ progress }),
})
await marker.close()
if (process.send === undefined) console.log(JSON.stringify(result, undefined, 1))
else process.send({ result }, undefined, undefined, () => process.exit(0))
