import { Meter } from '../meter.js'
import type { Outlet } from '../outlet.js'
import { joinReceipts, type Receipt } from '../receipt.js'
import type { Scope } from '../scope.js'
import { Inlet } from './inlet.js'

export interface ResolvedBatchOptions {
  readonly max: number
  readonly linger: number
  readonly queueSize: number
}

/** Gathers items into arrays: one leaves when it is full, when its first item has waited `linger` ms, and at the end. */
export class BatchStage<T> {
  readonly inlet: Inlet<T>
  readonly #meter = new Meter(1)
  #values: T[] = []
  #receipts: Receipt[] = []
  #firstIndex = 0
  #timer: NodeJS.Timeout | undefined
  /** One batch leaves at a time; while it waits for room the next one gathers, beyond its linger if need be. */
  #leaving: Promise<void> | undefined
  #due = false

  constructor(
    name: string,
    private readonly options: ResolvedBatchOptions,
    private readonly scope: Scope,
    private readonly outlet: Outlet<T[]>,
  ) {
    const { queueSize } = options
    const inlet = new Inlet<T>(name, queueSize, scope, this.#meter)
    this.inlet = inlet
    scope.gauges.unshift({
      name,
      kind: 'batch',
      meter: this.#meter,
      queueSize,
      limit: 'concurrency',
      queued: () => inlet.queue.qsize(),
    })
    scope.onStop(() => this.#discard())
    scope.track(this.#run())
  }

  async #run(): Promise<void> {
    const meter = this.#meter
    for await (const { value, index, receipt, at } of this.inlet) {
      // What was on its way here when the run was stopped comes after the discarding.
      if (this.scope.stopped) return receipt?.release()
      if (this.#values.length === 0) this.#begin(index)
      meter.in++
      meter.wait.record(performance.now() - at)
      this.#values.push(value)
      if (receipt !== undefined) this.#receipts.push(receipt)
      if (this.#values.length >= this.options.max) {
        await this.#leaving
        if (this.#values.length > 0) this.#send()
      }
    }
    while (this.#leaving !== undefined) await this.#leaving
    if (this.#values.length > 0) this.#send()
    await this.#leaving
    meter.end()
    this.outlet.end()
  }

  #begin(index: number): void {
    this.#firstIndex = index
    const { linger } = this.options
    if (linger >= 2 ** 31) return
    this.#timer = setTimeout(() => {
      if (this.#leaving === undefined) this.#send()
      else this.#due = true
    }, linger)
  }

  #send(): void {
    const values = this.#values
    const receipt = joinReceipts(this.#receipts)
    this.#empty()
    const left = () => {
      this.#leaving = undefined
      if (this.#due) this.#send()
    }
    this.#leaving = this.outlet.put(values, this.#firstIndex, receipt).then(
      () => {
        this.#meter.out++
        left()
      },
      (error: unknown) => this.scope.fail(error),
    )
  }

  #empty(): void {
    clearTimeout(this.#timer)
    this.#due = false
    this.#values = []
    this.#receipts = []
  }

  #discard(): void {
    this.#meter.dropped += this.#values.length
    for (const receipt of this.#receipts) receipt.release()
    this.#empty()
  }
}
