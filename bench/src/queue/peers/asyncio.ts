import { pythonRun, pythonUnavailable } from '../../baselines/python.js'
import type { Contender } from '../../harness/group.js'

type Case = 'pairs' | 'contended' | 'backlog' | 'abort-storm'
interface Shape {
  readonly bound?: number
  readonly coroutines?: number
  /** Items through one queue before the next is made; all of them when left out. */
  readonly pass?: number
  readonly maxItems?: number
}

/** CPython's asyncio.Queue doing the same; a baseline, not a peer: another language. */
export const asyncio = (kase: Case, { bound = 0, coroutines = 1, pass, maxItems }: Shape = {}): Contender => ({
  name: 'asyncio.Queue',
  kind: 'baseline',
  elsewhere: true,
  how: `CPython's asyncio.Queue(${bound}) in a process of its own that times itself`,
  ...(maxItems !== undefined && { maxItems }),
  unavailable: () => pythonUnavailable('asyncio'),
  run: (items) => pythonRun('asyncio_queue', kase, items, bound, coroutines, pass ?? items),
})
