/** Runs the microtask queue to its end, and one macrotask. */
export const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export type Outcome<T> =
  | { state: 'fulfilled'; value: T }
  | { state: 'rejected'; reason: unknown }
  | { state: 'pending' }

/** What has become of a promise when all microtasks have run. */
export async function outcome<T>(promise: Promise<T>): Promise<Outcome<T>> {
  let seen: Outcome<T> = { state: 'pending' }
  promise.then(
    (value) => {
      seen = { state: 'fulfilled', value }
    },
    (reason: unknown) => {
      seen = { state: 'rejected', reason }
    },
  )
  await flush()
  return seen
}

export const isPending = async (promise: Promise<unknown>): Promise<boolean> =>
  (await outcome(promise)).state === 'pending'
