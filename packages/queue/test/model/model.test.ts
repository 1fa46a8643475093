import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { LifoQueue, PriorityQueue, Queue, type QueueError } from '../../src/index.js'
import { flush } from '../contract/settling.js'
import { type Command, SIGNALS, schedule, type Terms } from './commands.js'
import { type Item, NaiveQueue, orders, type Result } from './naive-queue.js'

const seed = Number(process.env.MILLRACE_SEED ?? Date.now() % 2 ** 31)
const RUNS = 500

const creators: Readonly<Record<string, (maxsize: number) => Queue<Item>>> = {
  Queue: (maxsize) => new Queue(maxsize),
  LifoQueue: (maxsize) => new LifoQueue(maxsize),
  PriorityQueue: (maxsize) => new PriorityQueue({ maxsize, compare: (a, b) => a.priority - b.priority }),
}

/** The queue and the model side by side, and what their calls have come to. */
class Trial {
  readonly #queue: Queue<Item>
  readonly #model: NaiveQueue
  readonly #results = new Map<number, Result>()
  readonly #controllers: { id: number; controller: AbortController }[] = []
  /** Above the numbers of the first signals. */
  #nextId = SIGNALS

  constructor(title: string, maxsize: number) {
    this.#queue = creators[title](maxsize)
    this.#model = new NaiveQueue(orders[title], maxsize)
    for (let i = 0; i < SIGNALS; i++) this.#controllers.push({ id: i, controller: new AbortController() })
  }

  async run(command: Command): Promise<void> {
    this.#step(command)
    await flush()
    this.#compare()
  }

