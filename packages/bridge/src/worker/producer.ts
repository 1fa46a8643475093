import { QueueError, QueueFull } from '@millrace/queue'
import { readTerms, WaiterList, type WaitOptions } from '@millrace/queue/waiting'
import type { Codec } from '../codec.js'
import { codecFromDescription } from '../codecs/description.js'
import { laysDoubles } from '../codecs/lays-doubles.js'
import { ring } from '../doorbell.js'
import { ItemTooLarge } from '../errors.js'
import { type HandleData, type ProducerHandle, readHandle, type Transferable } from '../handle.js'
import { type Attempt, ItemWriter, NO_ROOM, REFUSED, SENT } from '../item-writer.js'
import { LaneWriter } from '../lane-writer.js'
import {
  HOME_DOORBELL,
  HUB_HOME_THREAD,
  HUB_MAX_ITEMS,
  HUB_ORDER,
  ORDER_ARRIVAL,
  PARKED_FOR_ROOM,
  PARKED_FOR_TICKET,
  STATE,
} from '../layout.js'
import { OPEN, stateOf } from '../lifecycle.js'
import { type PutCount, putsTo } from '../neighbours.js'
import type { Parcel } from '../parcel.js'
import { endOfRun, isList } from '../runs.js'
import { isWorkerThread } from '../runtime.js'
import { TicketBooth } from '../tickets.js'
import { openBatches } from './open-batches.js'
import { RemoteEnd } from './remote-end.js'
import { Reservation } from './reservation.js'
import { ReservationBatch } from './reservation-batch.js'
import { assertSpace, isSpace, type Space } from './space.js'
import { PutWaiter } from './waiters.js'

/** About one wake-up: sleeping for less costs more than it saves. */
const SPIN_MS = 0.03
/** Records that putMany() publishes at once while the consumer is awake. */
const BATCH_RECORDS = 16

const DONE: Promise<void> = Promise.resolve()

export interface TransferOptions {
  /** Parts of the item that change threads instead of being copied, as in postMessage(). Needs a handle made `{ transferable: true }`. */
  readonly transfer?: readonly Transferable[] | undefined
}

/**
 * Opens the producer that `handle` stands for, in the thread that is to put.
 *
 * @param options - codec: a codec of one's own, as the queue has it; a built-in one travels in the handle
 * @throws {BadHandle} code BAD_HANDLE: forged, cut short, or made by another version
 * @throws {QueueError} code HANDLE_OPENED: opened before, here or elsewhere
 * @throws {CodecError} code CODEC_MISMATCH
 */
export function openProducer<T>(
  handle: ProducerHandle<T>,
  options: { codec?: Codec<T> | undefined } = {},
): Producer<T> {
  const data = readHandle(handle, 'producer')
  const codec = codecFromDescription(data.codec, options.codec)
  return new Producer<T>(data, codec)
}

/**
 * The end of a `FanInQueue` that puts, in whatever thread opened it.
 *
 * Ordering:  items of one producer leave the queue in the order in which they were put, however they were put
 * Visible:   when a put returns (or its promise resolves) the item can be got; putMany() publishes in batches as it goes
 * Threads:   only the thread that opened it
 */
export class Producer<T> extends RemoteEnd implements Disposable, AsyncDisposable {
  private readonly lane: LaneWriter
  private readonly writer: ItemWriter<T>
  private readonly puts: WaiterList<PutWaiter>
  private readonly hasPort: boolean
  private readonly told: PutCount
  /** Whether `putBlocking()` writes a number by itself, nothing being asked but what can change: known when the end opens. */
  private readonly isDirect: boolean
  private isReserved = false

