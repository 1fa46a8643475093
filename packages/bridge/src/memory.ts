import {
  acceptedWord,
  claimWord,
  DONE,
  HUB_EPOCH_FLOAT64,
  HUB_HOME_THREAD,
  HUB_KIND,
  HUB_MAGIC,
  HUB_MAX_ITEMS,
  HUB_ORDER,
  HUB_SLOT_LIMIT,
  HUB_TICKET_START,
  hubBytes,
  KEPT_POSITION,
  LANE_CAPACITY,
  LANE_CONTROL_WORDS,
  LANE_MAGIC,
  LANE_SLOT,
  LANE_START,
  LAYOUT_VERSION,
  MAGIC,
  MAX_SLOTS,
  NEXT_TICKET,
  READ_POSITION,
  RING_OFFSET,
  TICKET_LIMIT,
  takenWord,
  VERSION,
  WRITE_POSITION,
} from './layout.js'
import { NO_TICKET } from './position.js'

export interface HubSpec {
  readonly kind: number
  readonly homeThread: number
  readonly order: number
  /** 0 = no bound. */
  readonly maxItems: number
  readonly epoch: number
  /** First ticket; tests start near the wrap. */
  readonly startTicket?: number
  /** First value of the item counts; tests start near the wrap. */
  readonly startCount?: number
}

/** Makes the memory that all ends of a queue share. */
export function createHub(spec: HubSpec): Int32Array<SharedArrayBuffer> {
  const memory = new SharedArrayBuffer(hubBytes(MAX_SLOTS))
  const hub = new Int32Array(memory)
  hub[MAGIC] = HUB_MAGIC
  hub[VERSION] = LAYOUT_VERSION
  hub[HUB_KIND] = spec.kind
  hub[HUB_SLOT_LIMIT] = MAX_SLOTS
  hub[HUB_MAX_ITEMS] = spec.maxItems
  hub[HUB_ORDER] = spec.order
  hub[HUB_HOME_THREAD] = spec.homeThread
  const startTicket = spec.startTicket ?? 0
  hub[HUB_TICKET_START] = startTicket
  hub[NEXT_TICKET] = startTicket
  hub[TICKET_LIMIT] = (startTicket + spec.maxItems) & 0x7fffffff
  new Float64Array(memory, 0, HUB_EPOCH_FLOAT64 + 1)[HUB_EPOCH_FLOAT64] = spec.epoch
  const startCount = spec.startCount ?? 0
  hub[acceptedWord(0)] = startCount
  hub[takenWord(0)] = startCount
  hub[DONE] = startCount
  return hub
}

export interface LaneSpec {
  readonly capacity: number
  readonly slot: number
  /** First position, a multiple of 8; tests start near the wraps. */
  readonly start?: number
}

/** Makes the memory of one lane in `slot` of the hub. */
export function createLane(hub: Int32Array<SharedArrayBuffer>, spec: LaneSpec): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(RING_OFFSET + spec.capacity)
  const control = new Int32Array(memory, 0, LANE_CONTROL_WORDS)
  control[MAGIC] = LANE_MAGIC
  control[VERSION] = LAYOUT_VERSION
  control[LANE_CAPACITY] = spec.capacity
  control[LANE_SLOT] = spec.slot
  const start = (spec.start ?? 0) | 0
  control[LANE_START] = start
  control[WRITE_POSITION] = start
  control[KEPT_POSITION] = start
  control[READ_POSITION] = start
  Atomics.store(hub, claimWord(spec.slot), NO_TICKET)
  return memory
}
