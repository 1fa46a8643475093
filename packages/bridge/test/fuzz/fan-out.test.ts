import { QueueEmpty } from '@millrace/queue'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { acknowledgedItems, takenItems } from '../../src/fan-out/receipts.js'
import { FanOutQueue } from '../../src/index.js'
import { type Consumer, openConsumer } from '../../src/worker.js'
import { turn } from '../fixtures/local.js'
import { mortal, settled } from '../fixtures/mortal.js'

// All ends on one loop: a sequence of operations on small rings, the deaths of consumers among them, against plain lists.

type Item = number | Uint8Array

const WAYS = ['get', 'getNowait', 'drain', 'getMany', 'getMany at once', 'next', 'next batch'] as const
const operation = fc.record({
  kind: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('put', 'putMany', 'putMany', 'turn') },
    { weight: 5, arbitrary: fc.constantFrom(...WAYS) },
    { weight: 3, arbitrary: fc.constantFrom('done', 'done', 'all done', 'all done', 'give up a put', 'give up a get') },
    { weight: 1, arbitrary: fc.constantFrom('open', 'close', 'die') },
  ),
  /** Which end or call, and how many or how long. */
  which: fc.nat(100),
  size: fc.nat(100),
})

function idOf(item: Item): number {
  if (typeof item === 'number') return item
  expect(item.every((byte, i) => i < 2 || byte === item[0])).toBe(true)
  return item[0] + 256 * item[1]
}

class Fuzzed {
  readonly queue: FanOutQueue<Item>
  ends: End[] = []
  readonly puts: AbortController[] = []
  waitingPuts = 0
  /** Items put, and of each how often it was given; and how often it was in the hands of a consumer that died. */
  readonly accepted: number[] = []
  readonly given = new Map<number, number>()
  readonly lost = new Map<number, number>()
  redelivered = 0
  private made = 0

  constructor(
    readonly capacityBytes: number,
    readonly prefetch: number,
    maxItems: number,
  ) {
    this.queue = new FanOutQueue<Item>({
      capacityBytes,
      prefetch,
      maxDeliveries: 2 ** 20,
      ...(maxItems > 0 ? { maxItems } : {}),
    })
  }

  /** A number; or bytes, as many as go into few or no more records, or into none. */
  make(size: number): Item {
    const id = ++this.made
    const { capacityBytes } = this
    const length = [0, 0, 0, 2, 9, 17, capacityBytes / 2 - 24, capacityBytes / 2 + 3, capacityBytes * 2][size % 9]
    if (length === 0) return id
    const item = new Uint8Array(length).fill(id % 256)
    item[1] = id >> 8
    return item
  }

  put(ids: number[], putting: Promise<number | undefined>, controller: AbortController): void {
    this.puts.push(controller)
    this.waitingPuts++
    const accept = (count = ids.length) => void this.accepted.push(...ids.slice(0, count))
    putting.then(accept, allowed).finally(() => this.waitingPuts--)
  }

  /** Items that were put, or lost with a consumer, and have come to nobody yet. */
  get due(): number {
    let due = 0
    for (const id of this.accepted) due += 1 + (this.lost.get(id) ?? 0) - (this.given.get(id) ?? 0)
    return due
  }
}

class End {
  readonly consumer: Consumer<Item>
  readonly gets: AbortController[] = []
  private readonly thread: ReturnType<typeof mortal>
  private readonly items: AsyncIterator<Item>
  private readonly given: number[] = []
  private done = 0
  private isOver = false

  constructor(private readonly all: Fuzzed) {
    const handle = all.queue.consumer()
    this.consumer = openConsumer(handle)
    this.thread = mortal(all.queue, handle)
    this.items = this.consumer[Symbol.asyncIterator]()
    all.ends.push(this)
  }

  async take(way: (typeof WAYS)[number], size: number): Promise<void> {
    const { consumer } = this
    const controller = new AbortController()
    const { signal } = controller
    if (way === 'get') this.wait(controller, consumer.get({ signal }), (item) => [item])
    else if (way === 'getMany') {
      const min = 1 + (size % this.all.prefetch)
      this.wait(controller, consumer.getMany({ min, max: min + (size % 3), signal }), (items) => items)
    } else if (way === 'getMany at once') {
      this.wait(controller, consumer.getMany({ min: 0, max: 1 + (size % 5) }), (items) => items)
    } else if (way === 'next') this.wait(controller, this.items.next(), ({ value, done }) => (done ? [] : [value]))
    else if (way === 'next batch') {
      const batches = consumer.batches({ max: 1 + (size % 6), signal })
      this.wait(controller, batches.next(), ({ value, done }) => (done ? [] : value))
    } else {
      const items = way === 'drain' ? consumer.drain() : this.now()
      // Those who waited were served before it.
      await settled()
      this.give(items)
    }
  }

