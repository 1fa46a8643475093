import type { Worker } from 'node:worker_threads'
import { bytes, FanOutQueue } from '../../dist/index.js'
import { type End, pickEnd, startDoomed, terminateSoon } from './ends.js'
import type { Random } from './random.js'
import { makeRecord, readRecord } from './record.mjs'
import { count, type Tally, WEDGED_MS } from './tally.js'

/** Consumers that a round may start, one after another and up to three at once. */
const MOST_CONSUMERS = 12
const FIRST_RECORD = 2 + MOST_CONSUMERS

/** One fan-out whose consumers end at moments of their own; others take their place until every record has ended. */
export async function killConsumers(random: Random, tally: Tally): Promise<void> {
  const round = new Round(random, tally)
  const wedge = setTimeout(() => round.isWedged(), WEDGED_MS)
  await round.run()
  clearTimeout(wedge)
  await round.queue[Symbol.asyncDispose]()
}

class Round {
  readonly queue: FanOutQueue<Uint8Array>
  private readonly maxDeliveries: number
  private readonly items: number
  private readonly isImmediate: boolean
  private readonly doomed: number
  private readonly progress: SharedArrayBuffer
  /** consumer.worker.mjs: opened, damaged, whether each consumer opened, deliveries of each record, ends of each record. */
  private readonly words: Int32Array
  private readonly poisoned = new Map<number, number>()
  private readonly alive = new Map<Worker, End>()
  private started = 0
  private isOver = false
  private endedAt = 0
  private onExit = () => {}

  constructor(
    private readonly random: Random,
    private readonly tally: Tally,
  ) {
    this.maxDeliveries = random.pick([1, 2, 3, 1000])
    this.items = 20 + random.below(200)
    this.isImmediate = random.below(4) === 0
    this.doomed = 2 + random.below(MOST_CONSUMERS - 4)
    this.progress = new SharedArrayBuffer((FIRST_RECORD + 2 * this.items) * 4)
    this.words = new Int32Array(this.progress)
    this.queue = new FanOutQueue<Uint8Array>({
      capacityBytes: random.pick([256, 1024, 16_384]),
      codec: bytes(),
      prefetch: random.pick([1, 2, 2, 5, 50]),
      maxDeliveries: this.maxDeliveries,
      ...(random.below(3) === 0 ? { maxItems: 1 + random.below(20) } : {}),
      onPoisoned: (item, deliveries) => this.onPoisoned(item, deliveries),
    })
  }

  async run(): Promise<void> {
    const consumers = 1 + this.random.below(3)
    for (let i = 0; i < consumers; i++) this.start()
    const putting = this.put()
    while (this.alive.size > 0) {
      await new Promise<void>((resolve) => {
        this.onExit = resolve
      })
      if (!this.isOver && this.alive.size < consumers && this.hasWork()) this.start()
    }
    await putting
    this.check()
  }

  private hasWork(): boolean {
    return !this.queue.isShutdown || this.queue.stats().ledger.open > 0
  }

  private start(): void {
    const number = this.started++
    // The last ones live, so that every record finds somebody.
    const end = number < this.doomed ? pickEnd(this.random) : 'close'
    const worker = startDoomed('./consumer.worker.mjs', {
      from: this.queue.consumer(),
      progress: this.progress,
      consumer: { number, limit: MOST_CONSUMERS },
      items: this.items,
      last: this.random.below(30),
      end,
      how: this.random.pick(['taskDone', 'taskDone', 'for of', 'for await', 'batches']),
    })
    this.alive.set(worker, end)
    this.tally.threads++
    worker.once('exit', () => {
      this.alive.delete(worker)
      count(this.tally.ends, end)
      this.endedAt = performance.now()
      this.onExit()
    })
    if (end === 'terminate' || end === 'spin') {
      void terminateSoon(worker, () => Atomics.load(this.words, 2 + number) === 1, this.random)
    }
  }

  private async put(): Promise<void> {
    const { queue, random } = this
    const stopAt = this.isImmediate ? random.below(this.items) : this.items
    for (let sequence = 0; sequence < stopAt; sequence++) {
      await queue.put(makeRecord(0, sequence, random.pick([0, 1, 5, 24, 60, 100, 300, 3000])))
      // At times nothing comes, so that consumers are killed while they wait.
      if (random.below(40) === 0) await new Promise((resolve) => setTimeout(resolve, random.below(6)))
    }
    queue.shutdown({ immediate: this.isImmediate })
  }

  private onPoisoned(item: Uint8Array, deliveries: number): void {
    const record = readRecord(item)
    if (record === undefined) this.wrong('corrupt', 'a damaged record was poisoned')
    else if (this.poisoned.has(record.sequence)) this.wrong('corrupt', `record ${record.sequence} was poisoned twice`)
    else this.poisoned.set(record.sequence, deliveries)
  }

  isWedged(): void {
    const { ledger, lanes } = this.queue.stats()
    this.isOver = true
    this.wrong('wedged', `wedged with ${this.alive.size} threads: ${JSON.stringify({ ledger, lanes })}`)
    this.queue.shutdown({ immediate: true })
    for (const worker of this.alive.keys()) void worker.terminate()
  }

  private wrong(kind: 'wedged' | 'corrupt' | 'lost', what: string): void {
    this.tally[kind]++
    this.tally.problems.push(`round ${this.random.seed}: ${what}`)
  }

  /** Each record has ended in exactly one way, and nobody got one more often than that way allows. */
  private check(): void {
    const { tally, words, items } = this
    const { ledger, unfinished } = this.queue.stats()
    tally.slowest = Math.max(tally.slowest, performance.now() - this.endedAt)
    tally.rounds++
    tally.records += ledger.put
    for (const outcome of ['acknowledged', 'dropped', 'poisoned', 'failed', 'redelivered'] as const)
      count(tally.outcomes, outcome, ledger[outcome])
    if (this.isOver) return
    if (ledger.open !== 0 || unfinished !== 0)
      this.wrong(
        'lost',
        `${ledger.open} records have not ended, ${unfinished} are unfinished: ${JSON.stringify(ledger)}`,
      )
    if (words[1] !== 0) this.wrong('corrupt', `${words[1]} damaged records`)
    if (this.poisoned.size !== ledger.poisoned)
      this.wrong('lost', `${ledger.poisoned} poisoned, ${this.poisoned.size} given to onPoisoned`)
    if (!this.isImmediate && ledger.put !== items) this.wrong('lost', `put ${items}, the ledger has ${ledger.put}`)
    if (!this.isImmediate && ledger.dropped + ledger.failed > 0)
      this.wrong('lost', `dropped without an immediate shutdown: ${JSON.stringify(ledger)}`)

    let again = 0
    let done = 0
    for (let sequence = 0; sequence < items; sequence++) {
      const taken = words[FIRST_RECORD + sequence]
      const ended = words[FIRST_RECORD + items + sequence]
      again += Math.max(0, taken - 1)
      done += ended
      if (taken > this.maxDeliveries) this.wrong('corrupt', `record ${sequence} was delivered ${taken} times`)
      if (ended > 1) this.wrong('corrupt', `record ${sequence} was done ${ended} times`)
      if (ended > 0 && this.poisoned.has(sequence)) this.wrong('corrupt', `record ${sequence} was done and poisoned`)
    }
    if (again > ledger.redelivered)
      this.wrong('corrupt', `${again} deliveries beyond the first, the ledger has ${ledger.redelivered}`)
    if (done > ledger.acknowledged)
      this.wrong('lost', `${done} done, the ledger has ${ledger.acknowledged} acknowledged`)
  }
}
