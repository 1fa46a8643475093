import { setTimeout as sleep } from 'node:timers/promises'

/**
 * How many bytes stay alive while what `make` returned does: heap and array buffers, after collections of garbage.
 * Needs a process started with --expose-gc.
 */
export async function heldBytes(make: () => unknown): Promise<number> {
  const before = await settled()
  let kept: unknown = make()
  const after = await settled()
  // Read after the measurement, so that the compiler may not let it die before.
  if (kept === undefined) throw new Error('nothing was made')
  kept = undefined
  return after - before
}

async function settled(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('memory is measured with node --expose-gc')
  // Two collections with a turn of the loop between them: finalizers and dead array buffers go with the second.
  globalThis.gc()
  await sleep(1)
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
