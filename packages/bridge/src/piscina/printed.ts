/**
 * Resolves when what this thread has written to its console has left it: a thread that is parked in Atomics.wait sends nothing on.
 * `undefined` when there is nothing to wait for, which is nearly always.
 */
export function printed(): Promise<unknown> | undefined {
  const waiting = [process.stdout, process.stderr].filter((stream) => stream.writableLength > 0)
  if (waiting.length === 0) return undefined
  return Promise.all(waiting.map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))))
}
