/**
 * The memory map. Nothing else in this package knows an offset.
 *
 * A queue owns one *hub*; each remote end owns one *lane*. Both are SharedArrayBuffers of fixed length. All shared words are
 * Int32, the only size that is lock-free everywhere, and words that different ends write are 128 bytes apart: a cache line and
 * the one that the prefetcher brings along.
 *
 * "writing end" is the end that puts into a lane (the producer thread of a fan-in, the home end of a fan-out), "reading end" the
 * other. "remote" is the end in the thread, "home" the end on the event loop.
 *
 *   hub   0     MAGIC VERSION KIND SLOT_LIMIT MAX_ITEMS ORDER HOME_THREAD TICKET_START | EPOCH (float64)     constant
 *         40   PREFETCH | YIELD_AFTER (float64)   fan-out: items a consumer may hold, milliseconds         constant
 *         128   STATE            any end, compare-exchange, only advances        publishes nothing; every end checks it
 *               HOME_LOST        the thread that hears of the end of the home's: 1, before STATE
 *               HOME_EXIT_CODE   the same, before HOME_LOST
 *         256   HOME_DOORBELL    home sets 1, whoever rings clears it            see doorbell.ts
 *         384   DONE             any consumer, compare-exchange                  taskDone() in all
 *         512   JOINS            whoever begins to join, add
 *               JOINED           whoever saw unfinished at zero, compare-exchange: the joins that had begun before it looked
 *         640   DROPPED          home                                            items that left without being delivered
 *               SLOTS            home                                            slots ever used; publishes their words
 *               TICKET_LIMIT     home                                            first ticket that may not be claimed yet
 *         768   NEXT_TICKET      writing ends, compare-exchange                  next ticket to claim
 *         1024 + 256 i           slot i
 *               ACCEPTED         writing end of lane i, before the position that publishes the items; after the thread's
 *                                death home, to what was really published
 *               CLAIM            writing end of lane i: the ticket it is about to own, or NO_TICKET
 *         +128  TAKEN            reading end of lane i
 *               DONE_HERE        fan-out: items that lane i's consumer has counted off; a done item is an acknowledged one
 *
 *   lane  0     MAGIC VERSION CAPACITY SLOT START                                                              constant
 *         128   WRITE_POSITION   writing end, compare-exchange; publishes every plain store into the ring before it,
 *                                and ACCEPTED. The reading end sets its lowest bit, SEALED: nothing more can be published
 *               KEPT_POSITION    fan-out: home; it has copies of what lies before it in the ring and is not acknowledged, so the
 *                                consumer gives back the space of what it has read of that
 *         256   READ_POSITION    reading end; publishes that it no longer reads the bytes before it
 *               MOVED_TAKEN      reading end: units of transferred parts that have arrived, before READ_POSITION
 *               TAKE_GATE        fan-out: items taken, doubled, by the consumer's compare-exchange before it looks at one; the home
 *                                end sets the lowest bit: no further one may be taken
 *               ACKNOWLEDGED     fan-out: items acknowledged, by the consumer; up to then the home end can still find them in
 *                                the ring, or has kept them
 *         384   DOORBELL         remote sets 1, whoever rings clears it
 *         512   OWNER            compare-exchange 0 -> thread id + 1 by the remote that opens the lane
 *               LOCKED           remote, in a browser: 1 while it holds the lane's lock, which it loses with its life
 *         640   CLOSED           remote: 1 after close(); home: 2 when the thread is gone
 *         768   PARKED_SINCE PARKS PARKED_MS PARKED_FOR SPILLED   remote, for stats() only
 *         1024  the ring, CAPACITY bytes
 *
 *   record, 8-byte aligned, in the ring
 *         0                   4                   8
 *         +-------------------+-------------------+---------------------------+
 *         | length << 4 | kind|  stamp (ticket)   | length bytes, then up to 7 unused ones
 *         +-------------------+-------------------+---------------------------+
 */

export const HUB_MAGIC = 0x6d68_7562
export const LANE_MAGIC = 0x6d6c_616e
export const LAYOUT_VERSION = 2

/** 128 bytes, in words. */
const LINE = 32

// Hub, in words.
export const MAGIC = 0
export const VERSION = 1
export const HUB_KIND = 2
export const HUB_SLOT_LIMIT = 3
export const HUB_MAX_ITEMS = 4
export const HUB_ORDER = 5
export const HUB_HOME_THREAD = 6
export const HUB_TICKET_START = 7
/** In float64 words: when the hub was made, milliseconds since 1970. Times in lanes count from it. */
export const HUB_EPOCH_FLOAT64 = 4
export const HUB_PREFETCH = 10
/** In float64 words. */
export const HUB_YIELD_AFTER_FLOAT64 = 6
export const STATE = LINE
export const HOME_LOST = STATE + 1
export const HOME_EXIT_CODE = STATE + 2
export const HOME_DOORBELL = 2 * LINE
export const DONE = 3 * LINE
export const JOINS = 4 * LINE
export const JOINED = JOINS + 1
export const DROPPED = 5 * LINE
export const SLOTS = DROPPED + 1
export const TICKET_LIMIT = DROPPED + 2
export const NEXT_TICKET = 6 * LINE
const FIRST_SLOT = 8 * LINE
const SLOT_WORDS = 2 * LINE