  /** Use `openProducer()`. */
  constructor(data: HandleData, codec: Codec<T>) {
    super('Producer', data)
    this.lane = new LaneWriter(this.hub, data.lane)
    const isBounded = this.hub[HUB_MAX_ITEMS] > 0
    const hasTickets = isBounded || this.hub[HUB_ORDER] === ORDER_ARRIVAL
    const booth = hasTickets ? new TicketBooth(this.hub, this.lane.slot, isBounded) : undefined
    this.writer = new ItemWriter(this.lane, codec, booth, { words: this.hub, index: HOME_DOORBELL }, data.port)
    this.isDirect = this.mayBlock && booth === undefined && laysDoubles(codec)
    this.hasPort = data.port !== undefined
    this.told = putsTo(this.hub[HUB_HOME_THREAD])
    this.told.add(this.lane)
    this.puts = new WaiterList(this.room, 'put()')
    // There may be room for those behind it.
    this.puts.onGivenUp = () => this.serve()
  }

  /** Puts an item in; waits, on this thread's loop, while there is no room. */
  put(item: T, options?: WaitOptions & TransferOptions): Promise<void> {
    const terms = readTerms(options)
    if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
    let parcel: Parcel
    try {
      this.assertOpen('put()')
      const moved = this.movedParcel(item, options)
      if (this.puts.size === 0 && this.attempt(item, moved, 'put()') === SENT) return DONE
      if (terms.timeout === 0) return Promise.reject(this.puts.timedOut(0))
      parcel = moved ?? this.writer.pack(item)
    } catch (error) {
      return Promise.reject(error)
    }
    const promise = this.puts.append(new PutWaiter(this, parcel), terms)
    this.beginWait(this.reasonToWait(parcel))
    return promise
  }

  /** Puts an item in; stops this THREAD while there is no room. */
  putBlocking(item: T, options?: { timeout?: number | undefined } & TransferOptions): void {
    // A thread that puts now and then has slept: each function, each object is a visit to memory that has gone cold.
    const isFree = !this.isClosed && !this.isReserved && Atomics.load(this.hub, STATE) === OPEN && this.puts.size === 0
    if (isFree && this.isDirect && options === undefined && typeof item === 'number' && this.lane.appendDouble(item)) {
      ring(this.hub, HOME_DOORBELL)
      return
    }
    if (!isFree) this.assertOpen('putBlocking()')
    if (!this.mayBlock) this.assertMayBlock('putBlocking()')
    const timeout = options === undefined ? Number.POSITIVE_INFINITY : this.timeoutOf(options)
    const moved = options === undefined ? undefined : this.movedParcel(item, options)
    if (this.puts.size === 0 && this.attempt(item, moved, 'putBlocking()') === SENT) return
    if (timeout === 0) throw this.timedOut('putBlocking()', 0)
    const deadline = performance.now() + timeout
    const parcel = moved ?? this.writer.packInPlace(item)
    this.sendEarlierPuts(deadline, 'putBlocking()', timeout)
    this.sendBlocking(parcel, deadline, 'putBlocking()', timeout)
  }

  /** Puts an item in now. @throws {QueueFull} @throws {QueueShutDown} */
  putNowait(item: T, options?: TransferOptions): void {
    this.assertOpen('putNowait()')
    const moved = this.movedParcel(item, options)
    if (this.puts.size === 0 && this.attempt(item, moved, 'putNowait()') === SENT) return
    const parcel = moved ?? this.writer.packInPlace(item)
    if (this.writer.isLong(parcel)) {
      throw new ItemTooLarge(
        `putNowait() on ${this.label()}: the item takes ${parcel.length} bytes, a record at most ${this.lane.longest}; ` +
          'put() and putBlocking() send it in fragments, or give the queue a larger capacityBytes',
        this.name,
      )
    }
    throw new QueueFull(
      `putNowait() on ${this.label()}: no room for ${parcel.length} bytes in a lane of ${this.lane.capacity}`,
      this.name,
    )
  }

  /** Puts all items in, published in batches; stops this THREAD while there is no room. @returns how many there were */
  putMany(items: Iterable<T>): number {
    this.assertOpen('putMany()')
    this.assertMayBlock('putMany()')
    this.sendEarlierPuts(Number.POSITIVE_INFINITY, 'putMany()', Number.POSITIVE_INFINITY)
    let count = 0
    const { codec } = this.writer
    const isNested = openBatches.has(this.writer)
    try {
      openBatches.add(this.writer)
      if ((codec.fixedSize !== undefined || codec.encodeBundle !== undefined) && isList(items)) {
        for (let i = 0; i < items.length; i = count) count = this.putTogether(items, i)
      } else {
        for (const item of items) {
          this.putOneOfMany(item)
          count++
        }
      }
    } finally {
      if (!isNested) openBatches.delete(this.writer)
      this.flushOr('putMany()')
    }
    return count
  }

