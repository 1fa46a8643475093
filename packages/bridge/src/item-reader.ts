import type { MessagePort } from 'node:worker_threads'
import { countBundled, endOfBundled } from './bundles.js'
import type { Codec, Cutter } from './codec.js'
import { copyOut, viewBetween } from './codecs/memory.js'
import { cutRecords } from './cut-records.js'
import { NOTHING } from './fan-in/item-source.js'
import type { Shower, Spans } from './fan-in/spans.js'
import type { LaneReader } from './lane-reader.js'
import { ABANDON, BUNDLE, FRAGMENT_FIRST, FRAGMENT_LAST, ITEM, RAW, RUN, recordBytes, TRANSFER } from './layout.js'
import { LongItem } from './long-item.js'
import { advance, advanceTicket, distance, NO_TICKET } from './position.js'
import { workerThreads } from './runtime.js'

/** Items to read ahead at first, and at most; bytes of the ring that they may take. */
const FIRST_AHEAD = 4
const MAX_AHEAD = 32
const MAX_AHEAD_BYTES = 1024
/** No record's bytes: of several lengths. */
const CUT = -1

/** No record's length: of records of any length one is looked at. */
const ANY_LENGTH = -1

const NONE: never[] = []

/**
 * Takes items out of a lane: steps over what is no item, has fragments put together, decodes.
 *
 * An item is in the ring, or put together from its fragments, or taken. What is read ahead is a copy of items that are in the ring
 * still: it counts for nothing, and is forgotten as soon as anything is taken in another way. The lane hears of those that were taken
 * before anything is asked of it.
 */
export class ItemReader<T> implements Shower {
  /** Puts long items together. */
  private readonly long: LongItem<T>
  private readonly cutter: Cutter<T> | undefined
  /** Items read ahead; those from `aheadAt` up to `aheadCount` are in the ring still, and come next. */
  private ahead: T[] = NONE
  private aheadAt = 0
  private aheadCount = 0
  /** Up to which of them the lane knows that they were taken: `settleAhead()` tells it of the others. */
  private settled = 0
  /** Bytes of the record of each of them; 0 where they lie within one run or bundle, CUT where each may have another length. */
  private record = 0
  /** Bytes of their records in all, where those are CUT. */
  private cutBytes = 0
  /** How many to read ahead: few at first, and again after some of them were read in vain. */
  private reach = FIRST_AHEAD
  /** Where the item lies that was stepped over last, and whether it was written there, too. */
  private from = 0
  private to = 0
  private isRaw = false
  /** Ticket of the item that `ready()` found. */
  ticket = NO_TICKET

  constructor(
    readonly lane: LaneReader,
    readonly codec: Codec<T>,
    /** Where transferred items arrive. */
    private readonly port?: MessagePort,
    /** Whether the codec lays a number as the double that it is. */
    private readonly laysDoubles = false,
  ) {
    this.long = new LongItem(lane, codec)
    this.cutter = codec.cutter?.()
  }

  /** Whether a long item was begun and not finished. */
  get isPartial(): boolean {
    return this.long.isBegun
  }

  /** Whether the long item that was begun and not finished has this ticket. */
  isPartialOf(ticket: number): boolean {
    return this.long.isBegun && this.long.ticket === ticket
  }

  /** Long items that were begun and given up, so far. */
  get abandoned(): number {
    return this.long.abandoned
  }

  /** Whether an item can be taken now. */
  ready(): boolean {
    this.settleAhead()
    if (this.long.isWhole) return true
    const { lane } = this
    while (lane.next()) {
      if (lane.kind < FRAGMENT_FIRST || (lane.kind > FRAGMENT_LAST && lane.kind !== ABANDON)) {
        this.ticket = lane.stamp
        return true
      }
      this.long.absorb()
      if (!this.long.isWhole) continue
      this.ticket = this.long.ticket
      return true
    }
    return false
  }

