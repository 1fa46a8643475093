import { type CrewTask, type MappingFunction, mapping } from '@millrace/bridge/piscina/worker'

/** What a stage's pool sends to each of its threads. */
export interface ThreadTask extends CrewTask {
  /** URL of the module whose default export is the stage's function. */
  readonly module: string
}

/** What runs in the threads of a `mapThreads` stage: loads the stage's module and works for the stage until it ends. */
export default async function (task: ThreadTask): Promise<void> {
  const fn = functionOf(await import(task.module))
  if (fn === undefined) {
    throw new TypeError(`mapThreads: the default export of ${task.module} is not a function`)
  }
  await mapping(fn)(task)
}

/** The default export; of a CommonJS module compiled from ESM it is one level further down. */
function functionOf(module: { default?: unknown }): MappingFunction<unknown, unknown> | undefined {
  const { default: found } = module
  const fn = typeof found === 'object' && found !== null && 'default' in found ? found.default : found
  return typeof fn === 'function' ? (fn as MappingFunction<unknown, unknown>) : undefined
}
