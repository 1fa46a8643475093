import { bridgeGroups } from './bridge/index.js'
import type { Group } from './harness/group.js'
import { pipelineGroups } from './pipeline/index.js'
import { queueGroups } from './queue/index.js'

/** Every group, in the order in which they run. */
export const groups: readonly Group[] = [...queueGroups, ...bridgeGroups, ...pipelineGroups]