  /** Takes one item; `ready()` must have said yes. Throws what the codec throws; the item is taken nevertheless. */
  take(): T {
    const { lane, codec } = this
    this.forgetAhead()
    if (this.long.isWhole) return this.long.take()
    const { kind, start, length } = lane
    if (this.stepWithin()) return codec.decode(lane.bytes, this.from, this.to)
    lane.finish(1)
    // What was published may be read until it is released, which is later.
    if (kind === ITEM) return codec.decode(lane.bytes, start, start + length)
    return (kind === TRANSFER ? this.receive(start) : this.takeRaw(start, length)) as T
  }

  /** Steps over the item that comes next, if it shares its record with others. */
  private stepWithin(): boolean {
    const { lane } = this
    if (lane.kind !== RUN && lane.kind !== BUNDLE) return false
    const end = lane.start + this.bytesOfNext(1)
    this.from = lane.kind === RUN ? lane.start : lane.start + 1
    this.to = end
    this.stepOver(1)
    return true
  }

  /** Steps over `count` of the items that share the record. */
  private stepOver(count: number): void {
    const { lane } = this
    lane.stamp = advanceTicket(lane.stamp, count)
    lane.takeFrom(count, this.bytesOfNext(count))
  }

  /** Bytes that the next `count` of the items that share the record take of it. */
  private bytesOfNext(count: number): number {
    const { lane } = this
    if (lane.kind === BUNDLE) return endOfBundled(lane.bytes, lane.start, count) - lane.start
    return count * (this.codec.fixedSize as number)
  }

  /**
   * Reads ahead, up to `max` of the items that come next and are known to be there as their codec wrote them: several of the codec's
   * fixed size or of a bundle, or one of any other. `takeAhead()` takes them.
   *
   * @returns how many; 0 also where the first cannot be decoded: `take()` says so to whoever takes it
   */
  readAhead(max: number): number {
    const { lane, codec } = this
    this.forgetAhead()
    if (this.long.isWhole) return 0
    if (lane.isWithin(BUNDLE)) return this.readBundleAhead(max)
    if (this.cutter !== undefined && lane.peek(ITEM, ANY_LENGTH, 1) > 0 && this.cutter.accepts(lane.length)) {
      return this.cutAhead(this.cutter, max)
    }
    const isRun = lane.isWithin(RUN)
    const size = codec.fixedSize ?? 0
    const most = Math.min(max, this.reach)
    const count = isRun ? Math.min(most, lane.length / size) : lane.peek(ITEM, size, most)
    if (count === 0) return 0
    const { bytes, start, taken } = lane
    const length = isRun ? size : lane.length
    const apart = isRun ? size : recordBytes(length)
    const ahead: T[] = new Array(count)
    let read = 0
    try {
      for (let from = start; read < count; read++, from += apart) ahead[read] = codec.decode(bytes, from, from + length)
    } catch {
      // Not taken yet: what comes before it is.
    }
    // A codec may take items itself.
    this.settleAhead()
    if (lane.taken !== taken) return 0
    this.ahead = ahead
    this.aheadCount = read
    this.record = isRun ? 0 : apart
    if (read === this.reach)
      this.reach = Math.max(1, Math.min(read * 2, MAX_AHEAD, Math.floor(MAX_AHEAD_BYTES / apart)))
    return read
  }

  /** As `readAhead()`, of items that are cut from a copy of their records; the first of them is one. */
  private cutAhead(cutter: Cutter<T>, max: number): number {
    const { reach } = this
    const ahead: T[] = []
    const bytes = cutRecords(this.lane, cutter, ahead, Math.min(max, reach))
    const count = ahead.length
    this.ahead = ahead
    this.aheadCount = count
    this.cutBytes = bytes
    this.record = CUT
    this.reach = count === reach ? Math.min(reach * 2, MAX_AHEAD) : Math.max(count, FIRST_AHEAD)
    return count
  }

  private readBundleAhead(max: number): number {
    const { lane, codec } = this
    const ahead: T[] = []
    const read = codec.decodeBundle?.(
      lane.bytes,
      lane.start,
      lane.start + lane.length,
      Math.min(max, this.reach),
      ahead,
    )
    this.ahead = ahead
    this.aheadCount = read ?? 0
    this.record = 0
    this.reach = Math.min(this.reach * 2, MAX_AHEAD)
    return this.aheadCount
  }

