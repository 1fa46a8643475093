import { EventEmitter } from 'node:events'
import type { Parts } from '@millrace/bridge/piscina'
import type { StageContext } from './attempts.js'
import { PipelineStarted, PipelineStopped, StageName } from './errors.js'
import {
  checkFunction,
  checkKeys,
  checkNumber,
  resolveStageOptions,
  resolveThreadOptions,
  type StageOptions,
  type ThreadStageOptions,
} from './options.js'
import type { Outlet } from './outlet.js'
import { Results } from './results.js'
import { checkRunOptions, Run, type RunOptions, type RunReport } from './run.js'
import { type ItemOfSource, isSource, pump, type Source } from './source.js'
import { BatchStage } from './stages/batch.js'
import { type Deliver, EachStage, nothing } from './stages/each.js'
import { gathered, spread } from './stages/flat-map.js'
import { mergeInto } from './stages/merge.js'
import { moduleUrl } from './stages/module-url.js'
import { Threads } from './stages/threads.js'
import type { PipelineStats } from './stats.js'

export type StageFunction<T, R> = (item: T, context: StageContext) => R | PromiseLike<R>
export type Flat<U> = Iterable<U> | AsyncIterable<U>

export interface BatchOptions {
  /** Items in a full batch. */
  readonly max: number
  /** A batch that is not full leaves this long, in ms, after its first item came. @default it waits until it is full */
  readonly linger?: number
  /** @default 2 * max, at least 16 */
  readonly queueSize?: number
  /** @default 'batch' */
  readonly name?: string
}

/** What a pipeline is while it is being built: how to join everything above a point to an outlet. */
interface Plan<T> {
  readonly options: RunOptions
  readonly names: ReadonlySet<string>
  connect<F>(run: Run<F>, outlet: Outlet<T>): void
}

const reservedNames = ['source', 'consumer']

/**
 * Stages joined by bounded queues. Each method that adds a stage gives back a new pipeline and leaves this one as it was; nothing moves
 * before `run()` or a `for await` loop, and each of them starts a pipeline only once.
 */