  /** Puts `items[from]` and those after it that may share its record. @returns the index of the next one. */
  private putTogether(items: ArrayLike<T>, from: number): number {
    this.continueMany()
    const { writer } = this
    const to = endOfRun(writer.codec, items, from)
    const count = to - from < 2 ? writer.commitBundle(items, from, items.length) : writer.commitRun(items, from, to)
    if (count > 0) {
      this.flushOr('putMany()')
      writer.booth?.settle()
      return from + count
    }
    this.putOneOfMany(items[from])
    return from + 1
  }

  /** The iterable may have closed this end, reserved room, or begun a put that waits and comes first. */
  private continueMany(): void {
    if (this.isClosed || this.isReserved) this.assertOpen('putMany()')
    if (this.puts.size > 0) this.sendEarlierPuts(Number.POSITIVE_INFINITY, 'putMany()', Number.POSITIVE_INFINITY)
  }

  private putOneOfMany(item: T): void {
    const { writer } = this
    this.continueMany()
    if (writer.booth === undefined && writer.commit(item)) {
      if (this.lane.openItems >= BATCH_RECORDS || writer.isAwaited()) this.flushOr('putMany()')
      return
    }
    this.flushOr('putMany()')
    if (this.attempt(item, undefined, 'putMany()') === SENT) return
    this.sendBlocking(writer.packInPlace(item), Number.POSITIVE_INFINITY, 'putMany()', Number.POSITIVE_INFINITY)
  }

  /** The item as something to be transferred, if it is to be. @throws {TypeError} when this producer has no port for that */
  private movedParcel(item: T, options: TransferOptions | undefined): Parcel | undefined {
    const transfer = options?.transfer
    if (transfer === undefined || transfer.length === 0) return undefined
    if (!this.hasPort) {
      throw new TypeError(`transfer on ${this.label()}: its handle was not made with producer({ transferable: true })`)
    }
    return this.writer.packMoved(item, transfer)
  }

  /**
   * Reserves space to write an item into without a copy: fill `bytes`, then `commit()`.
   * The consumer gets what the queue's codec makes of the bytes; with `auto()`, the default, a Uint8Array.
   *
   * @returns null while there is no room for it, or puts wait
   * @throws {ItemTooLarge} beyond what a record can be: half a lane
   */
  reserve(byteLength: number): Reservation | null {
    this.assertMayReserve(byteLength, 'reserve()')
    return this.puts.size > 0 || !this.writer.reserve(byteLength) ? null : this.beginReservation(byteLength)
  }

  /**
   * As `reserve()`; stops this THREAD while there is no room, and puts those puts first that wait.
   *
   * @param options - timeout: milliseconds, default none
   * @throws {ItemTooLarge} @throws {QueueTimeout} @throws {QueueShutDown} @throws {WrongThread} on the thread of the queue's home end
   */
  reserveBlocking(byteLength: number, options?: { timeout?: number | undefined }): Reservation {
    this.assertMayBlock('reserveBlocking()')
    const timeout = this.timeoutOf(options)
    this.assertMayReserve(byteLength, 'reserveBlocking()')
    this.awaitRoom(byteLength, 1, timeout, 'reserveBlocking()')
    return this.beginReservation(byteLength)
  }

  /**
   * Reserves space for several items of one length, which `commit()` of the batch publishes together: what a publication and the look
   * at the other thread cost is paid once for all of them. Items as with `reserve()`.
   *
   * @param count - how many at most; where fewer fit side by side, `length` of the batch says how many do
   * @param byteLength - of each item
   * @returns null while there is no room for one, or puts wait
   * @throws {ItemTooLarge} beyond what a record can be: half a lane
   */
  reserveMany(count: number, byteLength: number): ReservationBatch | null {
    this.assertMayReserve(byteLength, 'reserveMany()', count)
    return this.puts.size > 0 || !this.writer.reserve(byteLength, count) ? null : this.beginReservations(byteLength)
  }