  /** Whether items were read ahead that nobody has taken yet. */
  get hasAhead(): boolean {
    return this.aheadAt < this.aheadCount
  }

  /** Takes the next of the items that were read ahead. */
  takeAhead(): T {
    return this.ahead[this.aheadAt++]
  }

  /** Tells the lane which of the items that were read ahead have been taken: before anything is asked of it, or done to it. */
  settleAhead(): void {
    const items = this.aheadAt - this.settled
    if (items === 0) return
    this.settled = this.aheadAt
    const { lane } = this
    if (this.record === CUT) lane.takePeeked(items, items === this.aheadCount ? this.cutBytes : lane.bytesOf(items))
    else if (this.record > 0) lane.takePeeked(items, items * this.record)
    else this.stepOver(items)
  }

  /** Before anything is taken in another way: what was read ahead is in the ring still, and is decoded again. */
  forgetAhead(): void {
    this.settleAhead()
    if (this.aheadAt < this.aheadCount) this.reach = FIRST_AHEAD
    this.aheadAt = 0
    this.aheadCount = 0
    this.settled = 0
    this.ahead = NONE
  }

  /**
   * Takes the item that comes next if it is in a record of its own, after a look for what is new: `ready()` and `take()` in few steps.
   * NOTHING leaves everything to those two. Throws what the codec throws; the item is taken nevertheless.
   */
  takeFresh(): T | typeof NOTHING {
    const { lane } = this
    if (this.long.isWhole || this.aheadCount > 0 || !lane.takeFresh()) return NOTHING
    const { start, length } = lane
    if (this.laysDoubles && length === 8) return lane.doubles[start >> 3] as T
    return this.codec.decode(lane.bytes, start, start + length)
  }

  /** Steps over the item that comes next, if it is known to be there in one piece; `viewStepped()` shows it where it lies. */
  stepInPlace(): boolean {
    const { lane } = this
    if (this.long.isWhole) return false
    if (this.ahead !== NONE) this.forgetAhead()
    this.isRaw = lane.peek(RAW, ANY_LENGTH, 1) > 0
    if (!this.isRaw && lane.peek(ITEM, ANY_LENGTH, 1) === 0) return false
    this.from = lane.start
    this.to = lane.start + lane.length
    lane.takePeeked(1, recordBytes(lane.length))
    return true
  }

  /** The bytes of the item that `stepInPlace()` stepped over; until they are released its space may not be given back. */
  viewStepped(): Uint8Array {
    return this.show(this.from, this.to, this.isRaw)
  }

  /** The bytes of an item where they lie in the ring. @param isRaw - whether it was written there, too */
  show(start: number, end: number, isRaw: boolean): Uint8Array {
    const { lane, codec } = this
    return isRaw || codec.view === undefined ? lane.viewBetween(start, end) : codec.view(lane.bytes, start, end)
  }

  /**
   * Takes up to `max` of the items that come next and are known to be there, as long as they take no more than `maxBytes` of the ring,
   * one in any case; `ready()` must have said yes. Until they are released the space of those that lie there may not be given back.
   * Throws as `take()` does, what came before it being in `spans`.
   *
   * @param isInOrder - only as long as their tickets follow each other
   */
  takeInPlace(spans: Spans, max: number, maxBytes: number, isInOrder: boolean): void {
    const { lane, ticket } = this
    this.forgetAhead()
    const from = lane.position
    // Once for all of them: to look after each would take the word from the other core again and again.
    lane.refresh()
    let had: number
    do {
      had = spans.length
      this.takeNextInPlace(spans, max - had, maxBytes - distance(lane.position, from), isInOrder)
    } while (
      spans.length > had &&
      spans.length < max &&
      lane.depth > 0 &&
      this.ready() &&
      (!isInOrder || this.ticket === advanceTicket(ticket, spans.length))
    )
  }