/** Values of HUB_KIND. */
export const FAN_IN = 1
export const FAN_OUT = 2

/** Values of HUB_ORDER. */
export const ORDER_PRODUCER = 0
export const ORDER_ARRIVAL = 1

export function acceptedWord(slot: number): number {
  return FIRST_SLOT + slot * SLOT_WORDS
}
export function claimWord(slot: number): number {
  return FIRST_SLOT + slot * SLOT_WORDS + 1
}
export function takenWord(slot: number): number {
  return FIRST_SLOT + slot * SLOT_WORDS + LINE
}

export function doneWord(slot: number): number {
  return FIRST_SLOT + slot * SLOT_WORDS + LINE + 1
}

/** How many lanes a queue may have at once. The pages of slots that are never used are never touched. */
export const MAX_SLOTS = 1024

export function hubBytes(slots: number): number {
  return (FIRST_SLOT + slots * SLOT_WORDS) * 4
}

// Lane, in words.
export const LANE_CAPACITY = 2
export const LANE_SLOT = 3
export const LANE_START = 4
export const WRITE_POSITION = LINE
export const KEPT_POSITION = WRITE_POSITION + 1
export const READ_POSITION = 2 * LINE
export const MOVED_TAKEN = READ_POSITION + 1
export const TAKE_GATE = READ_POSITION + 2
export const ACKNOWLEDGED = READ_POSITION + 3
export const DOORBELL = 3 * LINE
export const OWNER = 4 * LINE
export const LOCKED = OWNER + 1
export const CLOSED = 5 * LINE
export const PARKED_SINCE = 6 * LINE
export const PARKS = PARKED_SINCE + 1
export const PARKED_MS = PARKED_SINCE + 2
export const PARKED_FOR = PARKED_SINCE + 3
export const SPILLED = PARKED_SINCE + 4
export const LANE_CONTROL_WORDS = 8 * LINE
export const RING_OFFSET = LANE_CONTROL_WORDS * 4

/** Lowest bit of WRITE_POSITION: positions are multiples of 8, so it is free. */
export const SEALED = 1

/** Lowest bit of TAKE_GATE. */
export const GATE_SHUT = 1

/** Values of CLOSED. */
export const CLOSED_BY_REMOTE = 1
export const CLOSED_BY_DEATH = 2

/** Value of HOME_EXIT_CODE where the platform does not tell. */
export const NO_EXIT_CODE = -1

/** Values of PARKED_FOR. */
export const PARKED_FOR_ROOM = 1
export const PARKED_FOR_TICKET = 2
export const PARKED_FOR_JOIN = 3
export const PARKED_FOR_ITEM = 4

/** Smallest ring: two records of 24 bytes. */
export const MIN_CAPACITY = 64
/** Differences of positions must stay below 2^31. */
export const MAX_CAPACITY = 2 ** 30

// Record.
export const HEADER_BYTES = 8
export const KIND_BITS = 4
export const KIND_MASK = (1 << KIND_BITS) - 1
/** The length shares its word with the kind. */
export const MAX_RECORD_BYTES = 2 ** 27

/** One item as its codec wrote it. */
export const ITEM = 0
/** Skipped bytes before the ring's end. */
export const PADDING = 1
/** Items of the codec's fixed size, side by side. */
export const RUN = 2
/** First fragment of a long item: its whole length as a float64, then bytes. */
export const FRAGMENT_FIRST = 3
/** A fragment that another follows. */
export const FRAGMENT = 4
/** Last fragment: the item counts from here on. */
export const FRAGMENT_LAST = 5
/** Bytes that `reserve()` handed out: an item that is a Uint8Array, whatever the codec. */
export const RAW = 6
/** An item that waits on the lane's port, with what was transferred along with it: how many units that is, as an Int32. */
export const TRANSFER = 7
/** Payload of such a record, and all that it takes. */
export const MOVED_BYTES = 4
export const MOVED_RECORD = 16
/** In what transferred bytes are counted, the first of them by the record: an Int32 of bytes would be too short. */
export const MOVED_UNIT = 16
/** A ticket that will never be used: the long item whose fragments came before, or an item that could not be transferred. */
export const ABANDON = 8
/** Short items, each behind a byte that says how many it takes, side by side: see bundles.ts. */
export const BUNDLE = 9

/** Bytes that a record with so much payload takes, header included. */
export function recordBytes(length: number): number {
  return (length + HEADER_BYTES + 7) & ~7
}

/** Longest payload of one record: half a ring, so that it fits wherever the ring's end lies once all before it was read. */
export function maxPayload(capacity: number): number {
  return Math.min(capacity / 2, MAX_RECORD_BYTES) - HEADER_BYTES
}