  /**
   * As `reserveMany()`; stops this THREAD while there is no room for one, and puts those puts first that wait.
   *
   * @param options - timeout: milliseconds, default none
   * @throws {ItemTooLarge} @throws {QueueTimeout} @throws {QueueShutDown} @throws {WrongThread} on the thread of the queue's home end
   */
  reserveManyBlocking(count: number, byteLength: number, options?: { timeout?: number | undefined }): ReservationBatch {
    this.assertMayBlock('reserveManyBlocking()')
    const timeout = this.timeoutOf(options)
    this.assertMayReserve(byteLength, 'reserveManyBlocking()', count)
    this.awaitRoom(byteLength, count, timeout, 'reserveManyBlocking()')
    return this.beginReservations(byteLength)
  }

  /** Reserves, stopping this thread while it cannot. */
  private awaitRoom(byteLength: number, count: number, timeout: number, operation: string): void {
    if (this.puts.size === 0 && this.writer.reserve(byteLength, count)) return
    const deadline = performance.now() + timeout
    this.sendEarlierPuts(deadline, operation, timeout)
    this.sendBlocking({ byteLength, count }, deadline, operation, timeout)
  }

  /** Publishes what putMany() has put so far: a reservation begins at the head. */
  private assertMayReserve(byteLength: number, operation: string, count = 1): void {
    this.assertOpen(operation)
    assertSpace(byteLength, count, this.lane.longest, operation, this)
    this.flushOr(operation)
  }

  /** The writer has set the room aside. */
  private beginReservation(byteLength: number): Reservation {
    const { lane } = this
    this.isReserved = true
    const head = lane.head()
    return new Reservation(lane.viewBetween(head, head + byteLength), this.endReservation)
  }

  /** As `beginReservation()`, for as many as room was set aside for. */
  private beginReservations(byteLength: number): ReservationBatch {
    const { lane, writer } = this
    this.isReserved = true
    return new ReservationBatch(lane, lane.head(), byteLength, writer.reserved, this.endReservations)
  }

  /** @param length - bytes to publish, or -1 for none */
  private readonly endReservation = (length: number): void => {
    if (length < 0) this.endReservations(0, 0)
    else this.endReservations(1, length)
  }

  /** @param count - items to publish, each of `byteLength` bytes */
  private readonly endReservations = (count: number, byteLength: number): void => {
    this.isReserved = false
    if (this.isClosed) {
      // close() has given it back.
      if (count > 0) throw this.closedError('commit()')
      return
    }
    if (this.writer.endReservation(count, byteLength) === REFUSED && count > 0) throw this.refused('commit()')
    if (this.puts.size > 0) this.serve()
  }

  /** Publishes what putMany() has put so far, from inside the iterable that it reads. All other puts publish at once. */
  flush(): void {
    this.flushOr('flush()')
  }

  private flushOr(operation: string): void {
    if (!this.writer.flush()) throw this.refused(operation)
  }

  /** Puts at once if possible. @throws {QueueShutDown} when nothing can be put any more */
  private attempt(item: T, moved: Parcel | undefined, operation: string): Attempt {
    const attempt = moved === undefined ? this.writer.put(item) : this.writer.push(moved)
    if (attempt === REFUSED) throw this.refused(operation)
    return attempt
  }

  /** The counts were raised for what was then refused, and lowered again: joiners must hear of that. */
  private refused(operation: string): QueueError {
    this.ringHomeAlways()
    return this.isCutOff ? this.closedError(operation) : this.shutDownError(operation)
  }

  /** Puts that wait on the loop come first; they go as far as they can while the thread stops. */
  private sendEarlierPuts(deadline: number, operation: string, timeout: number): void {
    for (let first = this.puts.first; first !== undefined; first = this.puts.first) {
      this.sendBlocking(first.parcel, deadline, operation, timeout, first)
    }
  }