  /** Ends everything; nobody may be left waiting. */
  async finish(): Promise<void> {
    await this.run({ op: 'shutdown', immediate: true })
    while (this.#model.unfinished > 0) await this.run({ op: 'taskDone' })
    expect(this.#queue.stats().waiters).toEqual({ get: 0, put: 0, join: 0, peek: 0 })
    expect(vi.getTimerCount()).toBe(0)
  }

  /** What it gives back is of no interest: each step compares by itself. */
  #step(command: Command): unknown {
    const [queue, model] = [this.#queue, this.#model]
    switch (command.op) {
      case 'put': {
        const item = this.#item(command.priority)
        return this.#call('put', command.terms, (options) => queue.put(item, options), [item])
      }
      case 'putMany': {
        const items = command.priorities.map((priority) => this.#item(priority))
        return this.#call('putMany', command.terms, (options) => queue.putMany(items, options), [...items])
      }
      case 'get':
        return this.#call('get', command.terms, (options) => queue.get(options))
      case 'next': {
        const step = (options: object) => queue.iterate(options).next()
        return this.#call('next', command.terms, (o) => step(o).then(({ done, value }) => (done ? 'end' : value)))
      }
      case 'peek':
        return this.#call('peek', command.terms, (options) => queue.peek(options))
      case 'join':
        return this.#call('join', command.terms, (options) => queue.join(options))
      case 'getMany': {
        const { min, extra } = command
        const max = min + extra
        return this.#call('getMany', command.terms, (options) => queue.getMany({ min, max, ...options }), [], min, max)
      }
      case 'putNowait': {
        const item = this.#item(command.priority)
        const refused = model.isShutdown
          ? model.failed
            ? 'failed'
            : 'QueueShutDown'
          : model.hasRoom()
            ? ''
            : 'QueueFull'
        if (refused === '') model.accept(item)
        return this.#same(() => queue.putNowait(item), refused === '' ? { value: undefined } : { error: refused })
      }
      case 'getNowait':
      case 'peekNowait': {
        const left = model.items.length > 0
        const refused = model.isShutdown ? (model.failed ? 'failed' : 'QueueShutDown') : 'QueueEmpty'
        const peeked = (): Item => model.items[0]
        const expected = left ? { value: command.op === 'getNowait' ? model.take() : peeked() } : { error: refused }
        if (command.op === 'getNowait') return this.#same(() => queue.getNowait(), expected)
        if (!left) return this.#same(() => queue.peekNowait(), expected)
        return expect(model.items).toContain(queue.peekNowait())
      }
      case 'taskDone': {
        const done = model.unfinished > 0
        if (done) model.finish(1)
        return this.#same(() => queue.taskDone(), done ? { value: undefined } : { error: 'RangeError' })
      }
      case 'clear':
        return this.#same(() => queue.clear(), { value: model.clear() })
      case 'drain':
        return this.#same(() => queue.drain(), { value: model.drain() })
      case 'abort': {
        const slot = this.#controllers[command.signal]
        this.#controllers[command.signal] = { id: this.#nextId++, controller: new AbortController() }
        model.abort(slot.id)
        return slot.controller.abort('aborted')
      }
      case 'advance':
        model.advance(command.ms)
        return vi.advanceTimersByTime(command.ms)
      case 'resize':
        model.maxsize = command.maxsize
        model.admit()
        queue.maxsize = command.maxsize
        return undefined
      case 'shutdown':
        model.shutdown(command.immediate)
        return queue.shutdown({ immediate: command.immediate })
      case 'fail':
        if (model.isShutdown) return undefined
        model.failed = true
        model.shutdown(false)
        return queue.fail('failed')
    }
  }

  #item(priority: number): Item {
    return { id: this.#nextId++, priority }
  }

  #call(
    kind: Parameters<NaiveQueue['call']>[1],
    { signal, timeout }: Terms,
    invoke: (options: { signal?: AbortSignal; timeout?: number }) => Promise<unknown>,
    items: Item[] = [],
    min = 0,
    max = 0,
  ): void {
    const id = this.#nextId++
    const slot = signal === undefined ? undefined : this.#controllers[signal]
    this.#model.call(id, kind, { signal: slot?.id, timeout }, items, min, max)
    this.#results.set(id, undefined)
    const options = {
      ...(slot === undefined ? {} : { signal: slot.controller.signal }),
      ...(timeout === undefined ? {} : { timeout }),
    }
    invoke(options).then(
      (value) => this.#results.set(id, { value }),
      (error: unknown) => this.#results.set(id, { error: named(error) }),
    )
  }

  #same(invoke: () => unknown, expected: Result): void {
    let seen: Result
    try {
      seen = { value: invoke() }
    } catch (error) {
      seen = { error: named(error) }
    }
    expect(seen).toEqual(expected)
  }

  #compare(): void {
    const [queue, model] = [this.#queue, this.#model]
    expect({
      results: Object.fromEntries(this.#results),
      size: queue.qsize(),
      getting: queue.getting,
      putting: queue.putting,
      joining: queue.joining,
      unfinished: queue.unfinishedTasks,
      full: queue.full(),
    }).toEqual({
      results: Object.fromEntries(model.results),
      size: model.items.length,
      getting: model.getting,
      putting: model.putting,
      joining: model.count('join'),
      unfinished: model.unfinished,
      full: !model.hasRoom(),
    })
    // The invariants of the core, apart from what the model says.
    if (queue.getting > 0) expect(queue.qsize()).toBe(0)
    if (queue.putting > 0) expect(queue.full()).toBe(true)
    expect(queue.unfinishedTasks).toBeGreaterThanOrEqual(0)
  }
}

const named = (error: unknown): string => (error instanceof Error ? (error as QueueError).name : String(error))

beforeAll(() => {
  console.log(`queue model: MILLRACE_SEED=${seed}`)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterAll(() => {
  vi.useRealTimers()
})

describe.each(Object.keys(creators))('%s against the naive model', (title) => {
  it('T039 any schedule of calls, aborts and timeouts has the outcome of the model, step by step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(3), schedule, async (maxsize, commands) => {
        const trial = new Trial(title, maxsize)
        for (const command of commands) await trial.run(command)
        await trial.finish()
      }),
      { seed, numRuns: RUNS },
    )
  })
})