  /** Takes items of the next record, and those records that are like it; none if there is no room for it behind what there is. */
  private takeNextInPlace(spans: Spans, max: number, maxBytes: number, isInOrder: boolean): void {
    const { lane } = this
    if (this.long.isWhole || lane.kind === TRANSFER) {
      spans.addOwn(this.takeView().bytes)
    } else if (lane.kind === BUNDLE) {
      if (spans.length === 0 || recordBytes(lane.length) <= maxBytes) {
        this.stepOver(spans.addBundled(lane.bytes, lane.start, lane.start + lane.length, max))
      }
    } else if (lane.kind !== RUN) {
      spans.addRecords(lane, max, maxBytes, isInOrder)
    } else if (spans.length === 0 || recordBytes(lane.length) <= maxBytes) {
      const size = this.codec.fixedSize as number
      const count = Math.min(max, lane.length / size)
      spans.addRun(lane.start, size, count)
      this.stepOver(count)
    }
  }

  /** Bytes that were written in place: what the codec makes of them, and where that takes anything, themselves. */
  private takeRaw(start: number, length: number): unknown {
    const { lane, codec } = this
    const end = start + length
    return codec.name === 'auto' ? copyOut(lane.bytes, start, end) : codec.decode(lane.bytes, start, end)
  }

  /** The item that the record stands for: it was sent before the record was published. */
  private receive(start: number): unknown {
    const { lane } = this
    lane.moved = advance(lane.moved, lane.words[start >> 2])
    const received = this.port === undefined ? undefined : workerThreads?.receiveMessageOnPort(this.port)
    if (received === undefined) throw new TypeError('a transferred item did not arrive on the port of its lane')
    return received.message
  }

  /** As `take()`, but the bytes stay in the ring, if they lie there; until they are released its space may not be given back. */
  takeView(): { readonly bytes: Uint8Array; readonly isInRing: boolean } {
    const { lane } = this
    this.forgetAhead()
    if (this.long.isWhole) return { bytes: this.long.takeBytes(), isInRing: false }
    const { start, kind } = lane
    if (kind === TRANSFER) return { bytes: bytesOf(this.take()), isInRing: false }
    if (this.stepWithin()) return { bytes: this.viewOf(lane.bytes, this.from, this.to), isInRing: true }
    const end = start + lane.length
    lane.finish(1)
    return {
      bytes: kind === RAW ? viewBetween(lane.bytes, start, end) : this.viewOf(lane.bytes, start, end),
      isInRing: true,
    }
  }

  private viewOf(source: Uint8Array, start: number, end: number): Uint8Array {
    const { codec } = this
    return codec.view === undefined ? viewBetween(source, start, end) : codec.view(source, start, end)
  }

  /**
   * Takes up to `max` items of the next record into `into`, and of the runs that follow it if `goesOn`; `ready()` must have said yes.
   *
   * @param maxBytes - of the ring: the item that reaches them is the last one
   */
  takeInto(into: T[], max: number, goesOn = false, maxBytes = Number.POSITIVE_INFINITY): void {
    this.forgetAhead()
    if (!this.isRun()) {
      this.takeSingles(into, into.length + max, goesOn, maxBytes)
      return
    }
    const at = into.length
    const end = at + this.countRun(max, goesOn)
    // Room for all of them at once: an array that grows costs a copy of what is in it, one that grows item by item several.
    into.length = end
    this.readRuns(into, at, end, goesOn)
  }

  /**
   * Takes the next item, or several if they share a bundle, and those that follow it if `goesOn`: up to a run, `maxBytes`, or until a
   * good part of the ring can be given back.
   */
  private takeSingles(into: T[], end: number, goesOn: boolean, maxBytes: number): void {
    const { lane } = this
    const most = Math.min(lane.capacity / 4, lane.unreleased + maxBytes)
    do {
      if (this.takeBundled(into, end) || this.takeCut(into, goesOn ? end : into.length + 1, most - lane.unreleased))
        continue
      const item = this.take()
      // No push(): an array that is of numbers in one call and of objects in the next makes that a call of its own.
      into[into.length] = item
    } while (goesOn && into.length < end && lane.unreleased < most && this.ready() && !this.isRun())
  }

