import type { Group } from '../harness/group.js'
import { abortStorm } from './abort-storm.js'
import { backlog, backlogFlat } from './backlog.js'
import { iteration } from './iteration.js'
import { memory } from './memory.js'
import { contended, pairsBounded, pairsUnbounded } from './pairs.js'

export const queueGroups: readonly Group[] = [
  pairsBounded,
  pairsUnbounded,
  contended,
  backlog,
  backlogFlat,
  abortStorm,
  iteration,
  memory,
]
