import type { MessagePort, TransferListItem } from 'node:worker_threads'
import { QueueError } from '@millrace/queue'
import { markKind } from '@millrace/queue/waiting'
import type { CodecDescription } from './codecs/description.js'
import {
  FAN_IN,
  FAN_OUT,
  HUB_KIND,
  HUB_MAGIC,
  HUB_SLOT_LIMIT,
  hubBytes,
  LANE_CAPACITY,
  LANE_CONTROL_WORDS,
  LANE_MAGIC,
  LANE_SLOT,
  LAYOUT_VERSION,
  MAGIC,
  MAX_CAPACITY,
  MAX_SLOTS,
  MIN_CAPACITY,
  RING_OFFSET,
  VERSION,
} from './layout.js'
import { requireSharedMemory } from './runtime.js'

/** What a transfer list may hold. */
export type Transferable = TransferListItem

/** What a handle is: plain data that structured cloning carries, SharedArrayBuffers included. */
export interface HandleData {
  readonly millrace: 'producer' | 'consumer'
  readonly version: number
  readonly hub: SharedArrayBuffer
  readonly lane: SharedArrayBuffer
  readonly codec: CodecDescription
  /** Name of the lock that its thread holds while it lives; only where threads end unheard. */
  readonly lock?: string
  readonly queueName?: string
  readonly name?: string
  /** Where transferred parts of items go; only of a producer that asked for it. */
  readonly port?: MessagePort
  readonly transferList: readonly Transferable[]
}

/**
 * Opens a producer in the thread that gets it: by `workerData`, `postMessage`, a Piscina task or a Comlink argument.
 * Plain data; one per thread. `T` is what its producer puts.
 */
export interface ProducerHandle<T> {
  /** What must travel along with it: empty, unless it was asked for with `{ transferable: true }`. */
  readonly transferList: readonly Transferable[]
  /** Never there: only tells the types apart. */
  readonly __puts?: (item: T) => void
}

/** Opens a consumer in the thread that gets it, as a `ProducerHandle` does a producer. `T` is what its consumer gets. */
export interface ConsumerHandle<T> {
  /** What must travel along with it: empty. */
  readonly transferList: readonly Transferable[]
  /** Never there: only tells the types apart. */
  readonly __gets?: () => T
}

/** A handle that is none, or that another version made: code `BAD_HANDLE`. */
export class BadHandle extends QueueError {
  constructor(message: string) {
    super(message, 'BAD_HANDLE')
  }
}
markKind(BadHandle, '@millrace/bridge.BadHandle')

/**
 * Checks that `handle` is what `producer()` or `consumer()` of this version gave out.
 * Everything that a later step relies on is checked here, so that foreign or damaged memory is refused before it is touched.
 *
 * @throws {BadHandle} code BAD_HANDLE, saying what is wrong with it
 */
export function readHandle(handle: unknown, kind: HandleData['millrace']): HandleData {
  requireSharedMemory()
  const expected = `expected a ${kind} handle`
  if (typeof handle !== 'object' || handle === null) {
    throw new BadHandle(`${expected}, got ${handle === null ? 'null' : typeof handle}`)
  }
  const data = handle as Partial<HandleData>
  if (data.millrace !== 'producer' && data.millrace !== 'consumer') {
    throw new BadHandle(
      `${expected}, got an object that is no millrace handle: a queue itself does not travel, queue.${kind}() gives what does`,
    )
  }
  if (data.millrace !== kind) throw new BadHandle(`${expected}, got a ${data.millrace} handle`)
  if (data.version !== LAYOUT_VERSION) {
    throw new BadHandle(
      `${expected} of version ${LAYOUT_VERSION}, got version ${typeof data.version === 'number' ? data.version : `of type ${typeof data.version}`}: both threads must load the same @millrace/bridge`,
    )
  }
  checkHub(data.hub, kind, expected)
  checkLane(data.lane, expected)
  const { codec } = data
  if (typeof codec !== 'object' || codec === null || typeof codec.name !== 'string') {
    throw new BadHandle(`${expected}, got one without a codec`)
  }
  if (data.port !== undefined && typeof (data.port as Partial<MessagePort> | null)?.postMessage !== 'function') {
    throw new BadHandle(`${expected}, got one whose port is none`)
  }
  return data as HandleData
}

/**
 * As `readHandle()`, where it has to be one that the queue of this memory gave out.
 * @returns the lane that it is for
 */
export function readOwnHandle(
  handle: unknown,
  kind: HandleData['millrace'],
  hub: Int32Array<SharedArrayBuffer>,
): SharedArrayBuffer {
  const data = readHandle(handle, kind)
  if (data.hub !== hub.buffer) {
    throw new BadHandle(
      `expected a ${kind} handle of this queue as it gave it out, got that of another queue, or a copy`,
    )
  }
  return data.lane
}

function checkHub(memory: unknown, kind: HandleData['millrace'], expected: string): void {
  if (!isShared(memory) || memory.byteLength !== hubBytes(MAX_SLOTS)) {
    throw new BadHandle(`${expected}, got one whose queue memory is missing or cut short`)
  }
  const hub = new Int32Array(memory)
  if (hub[MAGIC] !== HUB_MAGIC || hub[VERSION] !== LAYOUT_VERSION || hub[HUB_SLOT_LIMIT] !== MAX_SLOTS) {
    throw new BadHandle(`${expected}, got one whose queue memory is no queue of version ${LAYOUT_VERSION}`)
  }
  if (hub[HUB_KIND] !== (kind === 'producer' ? FAN_IN : FAN_OUT)) {
    throw new BadHandle(`${expected}, got one of a queue of the other direction`)
  }
}

function checkLane(memory: unknown, expected: string): void {
  if (!isShared(memory) || memory.byteLength < RING_OFFSET) {
    throw new BadHandle(`${expected}, got one whose lane memory is missing or cut short`)
  }
  const control = new Int32Array(memory, 0, LANE_CONTROL_WORDS)
  if (control[MAGIC] !== LANE_MAGIC || control[VERSION] !== LAYOUT_VERSION) {
    throw new BadHandle(`${expected}, got one whose lane memory is no lane of version ${LAYOUT_VERSION}`)
  }
  const capacity = control[LANE_CAPACITY]
  const isPowerOfTwo = (capacity & (capacity - 1)) === 0
  if (
    !isPowerOfTwo ||
    capacity < MIN_CAPACITY ||
    capacity > MAX_CAPACITY ||
    memory.byteLength !== RING_OFFSET + capacity
  ) {
    throw new BadHandle(
      `${expected}, got one whose lane of ${capacity} bytes lies in ${memory.byteLength} bytes of memory`,
    )
  }
  const slot = control[LANE_SLOT]
  if (slot < 0 || slot >= MAX_SLOTS) throw new BadHandle(`${expected}, got one with slot ${slot} of ${MAX_SLOTS}`)
}

function isShared(memory: unknown): memory is SharedArrayBuffer {
  return Object.prototype.toString.call(memory) === '[object SharedArrayBuffer]'
}
