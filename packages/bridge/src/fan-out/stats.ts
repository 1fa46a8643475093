import { stateOf } from '../lifecycle.js'
import type { BridgeStats, LaneStats } from '../stats.js'
import { remoteStats, stateName } from '../stats.js'
import type { FanOutCore } from './fan-out-core.js'
import type { Ledger } from './ledger.js'
import type { OutLane } from './out-lane.js'

/** One consumer's lane. */
export interface OutLaneStats extends LaneStats {
  readonly acknowledged: number
  /** Items under way to it or in its hands. */
  readonly unacknowledged: number
  /** How many more it may have now. */
  readonly credit: number
}

export interface FanOutStats extends BridgeStats {
  /** Of the items not yet taken, how many wait here for a consumer, and how many bytes those are. */
  readonly backlogItems: number
  readonly backlogBytes: number
  readonly ledger: Ledger
  readonly lanes: readonly OutLaneStats[]
}

export function readStats<T>(core: FanOutCore<T>): FanOutStats {
  const { hub, ledger, settings } = core
  const size = core.qsize()
  return {
    name: core.name ?? null,
    kind: 'fan-out',
    state: stateName(stateOf(hub)),
    size,
    maxItems: settings.maxItems === 0 ? null : settings.maxItems,
    unfinished: core.unfinished,
    puts: ledger.put,
    gets: ledger.put - ledger.dropped - size,
    dropped: ledger.dropped,
    lost: ledger.failed,
    waiting: { gets: 0, puts: core.putters.size, joins: core.joiners.size },
    backlogItems: core.backlog.size,
    backlogBytes: core.backlog.bytes,
    ledger: ledger.read(),
    lanes: core.lanes.open.map((lane) => laneStats(hub, lane)),
    endedLanes: core.lanes.ended,
  }
}

function laneStats<T>(hub: Int32Array<SharedArrayBuffer>, lane: OutLane<T>): OutLaneStats {
  return {
    name: lane.name ?? null,
    ...remoteStats(hub, lane.control, lane.thread),
    capacityBytes: lane.capacity,
    items: lane.items,
    bytes: lane.bytes,
    depth: lane.untaken,
    depthBytes: lane.depthBytes,
    lost: 0,
    acknowledged: lane.acknowledged,
    unacknowledged: lane.unacknowledged,
    credit: lane.credit,
  }
}