  /** Stops this thread until the item was put, or space is reserved. @param waiter - whose item it is, if not the caller's */
  private sendBlocking(
    parcel: Parcel | Space,
    deadline: number,
    operation: string,
    timeout: number,
    waiter?: PutWaiter,
  ): void {
    const { writer } = this
    const spinUntil = isWorkerThread ? performance.now() + SPIN_MS : 0
    let since = 0
    try {
      for (;;) {
        if (stateOf(this.hub) !== OPEN) throw this.shutDownError(operation)
        const attempt = isSpace(parcel) ? this.tryToReserve(parcel) : this.pushFor(waiter, parcel)
        if (attempt === undefined) return
        if (attempt === SENT) {
          // Before those that wait have their turn again: it is none of them any more.
          waiter?.fulfil()
          return
        }
        if (attempt === REFUSED) throw this.refused(operation)
        const now = performance.now()
        if (this.isCutOff) throw this.refused(operation)
        if (now < spinUntil) continue
        if (now >= deadline) throw this.timedOut(operation, timeout)
        const reason = this.reasonToWait(parcel)
        if (since === 0) since = this.park(reason)
        if (reason === PARKED_FOR_TICKET) writer.booth?.sleepForTicket(this.doorbell, deadline - now)
        else writer.sleepForRoom(isSpace(parcel) ? parcel.byteLength : parcel, this.doorbell, deadline - now)
      }
    } catch (error) {
      if (waiter === undefined && !isSpace(parcel)) this.abandon(parcel)
      throw error
    } finally {
      if (since !== 0) this.unpark(since)
      this.afterBlocking()
    }
  }

  /** Sends of the parcel what fits. @returns undefined when its put has failed, which is not the caller's */
  private pushFor(waiter: PutWaiter | undefined, parcel: Parcel): Attempt | undefined {
    try {
      return this.writer.push(parcel)
    } catch (error) {
      if (waiter === undefined) throw error
      waiter.fail(error)
      return undefined
    }
  }

  private tryToReserve({ byteLength, count }: Space): Attempt {
    return this.writer.reserve(byteLength, count) ? SENT : NO_ROOM
  }

  private reasonToWait(parcel: Parcel | Space): number {
    const { booth } = this.writer
    return (isSpace(parcel) || !parcel.isBegun) && booth !== undefined && booth.available(1) < 1
      ? PARKED_FOR_TICKET
      : PARKED_FOR_ROOM
  }

  protected get waiting(): number {
    return this.puts.size
  }

  protected serve(): void {
    if (this.isReserved || this.writer.isEncoding) return
    for (let first = this.puts.first; first !== undefined; first = this.puts.first) {
      if (stateOf(this.hub) !== OPEN) {
        this.refuseAll((operation) => this.shutDownError(operation))
        return
      }
      let attempt: Attempt
      try {
        attempt = this.writer.push(first.parcel)
      } catch (error) {
        // Only transferring can fail this late.
        first.fail(error)
        continue
      }
      if (attempt === NO_ROOM && !this.isCutOff) return
      if (attempt !== SENT) first.fail(this.refused('put()'))
      else first.fulfil()
    }
  }

  protected refuseAll(reasonFor: (operation: string) => QueueError): void {
    this.puts.failAll(reasonFor)
  }

  /** A long item of which some has left will not be finished. */
  abandon(parcel: Parcel): void {
    if (parcel.isBegun && parcel.sent < parcel.length) this.writer.abandon()
  }

  protected override beforeClose(): void {
    this.writer.assertIdle()
    if (this.isReserved) this.writer.endReservation(0, 0)
    this.writer.flush()
    this.told.delete(this.lane)
  }

  private assertOpen(operation: string): void {
    if (this.isClosed) throw this.closedError(operation)
    if (stateOf(this.hub) !== OPEN) throw this.shutDownError(operation)
    if (this.isReserved) {
      throw new QueueError(
        `${operation} on ${this.label()}: a reservation is open: commit() or abort() it first`,
        'RESERVATION_OPEN',
        this.name,
      )
    }
  }

  /** Waits for the puts that wait, then closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.puts.all()].map((waiter) => waiter.promise))
    this.close()
  }
}