  /** Takes several items that are cut from a copy of their records, if that is what comes next. @returns whether there was any */
  private takeCut(into: T[], end: number, maxBytes: number): boolean {
    const { lane, cutter } = this
    if (lane.kind !== ITEM || this.long.isWhole || !cutter?.accepts(lane.length)) return false
    const had = into.length
    const bytes = cutRecords(lane, cutter, into, Math.min(end - had, MAX_AHEAD), maxBytes)
    lane.takePeeked(into.length - had, bytes)
    return true
  }

  /** Takes what can be decoded at once of a bundle, if that is what comes next. @returns whether there was any */
  private takeBundled(into: T[], end: number): boolean {
    const { lane, codec } = this
    if (lane.kind !== BUNDLE || this.long.isWhole || codec.decodeBundle === undefined) return false
    const { start } = lane
    const count = codec.decodeBundle(lane.bytes, start, start + lane.length, end - into.length, into)
    if (count > 0) this.stepOver(count)
    return count > 0
  }

  /** As `takeInto()`, into an array that is made for them; undefined where that has no advantage. */
  takeRuns(max: number, goesOn: boolean): T[] | undefined {
    const { codec } = this
    if (codec.blankRun === undefined || !this.isRun()) return undefined
    this.forgetAhead()
    const count = this.countRun(max, goesOn)
    const items = codec.blankRun(count)
    this.readRuns(items, 0, count, goesOn)
    return items
  }

  /** Whether what comes next is a run that is decoded as one, or an item that lies there as it would in such a run. */
  private isRun(): boolean {
    const { lane, codec } = this
    if (codec.decodeRun === undefined || this.long.isWhole) return false
    return lane.kind === RUN || (lane.kind === ITEM && lane.length === codec.fixedSize)
  }

  /** Items of the record that `ready()` found, those that are left of a run or bundle; `max` at most. */
  countRecord(max: number): number {
    const { lane } = this
    if (this.long.isWhole) return 1
    if (lane.kind === BUNDLE) return Math.min(max, countBundled(lane.bytes, lane.start, lane.start + lane.length))
    if (lane.kind !== RUN) return 1
    return Math.min(max, lane.length / (this.codec.fixedSize as number))
  }

  /** Items of the next record, and of what follows it if `goesOn`, should all of that be runs: `max` at most. */
  private countRun(max: number, goesOn: boolean): number {
    const { lane, codec } = this
    const size = codec.fixedSize as number
    if (!goesOn) return Math.min(max, lane.length / size)
    return Math.min(max, Math.floor(lane.depth / (lane.kind === RUN ? size : recordBytes(size))))
  }

  /** Decodes runs into `into[from]` to `into[end - 1]`, one at least, and ends the array where they end. */
  private readRuns(into: T[], from: number, end: number, goesOn: boolean): void {
    const { lane, codec } = this
    const size = codec.fixedSize as number
    let at = from
    try {
      do {
        const { start } = lane
        const count = Math.min(end - at, lane.length / size)
        this.stepOver(count)
        codec.decodeRun?.(lane.bytes, start, count, into, at)
        at += count
      } while (goesOn && at < end && lane.next() && this.isRun())
    } finally {
      if (into.length !== at) into.length = at
    }
  }

  /** Steps over everything that is there. @returns how many items that were */
  skipAll(): number {
    let items = 0
    const { lane } = this
    this.forgetAhead()
    while (this.ready()) {
      if (this.long.isWhole) {
        this.long.skip()
        items++
      } else {
        const count = this.countRecord(Number.POSITIVE_INFINITY)
        lane.finish(count)
        items += count
      }
    }
    this.long.forget()
    return items
  }
}

function bytesOf(item: unknown): Uint8Array {
  if (item instanceof ArrayBuffer) return new Uint8Array(item)
  if (ArrayBuffer.isView(item)) return new Uint8Array(item.buffer, item.byteOffset, item.byteLength)
  throw new TypeError('a lease shows bytes, and a transferred item is neither a buffer nor a view: take it with get()')
}
