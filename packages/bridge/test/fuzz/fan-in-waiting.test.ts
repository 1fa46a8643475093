import { QueueEmpty, QueueFull } from '@millrace/queue'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { STARTS } from '../../src/fan-in/starts.js'
import { auto, type BridgeOptions, bytes, FanInQueue } from '../../src/index.js'
import { openProducer, type Producer } from '../../src/worker.js'
import { turn } from '../fixtures/local.js'
import { settled } from '../fixtures/mortal.js'

// All ends on one loop: what `operations.test.ts` leaves out, namely calls that wait and are given up, several producers, leases that are
// held, long items and transferred ones; against plain lists.

const operation = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('put', 'putNowait', 'put long', 'transfer', 'reserve', 'reserveMany') },
    { weight: 4, arbitrary: fc.constantFrom('get', 'next', 'getNowait', 'drain', 'getMany', 'next batch') },
    { weight: 2, arbitrary: fc.constantFrom('lease', 'lease batch', 'release', 'release') },
    { weight: 2, arbitrary: fc.constantFrom('turn', 'give up a put', 'give up a get') },
    { weight: 1, arbitrary: fc.constantFrom('open', 'close') },
  ),
  /** Which end or call, and how many or how long. */
  which: fc.nat(100),
  size: fc.nat(100),
})

/** What goes into few and into many records, and around what is cut from a copy of several. */
const LENGTHS = [2, 8, 20, 64, 65, 66, 100, 129, 300, 1000, 4096, 4097]

function idOf(item: Uint8Array): number {
  expect(item.every((byte, i) => i < 2 || byte === item[0])).toBe(true)
  return item[0] + 256 * item[1]
}

interface Held {
  readonly ids: () => number[]
  readonly were: number[]
  readonly release: () => void
}

class Fuzzed {
  readonly queue: FanInQueue<Uint8Array>
  readonly producers: Producer<Uint8Array>[] = []
  readonly puts: AbortController[] = []
  readonly gets: AbortController[] = []
  readonly held: Held[] = []
  /** Of each producer, what it has put; and the short ones of all, in the order of their tickets. */
  readonly accepted: number[][] = []
  readonly arrived: number[] = []
  readonly taken: Uint8Array[] = []
  readonly order: number[] = []
  readonly long = new Set<number>()
  waitingPuts = 0
  private readonly items: AsyncIterator<Uint8Array>
  private readonly places = new Map<Producer<Uint8Array>, number>()
  private made = 0

  constructor(readonly options: BridgeOptions<Uint8Array> & { capacityBytes: number }) {
    this.queue = new FanInQueue(options)
    this.items = this.queue[Symbol.asyncIterator]()
    this.open()
  }

  open(): void {
    const producer = openProducer(this.queue.producer({ transferable: true }))
    this.places.set(producer, this.accepted.length)
    this.accepted.push([])
    this.producers.push(producer)
  }

  make(length: number): Uint8Array<ArrayBuffer> {
    const id = ++this.made
    const item = new Uint8Array(Math.max(2, length)).fill(id % 256)
    item[1] = id >> 8
    return item
  }

  private accept(producer: Producer<Uint8Array>, id: number): void {
    this.accepted[this.places.get(producer) ?? -1].push(id)
    if (!this.long.has(id)) this.arrived.push(id)
  }

  private give(items: readonly Uint8Array[]): void {
    this.taken.push(...items)
    this.order.push(...items.map(idOf))
  }

  put(producer: Producer<Uint8Array>, kind: string, size: number): void {
    const { capacityBytes } = this.options
    const longest = capacityBytes / 2 - 24
    const short = Math.min(LENGTHS[size % LENGTHS.length], longest)
    if (kind === 'putNowait') {
      for (let i = 0; i < size % 20; i++) {
        const item = this.make(Math.min(short + (i % 3), longest))
        try {
          producer.putNowait(item)
        } catch (error) {
          if (error instanceof QueueFull) return
          throw error
        }
        this.accept(producer, idOf(item))
      }
    } else if (kind === 'reserve' || kind === 'reserveMany') {
      const reserved = producer.reserveMany(kind === 'reserve' ? 1 : 1 + (size % 6), short)
      if (reserved === null) return
      const ids = Array.from(reserved, (place) => {
        const item = this.make(short)
        place.set(item)
        return idOf(item)
      })
      const commits = size % (ids.length + 1)
      if (commits === 0) reserved.abort()
      else reserved.commit(commits)
      for (const id of ids.slice(0, commits)) this.accept(producer, id)
    } else {
      const item = this.make(kind === 'put long' ? capacityBytes * (1 + (size % 3)) : short)
      const id = idOf(item)
      if (kind === 'put long') this.long.add(id)
      const controller = new AbortController()
      this.puts.push(controller)
      this.waitingPuts++
      const { signal } = controller
      producer
        .put(item, kind === 'transfer' ? { signal, transfer: [item.buffer] } : { signal })
        .then(() => this.accept(producer, id), allowed)
        .finally(() => this.waitingPuts--)
    }
  }