  private now(): Item[] {
    try {
      return [this.consumer.getNowait()]
    } catch (error) {
      if (error instanceof QueueEmpty) return []
      throw error
    }
  }

  private wait<V>(controller: AbortController, taking: Promise<V>, itemsOf: (value: V) => readonly Item[]): void {
    this.gets.push(controller)
    taking.then((value) => this.give(itemsOf(value)), allowed)
  }

  private give(items: readonly Item[]): void {
    if (this.isOver) return
    for (const item of items) {
      const id = idOf(item)
      this.given.push(id)
      this.all.given.set(id, (this.all.given.get(id) ?? 0) + 1)
    }
  }

  countOff(count: number): void {
    const some = Math.min(count, this.given.length - this.done)
    this.consumer.taskDone(some)
    this.done += some
  }

  end(how: 'close' | 'die'): void {
    const { all, thread, given } = this
    this.isOver = true
    all.ends = all.ends.filter((each) => each !== this)
    if (how === 'close') {
      this.consumer.close()
      return
    }
    const acknowledged = acknowledgedItems(thread.control)
    all.redelivered += takenItems(thread.control) - acknowledged
    for (const id of given.slice(acknowledged)) all.lost.set(id, (all.lost.get(id) ?? 0) + 1)
    thread.die()
  }
}

function allowed(error: unknown): void {
  const { code } = error as { code?: string }
  if (error !== 'enough' && code !== 'HANDLE_CLOSED') throw error
}

async function perform(all: Fuzzed, { kind, which, size }: { kind: string; which: number; size: number }) {
  const { queue, puts, ends } = all
  const end = ends[which % Math.max(1, ends.length)]
  if (kind === 'put') {
    const controller = new AbortController()
    const item = all.make(size)
    const putting = queue.put(item, controller).then(() => 1)
    all.put([idOf(item)], putting, controller)
  } else if (kind === 'putMany') {
    const controller = new AbortController()
    const items = Array.from({ length: 1 + (which % 9) }, () => all.make(size % 8 === 0 ? size : 0))
    all.put(items.map(idOf), queue.putMany(items, controller), controller)
  } else if (kind === 'give up a put') puts.splice(which % (puts.length + 1), 1)[0]?.abort('enough')
  else if (kind === 'turn') for (let i = 0; i <= size % 3; i++) await turn()
  else if (kind === 'open' || end === undefined) {
    if (ends.length < 3) new End(all)
  } else if (kind === 'give up a get') end.gets.splice(size % (end.gets.length + 1), 1)[0]?.abort('enough')
  else if (kind === 'done') end.countOff(1)
  else if (kind === 'all done') end.countOff(Number.POSITIVE_INFINITY)
  else if (kind === 'close' || kind === 'die') end.end(kind)
  else await end.take(kind as (typeof WAYS)[number], size)
}

it('any sequence of operations on a fan-out gives each item once, and once more for each consumer that died with it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(64, 64, 128, 1024),
      fc.constantFrom(1, 2, 3, 8, 20),
      fc.constantFrom(0, 0, 3, 10),
      fc.array(operation, { minLength: 30, maxLength: 60 }),
      async (capacityBytes, prefetch, maxItems, operations) => {
        const all = new Fuzzed(capacityBytes, prefetch, maxItems)
        const { queue } = all
        for (const each of operations) {
          await perform(all, each)
          await settled()
        }
        for (const { gets } of all.ends) for (const controller of gets) controller.abort('enough')
        if (all.ends.length === 0) new End(all)
        for (let looks = 0; looks < 300 && (all.due > 0 || all.waitingPuts > 0); looks++) {
          for (const end of all.ends) await end.take('drain', 0)
          await turn()
        }
        expect({ due: all.due, waitingPuts: all.waitingPuts, size: queue.qsize() }).toEqual({
          due: 0,
          waitingPuts: 0,
          size: 0,
        })
        for (const id of all.accepted) expect(all.given.get(id)).toBe(1 + (all.lost.get(id) ?? 0))
        expect(all.given.size).toBe(all.accepted.length)
        const joined = queue.join()
        for (const end of all.ends) end.end('close')
        await joined
        const { accepted, redelivered } = all
        expect(queue.stats().ledger).toMatchObject({ put: accepted.length, open: 0, redelivered })
        await queue[Symbol.asyncDispose]()
      },
    ),
    { numRuns: 300 },
  )
})
