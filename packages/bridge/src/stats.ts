import {
  CLOSED,
  CLOSED_BY_DEATH,
  HUB_EPOCH_FLOAT64,
  PARKED_FOR,
  PARKED_FOR_ITEM,
  PARKED_FOR_JOIN,
  PARKED_FOR_ROOM,
  PARKED_FOR_TICKET,
  PARKED_MS,
  PARKED_SINCE,
  PARKS,
  SPILLED,
} from './layout.js'
import { sharedNow } from './runtime.js'

/** What a thread waits for: room in its lane, the queue's `maxItems`, the end of a join, an item. */
export type ParkedFor = 'room' | 'maxItems' | 'join' | 'item'

/** One lane, as its shared words tell it: true even of a thread that is stopped. Plain JSON. */
export interface LaneStats {
  /** As given to `producer()` or `consumer()`. */
  readonly name: string | null
  /** Id of the thread that opened it; null while nobody has. */
  readonly thread: number | null
  readonly state: 'offered' | 'open' | 'closed' | 'lost'
  readonly capacityBytes: number
  /** Items put into it so far. */
  readonly items: number
  /** Bytes put into it so far, headers and padding included. */
  readonly bytes: number
  /** Items in it now. */
  readonly depth: number
  /** Bytes of it in use now. */
  readonly depthBytes: number
  /** How often its remote end has had to wait, and for how long in all, milliseconds; the current wait included. */
  readonly blocked: number
  readonly blockedMs: number
  /** Whether its remote end waits now, for what, and since how many milliseconds. */
  readonly parked: { readonly for: ParkedFor; readonly sinceMs: number } | null
  /** Items that took the long way: in fragments, or transferred. */
  readonly spilled: number
  /** Items that died with its thread before they were put, or could be delivered. */
  readonly lost: number
}

/** A whole queue. Plain JSON. */
export interface BridgeStats {
  readonly name: string | null
  readonly kind: 'fan-in' | 'fan-out'
  readonly state: 'open' | 'shutting down' | 'shut down'
  /** Items put and not yet taken. */
  readonly size: number
  /** Bound on it; null without one. */
  readonly maxItems: number | null
  readonly unfinished: number
  /** Items ever put, ever taken, and dropped by an immediate shutdown. */
  readonly puts: number
  readonly gets: number
  readonly dropped: number
  /** Items lost with threads that died. */
  readonly lost: number
  /** Calls that wait here. */
  readonly waiting: { readonly gets: number; readonly puts: number; readonly joins: number }
  /** Lanes handed out and not yet over. */
  readonly lanes: readonly LaneStats[]
  /** How many lanes are over. */
  readonly endedLanes: number
}

const reasons: Record<number, ParkedFor> = {
  [PARKED_FOR_ROOM]: 'room',
  [PARKED_FOR_TICKET]: 'maxItems',
  [PARKED_FOR_JOIN]: 'join',
  [PARKED_FOR_ITEM]: 'item',
}

/** The part of a lane's stats that its remote end keeps in the lane itself. */
export function remoteStats(
  hub: Int32Array<SharedArrayBuffer>,
  control: Int32Array<SharedArrayBuffer>,
  thread: number,
): Pick<LaneStats, 'thread' | 'state' | 'blocked' | 'blockedMs' | 'parked' | 'spilled'> {
  const closed = Atomics.load(control, CLOSED)
  const state = closed === 0 ? (thread < 0 ? 'offered' : 'open') : closed === CLOSED_BY_DEATH ? 'lost' : 'closed'
  const since = state === 'open' ? Atomics.load(control, PARKED_SINCE) : 0
  const epoch = new Float64Array(hub.buffer, 0, HUB_EPOCH_FLOAT64 + 1)[HUB_EPOCH_FLOAT64]
  const sinceMs = since === 0 ? 0 : Math.max(0, Math.round(sharedNow() - epoch) - since)
  return {
    thread: thread < 0 ? null : thread,
    state,
    blocked: Atomics.load(control, PARKS),
    blockedMs: Atomics.load(control, PARKED_MS) + sinceMs,
    parked: since === 0 ? null : { for: reasons[Atomics.load(control, PARKED_FOR)] ?? 'room', sinceMs },
    spilled: Atomics.load(control, SPILLED),
  }
}

export function stateName(state: number): BridgeStats['state'] {
  return state === 0 ? 'open' : state === 1 ? 'shutting down' : 'shut down'
}