  async take(kind: string, size: number): Promise<void> {
    const { queue } = this
    const controller = new AbortController()
    const { signal } = controller
    this.gets.push(controller)
    const wait = <V>(taking: Promise<V>, itemsOf: (value: V) => readonly Uint8Array[]) =>
      void taking.then((value) => this.give(itemsOf(value)), allowed)
    if (kind === 'get') wait(queue.get({ signal }), (item) => [item])
    else if (kind === 'next') wait(this.items.next(), ({ value, done }) => (done ? [] : [value]))
    else if (kind === 'getMany') wait(queue.getMany({ min: 1 + (size % 7), signal }), (items) => items)
    else if (kind === 'next batch') {
      const batches = queue.batches({ max: 1 + (size % 12), signal })
      wait(batches.next(), ({ value, done }) => (done ? [] : value))
    } else if (kind === 'lease' || kind === 'lease batch') {
      const batches = queue.leaseBatches({ max: kind === 'lease' ? 1 : 1 + (size % 12), signal })
      wait(batches.next(), ({ value, done }) => {
        if (done) return []
        const ids = () => Array.from(value, idOf)
        this.held.push({ ids, were: ids(), release: () => value.release() })
        return Array.from(value, (each) => each.slice())
      })
    } else {
      const items = kind === 'drain' ? queue.drain() : this.now()
      // Those who waited were served before it.
      await settled()
      this.give(items)
    }
  }

  private now(): Uint8Array[] {
    try {
      return [this.queue.getNowait()]
    } catch (error) {
      if (error instanceof QueueEmpty) return []
      throw error
    }
  }

  release(from: number, count: number): void {
    for (const { ids, were, release } of this.held.splice(from, count)) {
      expect(ids()).toEqual(were)
      release()
    }
  }

  async perform({ kind, which, size }: { kind: string; which: number; size: number }): Promise<void> {
    const { producers, puts, gets, held } = this
    const at = which % Math.max(1, producers.length)
    const producer = producers[at]
    if (kind === 'turn') for (let i = 0; i <= size % 3; i++) await turn()
    else if (kind === 'release') this.release(which % (held.length + 1), 1)
    else if (kind === 'give up a put') puts.splice(which % (puts.length + 1), 1)[0]?.abort('enough')
    else if (kind === 'give up a get') gets.splice(which % (gets.length + 1), 1)[0]?.abort('enough')
    else if (kind === 'open') {
      if (producers.length < 3) this.open()
    } else if (kind === 'close') {
      producer?.close()
      producers.splice(at, 1)
    } else if (['put', 'putNowait', 'put long', 'transfer', 'reserve', 'reserveMany'].includes(kind)) {
      if (producer !== undefined) this.put(producer, kind, size)
    } else await this.take(kind, size)
    for (const { ids, were } of held) expect(ids()).toEqual(were)
  }
}

function allowed(error: unknown): void {
  if (error !== 'enough' && (error as { code?: string }).code !== 'HANDLE_CLOSED') throw error
}

it('any sequence of operations on a fan-in, waiting ones among them, gives each item once, in its order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        capacityBytes: fc.constantFrom(64, 256, 1024, 4096, 65_536),
        order: fc.constantFrom('producer' as const, 'arrival' as const),
        maxItems: fc.constantFrom(undefined, 2, 7),
        codec: fc.constantFrom(auto(), bytes(), bytes({ pooled: false })),
        [STARTS]: fc.constantFrom({}, { position: 2 ** 31 - 256, count: 2 ** 31 - 9, ticket: 2 ** 31 - 9 }),
      }),
      fc.array(operation, { minLength: 20, maxLength: 80 }),
      async (options, operations) => {
        const all = new Fuzzed(options as BridgeOptions<Uint8Array> & { capacityBytes: number })
        const { queue, order, long } = all
        for (const each of operations) {
          await all.perform(each)
          await settled()
        }
        for (const controller of all.gets) controller.abort('enough')
        for (let looks = 0; looks < 300 && (all.waitingPuts > 0 || queue.qsize() > 0); looks++) {
          await all.take('drain', 0)
          await turn()
          all.release(0, all.held.length)
        }
        expect({ waitingPuts: all.waitingPuts, size: queue.qsize() }).toEqual({ waitingPuts: 0, size: 0 })
        for (const ids of all.accepted) {
          const own = new Set(ids)
          expect(order.filter((id) => own.has(id))).toEqual(ids)
        }
        if (options.order === 'arrival') expect(order.filter((id) => !long.has(id))).toEqual(all.arrived)
        // Nobody has written to what was taken.
        expect(all.taken.map(idOf)).toEqual(order)
        const given = order.length
        expect(queue.stats()).toMatchObject({ puts: given, gets: given, lost: 0 })
        await queue[Symbol.asyncDispose]()
      },
    ),
    { numRuns: 200 },
  )
})