export class Pipeline<T>
  extends EventEmitter<{ progress: [PipelineStats] }>
  implements AsyncIterable<T>, AsyncDisposable
{
  readonly #plan: Plan<T>
  #run: Run<T> | undefined

  /** @internal Pipelines are made by `pipeline(source)`. */
  constructor(plan: Plan<T>) {
    super()
    this.#plan = plan
  }

  /** Calls `fn` for each item, `concurrency` at a time, and hands on what it answers. */
  map<U>(name: string, fn: StageFunction<T, U>, options?: StageOptions): Pipeline<U>
  map<U>(fn: StageFunction<T, U>, options?: StageOptions): Pipeline<U>
  map<U>(...given: StageArguments<StageFunction<T, U>>): Pipeline<U> {
    const { name, fn, options } = this.#stage('map', given)
    return this.#each<U, U>('map', name, fn, (answer, _item, emit) => emit(answer), options)
  }

  /**
   * Hands on each of the items that `fn` answers: an array, or any iterable or async iterable, pulled as fast as the next stage takes
   * them. With `timeout` or more than one attempt the results of an item wait until all are there, so that no retry repeats one.
   */
  flatMap<U>(name: string, fn: StageFunction<T, Flat<U>>, options?: StageOptions): Pipeline<U>
  flatMap<U>(fn: StageFunction<T, Flat<U>>, options?: StageOptions): Pipeline<U>
  flatMap<U>(...given: StageArguments<StageFunction<T, Flat<U>>>): Pipeline<U> {
    const { name, fn, options } = this.#stage('flatMap', given)
    const whole = options.timeout !== undefined || options.retry !== undefined
    return this.#each<Flat<U>, U>('flatMap', name, whole ? gathered(fn) : fn, spread, options)
  }

  /**
   * As `map`, in worker threads of the stage's own. `module` is a file whose default export is a plain function or a generator
   * `(item, { signal, checkpoint }) => result`; each item that a generator yields is a result. Items and results are cloned.
   *
   * An item whose thread dies is tried again in another one, `maxDeliveries` times, then it fails with RemoteLost. One that goes on for
   * 500 ms after its `timeout` has its thread replaced.
   *
   * @param module - `new URL('./file.js', import.meta.url)`, a URL as a string, or an absolute path
   */
  mapThreads<U = unknown>(name: string, module: URL | string, options: ThreadStageOptions = {}): Pipeline<U> {
    const resolved = resolveThreadOptions(options, name)
    const url = moduleUrl(module, `stage '${name}'`)
    const { connect } = this.#plan
    return this.#add(name, (run, outlet) => {
      const threads = new Threads<T, U>(name, url, resolved, run.scope)
      const plan = { name, kind: 'mapThreads', fn: threads.call, deliver: threads.deliver, elsewhere: threads }
      // The timeout is that of the work in the thread, not of the way there: the threads see to it.
      const stage = { ...resolved.stage, timeout: Number.POSITIVE_INFINITY }
      connect(run, new EachStage<T, U | Parts<U>, U>(plan, stage, run.scope, outlet).inlet)
    })
  }

  /** Hands on the items for which `fn` answers something truthy; the others count as dropped. */
  filter<U extends T>(
    name: string,
    fn: (item: T, context: StageContext) => item is U,
    options?: StageOptions,
  ): Pipeline<U>
  filter<U extends T>(fn: (item: T, context: StageContext) => item is U, options?: StageOptions): Pipeline<U>
  filter(name: string, fn: StageFunction<T, unknown>, options?: StageOptions): Pipeline<T>
  filter(fn: StageFunction<T, unknown>, options?: StageOptions): Pipeline<T>
  filter(...given: StageArguments<StageFunction<T, unknown>>): Pipeline<T> {
    const { name, fn, options } = this.#stage('filter', given)
    return this.#each<unknown, T>('filter', name, fn, (keep, item, emit) => (keep ? emit(item) : nothing), options)
  }

  /** Calls `fn`, waits for it, and hands on the item itself. */
  tap(name: string, fn: StageFunction<T, unknown>, options?: StageOptions): Pipeline<T>
  tap(fn: StageFunction<T, unknown>, options?: StageOptions): Pipeline<T>
  tap(...given: StageArguments<StageFunction<T, unknown>>): Pipeline<T> {
    const { name, fn, options } = this.#stage('tap', given)
    return this.#each<unknown, T>('tap', name, fn, (_answer, item, emit) => emit(item), options)
  }

  /** Gathers items into arrays of `max`; of fewer when the first one has waited `linger` ms, and at the end. */
  batch(options: BatchOptions): Pipeline<T[]> {
    checkKeys(options, ['max', 'linger', 'queueSize', 'name'], 'batch()')
    const {
      max,
      linger = Number.POSITIVE_INFINITY,
      queueSize = Math.max(16, 2 * max),
      name = this.#free('batch'),
    } = options
    const where = `stage '${name}'`
    checkNumber('max', max, where)
    checkNumber('linger', linger, where, { min: 0, max: Number.POSITIVE_INFINITY, fraction: true })
    checkNumber('queueSize', queueSize, where)
    const { connect } = this.#plan
    return this.#add(name, (run, outlet) => {
      connect(run, new BatchStage<T>(name, { max, linger, queueSize }, run.scope, outlet).inlet)
    })
  }

  /** Lets the items of further sources flow in here, as they come. It ends when all have ended. */
  merge<S extends readonly Source<unknown>[]>(...sources: S): Pipeline<T | ItemOfSource<S[number]>> {
    for (const source of sources) checkSource(source, 'merge')
    const { connect, names, options } = this.#plan
    type U = ItemOfSource<S[number]>
    return new Pipeline<T | U>({
      options,
      names,
      connect(run, outlet) {
        run.source.slots += sources.length
        connect(run, mergeInto(outlet, sources as readonly Source<U>[], run.scope, run.source))
      },
    })
  }

  /**
   * Runs the pipeline to its end and resolves with the report; the results of the last stage go nowhere. Rejects with the error of an
   * item whose policy is 'throw' (`failureOf(error)` tells which), or with the reason of an abort, when every stage has stopped.
   */
  async run(options: RunOptions = {}): Promise<RunReport> {
    checkRunOptions(options, 'run()')
    const sink: Outlet<T> = {
      put: async (_value, _index, receipt) => receipt?.release(),
      end: () => {},
    }
    return this.#start(sink, options).finished
  }

  /** Runs the pipeline and resolves with all its results. */
  async toArray(): Promise<T[]> {
    const results: T[] = []
    for await (const result of this) results.push(result)
    return results
  }

  /** Runs the pipeline as it is consumed: a slow loop holds the stages back. Leaving the loop stops them. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new Results<T>((outlet) => this.#start(outlet, {}))
  }

  /** How the run is doing, at any time; plain JSON. */
  stats(): PipelineStats {
    if (this.#run !== undefined) return this.#run.stats()
    const nothingYet = { elapsedMs: 0, in: 0, out: 0, failed: 0, itemsPerSecond: 0, stages: [] }
    return { state: 'ready', ...nothingYet, bottleneck: null, advice: 'nothing has moved yet' }
  }

  /** Stops the run, if there is one, and resolves when nothing of it is left running. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#run?.scope.stop(new PipelineStopped())
    await this.#run?.finished.catch(() => {})
  }

  #start(outlet: Outlet<T>, own: RunOptions): Run<T> {
    if (this.#run !== undefined) throw new PipelineStarted()
    const { connect, options: shared } = this.#plan
    const signals = [shared.signal, own.signal].filter((signal) => signal !== undefined)
    for (const signal of signals) signal.throwIfAborted()
    const options = { ...shared, ...own, ...(signals.length > 1 && { signal: AbortSignal.any(signals) }) }
    const onProgress = (stats: PipelineStats) => {
      options.onProgress?.(stats)
      this.emit('progress', stats)
    }
    this.#run = new Run<T>(options, outlet, connect, onProgress)
    return this.#run
  }

  #stage<F>(kind: string, given: StageArguments<F>): { name: string; fn: F; options: StageOptions } {
    const [name, fn, options = {}] = isNamed(given) ? given : [this.#free(kind), ...given]
    checkFunction(fn, `stage '${name}'`)
    return { name, fn, options }
  }

  #each<R, U>(
    kind: string,
    name: string,
    fn: StageFunction<T, R>,
    deliver: Deliver<R, T, U>,
    options: StageOptions,
  ): Pipeline<U> {
    const resolved = resolveStageOptions(options, name)
    const { connect } = this.#plan
    return this.#add(name, (run, outlet) => {
      connect(run, new EachStage<T, R, U>({ name, kind, fn, deliver }, resolved, run.scope, outlet).inlet)
    })
  }

  #add<U>(name: string, connect: <F>(run: Run<F>, outlet: Outlet<U>) => void): Pipeline<U> {
    const { names, options } = this.#plan
    if (names.has(name)) throw new StageName(name, 'another stage, or a word of the stats, has this name')
    return new Pipeline<U>({ options, names: new Set([...names, name]), connect })
  }

  /** A name for a stage that was given none. */
  #free(kind: string): string {
    const { names } = this.#plan
    let name = kind
    for (let n = 2; names.has(name); n++) name = `${kind} ${n}`
    return name
  }
}

type StageArguments<F> =
  | [name: string, fn: F, options?: StageOptions | undefined]
  | [fn: F, options?: StageOptions | undefined]

function isNamed<F>(given: StageArguments<F>): given is [name: string, fn: F, options?: StageOptions | undefined] {
  return typeof given[0] === 'string'
}

function checkSource(source: unknown, where: string): void {
  if (!isSource(source))
    throw new TypeError(`${where}: expects an iterable, an async iterable or a queue, got ${source}`)
}

/**
 * Starts a pipeline from any iterable, async iterable or consumer end of a queue.
 *
 * @param options - for every way of running it; `run()` may add to them
 */
export function pipeline<T>(source: Source<T>, options: RunOptions = {}): Pipeline<T> {
  checkSource(source, 'pipeline()')
  checkRunOptions(options, 'pipeline()')
  return new Pipeline<T>({
    options,
    names: new Set(reservedNames),
    connect(run, outlet) {
      run.scope.track(pump(source, outlet, run.scope, run.source))
    },
  })
}
