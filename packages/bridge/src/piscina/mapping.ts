import {
  type Consumer,
  type ConsumerHandle,
  openConsumer,
  openProducer,
  type Producer,
  type ProducerHandle,
} from '../worker.js'
import { Board } from './board.js'
import {
  ANSWER,
  END,
  type Job,
  jobCodec,
  PART,
  READY,
  type Report,
  reportCodec,
  SKIPPED,
  THROWN,
} from './crew-codecs.js'
import { MappingContext } from './mapping-context.js'
import { printed } from './printed.js'

/** What a thread of a crew is given to start with. */
export interface CrewTask {
  readonly millrace: 'mapping'
  readonly thread: number
  readonly items: ConsumerHandle<Job>
  readonly results: ProducerHandle<Report>
  readonly board: SharedArrayBuffer
  readonly isTimed: boolean
}

/**
 * Reports that are sent together at most; and how long, in ms, after the last ones the next leave at once. Each time home may have to be
 * woken, which costs a thread up to 20 µs and home more: so the results of calls as long as this leave one by one, those of quicker ones together.
 */
const batchReports = 64
const batchMs = 2

export type MappingFunction<I, R> = (item: I, context: MappingContext) => R | PromiseLike<R>

/**
 * Makes the function that `mapThreads()` runs in each thread: `export default mapping((item) => result)`.
 *
 * `fn` may be async; one item at a time is worked on in a thread. When it is a generator, sync or async, each item that it yields is a
 * result. What it throws arrives at home with class, code, cause and properties.
 */
export function mapping<I, R>(fn: MappingFunction<I, R>): (task: CrewTask) => Promise<void> {
  return (task) => {
    if (task?.millrace !== 'mapping') {
      throw new TypeError(
        'this worker function was made by mapping(): run it by mapThreads(pool, source), not by pool.run(task)',
      )
    }
    return new Mapper<I, R>(fn, task).run()
  }
}

/** One thread of a crew at work, until home shuts the queue of items down. */
class Mapper<I, R> {
  readonly #items: Consumer<Job>
  readonly #results: Producer<Report>
  readonly #board: Board
  #reports: Report[] = []
  /** Calls in `#reports` that are over. They are acknowledged only when their reports are out: a death in between repeats them. */
  #over = 0
  #sentAt = 0

  constructor(
    private readonly fn: MappingFunction<I, R>,
    private readonly task: CrewTask,
  ) {
    this.#items = openConsumer(task.items, { codec: jobCodec })
    this.#results = openProducer(task.results, { codec: reportCodec })
    this.#board = new Board(task.board)
  }

  async run(): Promise<void> {
    try {
      this.#results.putBlocking({ id: this.task.thread, kind: READY, measure: 0, value: undefined })
      for (;;) {
        const jobs = this.#items.drain()
        if (jobs.length === 0) {
          await printed()
          jobs.push(this.#items.getBlocking())
        }
        for (const job of jobs) {
          const late = this.#work(job)
          if (late !== undefined) await late
        }
        this.#send()
      }
    } catch (error) {
      // The queues are shut down: the end of the work, or told to stop.
      if (!this.#items.isShutdown && !this.#results.isShutdown) throw error
    } finally {
      this.#items.close()
      this.#results.close()
      await printed()
    }
  }

  /** A promise only when there is something to wait for: quick functions go through without. */
  #work({ id, item }: Job): Promise<void> | undefined {
    const { thread, isTimed } = this.task
    if (this.#board.isCancelled(id)) {
      this.#finish(id, SKIPPED, 0, undefined)
      return undefined
    }
    this.#board.begin(thread, id)
    const startedAt = isTimed ? performance.now() : 0
    const context = new MappingContext(id, this.#board, this.#results)
    let isLate = false
    try {
      const answer = this.fn(item as I, context)
      isLate = isWaited(answer)
      if (isLate) return this.#later(id, answer, startedAt, context)
      this.#finish(id, ANSWER, startedAt, answer)
    } catch (error) {
      this.#finish(id, THROWN, startedAt, error)
    } finally {
      if (!isLate) context.leave()
    }
    this.#board.begin(thread, 0)
    return undefined
  }

  async #later(id: number, answer: R | PromiseLike<R>, startedAt: number, context: MappingContext): Promise<void> {
    // What is ready leaves before this thread waits for something else.
    this.#send()
    try {
      const settled = await answer
      if (isAsyncParts(settled) || isParts(settled)) {
        await this.#parts(id, settled)
        this.#finish(id, END, startedAt, undefined)
      } else {
        this.#finish(id, ANSWER, startedAt, settled)
      }
    } catch (error) {
      if (this.#results.isShutdown) throw error
      this.#finish(id, THROWN, startedAt, error)
    } finally {
      context.leave()
      this.#board.begin(this.task.thread, 0)
    }
  }

  async #parts(id: number, parts: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
    let index = 0
    const part = (value: unknown) => {
      if (this.#board.isCancelled(id)) throw new DOMException('this call was given up', 'AbortError')
      this.#report({ id, kind: PART, measure: index++, value })
    }
    if (isAsyncParts(parts)) {
      for await (const value of parts) {
        part(value)
        this.#send()
      }
    } else {
      for (const value of parts) part(value)
    }
  }

  #finish(id: number, kind: number, startedAt: number, value: unknown): void {
    const measure = this.task.isTimed && startedAt > 0 ? performance.now() - startedAt : 0
    this.#over++
    this.#report({ id, kind, measure, value })
  }

  #report(report: Report): void {
    this.#reports.push(report)
    if (this.#reports.length >= batchReports || performance.now() - this.#sentAt >= batchMs) this.#send()
  }

  #send(): void {
    const reports = this.#reports
    if (reports.length === 0) return
    const over = this.#over
    this.#reports = []
    this.#over = 0
    this.#put(reports)
    if (over > 0) this.#items.taskDone(over)
    this.#sentAt = performance.now()
  }

  #put(reports: readonly Report[]): void {
    let sent = 0
    const counted = (function* () {
      for (const report of reports) {
        yield report
        sent++
      }
    })()
    try {
      this.#results.putMany(reports.length === 1 ? reports : counted)
    } catch (error) {
      if (this.#results.isShutdown) throw error
      // A value that cannot be carried: its own call fails, the others are as they were.
      this.#results.putBlocking({ id: reports[sent].id, kind: THROWN, measure: 0, value: error })
      this.#put(reports.slice(sent + 1))
    }
  }
}

function isWaited(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false
  return 'then' in answer || isAsyncParts(answer) || isParts(answer)
}

function isAsyncParts(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer
}

/** Only generators: an array, a map, a string is one result. */
function isParts(answer: unknown): answer is Generator<unknown> {
  return Object.prototype.toString.call(answer) === '[object Generator]'
}
