import type { HandleData } from '../handle.js'
import { CLOSED, CLOSED_BY_REMOTE, LANE_CONTROL_WORDS, OWNER } from '../layout.js'

function controlOf(handle: object): Int32Array<SharedArrayBuffer> {
  return new Int32Array((handle as HandleData).lane, 0, LANE_CONTROL_WORDS)
}

/** The id of the thread that has opened a handle; undefined while none has. */
export function ownerOf(handle: object): number | undefined {
  const owner = Atomics.load(controlOf(handle), OWNER)
  return owner === 0 ? undefined : owner - 1
}

/** Whether the thread that was given a handle has opened it and not closed it. */
export function isOpen(handle: object): boolean {
  return ownerOf(handle) !== undefined && Atomics.load(controlOf(handle), CLOSED) !== CLOSED_BY_REMOTE
}
