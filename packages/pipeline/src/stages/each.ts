import { Window } from '@millrace/bridge/piscina'
import { Attempts, type Call, GaveUp } from '../attempts.js'
import { Meter } from '../meter.js'
import type { ResolvedStageOptions } from '../options.js'
import type { Outlet } from '../outlet.js'
import type { Receipt } from '../receipt.js'
import type { Scope } from '../scope.js'
import { Sequencer } from '../sequencer.js'
import { type Arrival, Inlet } from './inlet.js'

interface Output<O> {
  readonly value: O
  readonly index: number
  readonly receipt: Receipt | undefined
}

/** Turns what a stage's function answered into results: none, one or many. It may throw, for a generator runs only now. */
export type Deliver<R, I, O> = (answer: R, item: I, emit: (value: O) => Promise<void>) => Promise<void> | typeof nothing

/** The answer of `Deliver` for an item that leaves without a result. */
export const nothing = Symbol('nothing')

/** Results that a task may make ahead of its turn before it has to wait. */
const aheadLimit = 16

/** How many items may be started ahead of the oldest one that is not done, per item at work, where order is kept. */
const windowFactor = 4

export interface EachPlan<I, R, O> {
  readonly name: string
  readonly kind: string
  readonly fn: Call<I, R>
  readonly deliver: Deliver<R, I, O>
  /** Where the work is done, when that is not this thread. */
  readonly elsewhere?: Elsewhere
}

export interface Elsewhere {
  /** How many items can be worked on there at once. */
  readonly slots: number
  /** How many may be on their way there, at work and on their way back while they are quick. */
  readonly mostAtOnce: number
  /** Before the first item: `meter` is told from there how long each took. */
  open(meter: Meter): void
  /** After the last item. */
  close(): Promise<void>
}

/** map, filter, tap and flatMap: a function called for each item, some of them at a time. */
export class EachStage<I, R, O> {
  readonly inlet: Inlet<I>
  readonly #meter: Meter
  readonly #attempts: Attempts<I, R>
  readonly #sequencer: Sequencer<Output<O>> | undefined
  /** How many items may be taken from the inlet and not done. */
  readonly #window: Window
  #workers = 0
  #isFed = false
  #workersGone = () => {}

  constructor(
    private readonly plan: EachPlan<I, R, O>,
    private readonly options: ResolvedStageOptions,
    private readonly scope: Scope,
    private readonly outlet: Outlet<O>,
  ) {
    const { name, kind, fn, elsewhere } = plan
    const { concurrency, ordered, queueSize, rate } = options
    const meter = new Meter(elsewhere?.slots ?? concurrency)
    elsewhere?.open(meter)
    const inlet = new Inlet<I>(name, queueSize, scope, meter)
    this.#meter = meter
    this.inlet = inlet
    this.#attempts = new Attempts(name, fn, options, scope, meter)
    this.#window = new Window(concurrency, elsewhere?.mostAtOnce ?? concurrency)
    if (ordered && concurrency > 1) {
      const window = () => this.#window.size * windowFactor
      // Results of all threads come over one queue: one that waited for its turn would hold up the one that has it.
      const ahead = elsewhere === undefined ? aheadLimit : Number.POSITIVE_INFINITY
      const sequencer = new Sequencer<Output<O>>(window, ahead, (output) => this.#handOn(output))
      scope.onStop(() => {
        for (const { receipt } of sequencer.stop()) receipt?.release()
      })
      this.#sequencer = sequencer
    }
    const limit = rate !== undefined ? 'rate' : elsewhere !== undefined ? 'threads' : 'concurrency'
    scope.gauges.unshift({ name, kind, meter, queueSize, limit, queued: () => inlet.queue.qsize() })
    scope.track(this.#run())
  }

  async #run(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#workersGone = resolve
      this.#work(reject)
    })
    if (!this.scope.stopped) await this.plan.elsewhere?.close()
    this.#meter.end()
    this.outlet.end()
  }

  /** Has as many workers at the inlet as the window holds; too many leave by themselves. */
  #work(onError: (error: unknown) => void): void {
    while (this.#workers < this.#window.size && !this.#isFed) {
      this.#workers++
      this.#worker(onError)
        .catch(onError)
        .finally(() => {
          if (this.#workers === 0) this.#workersGone()
        })
    }
  }

  async #worker(onError: (error: unknown) => void): Promise<void> {
    const arrivals = this.inlet[Symbol.asyncIterator]()
    try {
      for (;;) {
        const { done, value: arrival } = await arrivals.next()
        if (done) break
        const { place, receipt } = arrival
        try {
          await this.#sequencer?.start(place)
          if (this.scope.stopped) return
          await this.#process(arrival)
          await this.#sequencer?.complete(place)
        } catch (error) {
          // After a stop everything rejects that would have waited: why it was stopped is known already.
          if (!this.scope.stopped) throw error
          return
        } finally {
          receipt?.release()
        }
        this.#window.pass()
        if (this.#workers > this.#window.size) return
        this.#work(onError)
      }
      this.#isFed = true
    } finally {
      // In the turn in which it decides to leave, which `for await` would not: of workers that are done in one turn each would still count
      // the others, and all would leave.
      this.#workers--
    }
  }

  async #process({ value: item, index, receipt, place, at }: Arrival<I>): Promise<void> {
    const meter = this.#meter
    const startedAt = performance.now()
    meter.in++
    meter.wait.record(startedAt - at)
    let pausedMs = 0
    const emit = async (value: O) => {
      const from = performance.now()
      meter.leave(from)
      try {
        receipt?.retain()
        const output = { value, index, receipt }
        await (this.#sequencer === undefined ? this.#handOn(output) : this.#sequencer.emit(place, output))
      } finally {
        const now = performance.now()
        meter.enter(now)
        pausedMs += now - from
      }
    }
    meter.enter(startedAt)
    try {
      const delivered = this.plan.deliver(await this.#attempts.run(item, index), item, emit)
      if (delivered === nothing) meter.dropped++
      else await delivered
    } catch (thrown) {
      if (this.scope.stopped) return
      const { error, attempts } = thrown instanceof GaveUp ? thrown : new GaveUp(thrown, 1)
      meter.failed++
      await this.scope.report({ stage: this.plan.name, index, input: item, error, attempts }, this.options.onError)
    } finally {
      const now = performance.now()
      meter.leave(now)
      if (this.plan.elsewhere === undefined) meter.service.record(now - startedAt - pausedMs)
    }
  }

  async #handOn({ value, index, receipt }: Output<O>): Promise<void> {
    await this.outlet.put(value, index, receipt)
    this.#meter.out++
  }
}
