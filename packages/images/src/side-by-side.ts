import { setMaxListeners } from 'node:events'

/**
 * Runs stages side by side; the first that fails stops the others.
 *
 * @param start - starts the stages with the signal that stops them
 * @throws the outer signal's reason, or what the first failed stage threw; always after every stage has come to rest
 */
export async function sideBySide(
  outer: AbortSignal,
  start: (signal: AbortSignal) => Promise<unknown>[],
): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([outer, stop.signal])
  // As many listen as there are pictures in work.
  setMaxListeners(0, signal)
  const stages = start(signal)
  for (const stage of stages) stage.catch((error) => stop.abort(error))
  await Promise.allSettled(stages)
  outer.throwIfAborted()
  stop.signal.throwIfAborted()
}
