import type { Group } from '../harness/group.js'
import { images } from './images.js'
import { taskGroups } from './tasks.js'

export const pipelineGroups: readonly Group[] = [...taskGroups, images]
