import { move, workerData } from 'piscina'
import { type PayloadName, payloadOf } from '../payloads.js'

const payload = payloadOf(workerData as PayloadName)
/** Below this a copy costs less than a transfer. */
const MOVE_FROM_BYTES = 16 * 1024

export default function make(index: number): unknown {
  const item = payload.makeFresh(index)
  return item instanceof Uint8Array && item.length >= MOVE_FROM_BYTES ? move(item) : item
}
