import type { Group } from './harness/group.js'

const suites: Readonly<Record<string, () => Promise<readonly Group[]>>> = {
  queue: async () => (await import('./queue/index.js')).queueGroups,
  bridge: async () => (await import('./bridge/index.js')).bridgeGroups,
  pipeline: async () => (await import('./pipeline/index.js')).pipelineGroups,
}

/**
 * The group of this name, with its own suite and no other: the other suites' libraries are some 16 MB of objects, through which
 * every full collection of the contenders under measurement would have to go.
 */
export async function loadGroup(name: string): Promise<Group> {
  const [suite = ''] = name.split('/', 1)
  const group = (await suites[suite]?.())?.find((candidate) => candidate.name === name)
  if (group === undefined) throw new Error(`no group named ${name}`)
  return group
}
