import type { Transferable, Worker } from 'node:worker_threads'

/** What is asked of a Piscina pool: a Piscina of any version, or whatever runs tasks as it does. */
export interface TaskPool {
  /** Those that run already: they were started before this package could hear of them. */
  readonly threads?: readonly Worker[]
  /** A method, not a property: pools of typed tasks are pools too. */
  run(task: unknown, options?: TaskOptions): Promise<unknown>
}

/** Where in the pool's threads the function is found, when it is not the pool's own `filename` and default export. */
export interface TaskTarget {
  readonly filename?: string
  /** Of the export. @default 'default' */
  readonly name?: string
}

interface TaskOptions extends TaskTarget {
  readonly transferList?: Transferable[]
  readonly signal?: AbortSignal
}

/** The options that are given, as Piscina takes them: a key that is there counts, whatever its value. */
export function targetOf({ filename, name }: { filename?: string | undefined; name?: string | undefined }): TaskTarget {
  return { ...(filename !== undefined && { filename }), ...(name !== undefined && { name }) }
}
