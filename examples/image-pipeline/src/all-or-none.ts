/**
 * Runs stages side by side; the first that fails stops the others.
 *
 * @param start - starts the stages with the signal that stops them
 * @throws what the first failed stage threw, after all stages have come to rest
 */
export async function allOrNone(outer: AbortSignal, start: (signal: AbortSignal) => Promise<void>[]): Promise<void> {
  const stop = new AbortController()
  const stages = start(AbortSignal.any([outer, stop.signal]))
  for (const stage of stages) stage.catch((error) => stop.abort(error))
  await Promise.allSettled(stages)
  outer.throwIfAborted()
  stop.signal.throwIfAborted()
}
