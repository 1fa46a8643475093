import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PriorityQueue, Queue } from '../../src/index.js'
import { kinds } from '../contract/kinds.js'
import { flush, type Outcome, outcome } from '../contract/settling.js'

/** As CPython reports: a value, or the name of what was raised. */
type Seen = { readonly value: unknown } | { readonly error: string }

interface Step {
  readonly op: string
  readonly id: number
  readonly item?: number
  readonly target?: number | null
  readonly immediate?: boolean
  readonly result?: Seen
  readonly settled: Readonly<Record<string, Seen>>
  readonly state: {
    readonly size: number
    readonly empty: boolean
    readonly full: boolean
    readonly getting: number
    readonly putting: number
    readonly unfinished: number
  }
}

interface Schedule {
  readonly queue: string
  readonly maxsize: number
  readonly seed: number
  readonly steps: readonly Step[]
}

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`traces/${name}.json`, import.meta.url), 'utf8')) as T
const { python, schedules } = read<{ python: string; schedules: Schedule[] }>('schedules')
const { differences } = read<{ differences: Record<string, unknown> }>('differences')

/** Names of errors, theirs and ours. */
const PYTHON_NAMES: Readonly<Record<string, string>> = { RangeError: 'ValueError', AbortError: 'cancelled' }

function seen(error: unknown): Seen {
  const { name } = error as Error
  return { error: PYTHON_NAMES[name] ?? name }
}

function attempt(call: () => unknown): Seen {
  try {
    return { value: call() ?? null }
  } catch (error) {
    return seen(error)
  }
}

/** Runs a schedule as CPython ran it, and tells of each step what CPython told. */
async function replay({ queue: title, maxsize, steps }: Schedule): Promise<void> {
  const queue = kinds.find((kind) => kind.title === title)?.create<number>(maxsize) as Queue<number>
  const controllers = new Map<number, AbortController>()
  let settled: Record<string, Seen> = {}
  const start = (id: number, call: (signal: AbortSignal) => Promise<unknown>): void => {
    const controller = new AbortController()
    controllers.set(id, controller)
    call(controller.signal).then(
      (value) => {
        settled[id] = { value: value ?? null }
      },
      (error: unknown) => {
        settled[id] = seen(error)
      },
    )
  }
  for (const step of steps) {
    settled = {}
    let result: Seen | undefined
    if (step.op === 'put') start(step.id, (signal) => queue.put(step.item as number, { signal }))
    else if (step.op === 'get') start(step.id, (signal) => queue.get({ signal }))
    else if (step.op === 'join') start(step.id, (signal) => queue.join({ signal }))
    else if (step.op === 'put_nowait') result = attempt(() => queue.putNowait(step.item as number))
    else if (step.op === 'get_nowait') result = attempt(() => queue.getNowait())
    else if (step.op === 'task_done') result = attempt(() => queue.taskDone())
    else if (step.op === 'shutdown') result = attempt(() => queue.shutdown({ immediate: step.immediate }))
    else if (typeof step.target === 'number') controllers.get(step.target)?.abort()
    await flush()
    expect({ id: step.id, op: step.op, result, settled, state: stateOf(queue) }).toEqual({
      id: step.id,
      op: step.op,
      result: step.result,
      settled: step.settled,
      state: step.state,
    })
  }
}

const stateOf = (queue: Queue<number>): Step['state'] => ({
  size: queue.qsize(),
  empty: queue.empty(),
  full: queue.full(),
  getting: queue.getting,
  putting: queue.putting,
  unfinished: queue.unfinishedTasks,
})

describe(`parity with asyncio, recorded from CPython ${python}`, () => {
  it.each(schedules.map((schedule) => [schedule.queue, schedule.maxsize, schedule.seed, schedule] as const))(
    '%s(%i), schedule %i: every step has the outcome that CPython had',
    async (_title, _maxsize, _seed, schedule) => {
      await replay(schedule)
    },
  )
})

const settledAs = <T>(result: Outcome<T>): unknown =>
  result.state === 'fulfilled'
    ? { value: result.value ?? null }
    : result.state === 'rejected'
      ? seen(result.reason)
      : 'pending'

/** What hand-off makes of the same calls within one turn, and what CPython's wake-and-recheck made of them. */
const handOff: Readonly<
  Record<string, { readonly ours: () => Promise<unknown>; readonly handOff: unknown; readonly cpython: unknown }>
> = {
  T023: {
    ours: async () => {
      const queue = new Queue<number>()
      const got = queue.get()
      queue.putNowait(1)
      const size = queue.qsize()
      const getNowait = attempt(() => queue.getNowait())
      return { size, getNowait, get: settledAs(await outcome(got)) }
    },
    handOff: { size: 0, getNowait: { error: 'QueueEmpty' }, get: { value: 1 } },
    cpython: { size: 1, getNowait: { value: 1 }, get: 'pending' },
  },
  T024: {
    ours: async () => {
      const queue = new Queue<number>(1)
      const got = queue.get()
      const puts = [1, 2, 3].map((item) => attempt(() => queue.putNowait(item)))
      return { puts, get: settledAs(await outcome(got)) }
    },
    handOff: { puts: [{ value: null }, { value: null }, { error: 'QueueFull' }], get: { value: 1 } },
    cpython: { puts: [{ value: null }, { error: 'QueueFull' }, { error: 'QueueFull' }], get: { value: 1 } },
  },
  T025: {
    ours: async () => {
      const queue = new PriorityQueue<number>()
      const got = queue.get()
      queue.putNowait(5)
      queue.putNowait(1)
      return { get: settledAs(await outcome(got)), next: attempt(() => queue.getNowait()) }
    },
    handOff: { get: { value: 5 }, next: { value: 1 } },
    cpython: { get: { value: 1 }, next: { value: 5 } },
  },
  T030: {
    ours: async () => {
      const queue = new Queue<number>(1)
      queue.putNowait(1)
      const put = queue.put(2)
      const got = attempt(() => queue.getNowait())
      const { size, unfinished } = queue.stats()
      return { got, size, unfinished, put: settledAs(await outcome(put)) }
    },
    handOff: { got: { value: 1 }, size: 1, unfinished: 2, put: { value: null } },
    cpython: { got: { value: 1 }, size: 0, unfinished: 1, put: { value: null } },
  },
  T032: {
    ours: async () => {
      const queue = new Queue<string>(1)
      queue.putNowait('x')
      const old = queue.put('old')
      queue.getNowait()
      const barging = attempt(() => queue.putNowait('new'))
      await old
      return { barging, first: attempt(() => queue.getNowait()) }
    },
    handOff: { barging: { error: 'QueueFull' }, first: { value: 'old' } },
    cpython: { barging: { value: null }, first: { value: 'new' } },
  },
  T036: {
    ours: async () => {
      const queue = new Queue<number>(1)
      queue.putNowait(1)
      const puts = [queue.put(2), queue.put(3)]
      const taken = [1, 2, 3, 4].map(() => attempt(() => queue.getNowait()))
      await Promise.all(puts)
      return { taken }
    },
    handOff: { taken: [{ value: 1 }, { value: 2 }, { value: 3 }, { error: 'QueueEmpty' }] },
    cpython: { taken: [{ value: 1 }, { error: 'QueueEmpty' }, { error: 'QueueEmpty' }, { error: 'QueueEmpty' }] },
  },
  T042: {
    ours: async () => {
      const queue = new Queue<number>()
      const controller = new AbortController()
      const gets = [queue.get({ signal: controller.signal }), queue.get(), queue.get()]
      queue.putNowait(1)
      queue.putNowait(2)
      controller.abort()
      return { gets: (await Promise.all(gets.map((got) => outcome(got)))).map(settledAs) }
    },
    handOff: { gets: [{ value: 1 }, { value: 2 }, 'pending'] },
    cpython: { gets: [{ error: 'cancelled' }, { value: 1 }, { value: 2 }] },
  },
  T087: {
    ours: async () => {
      const queue = new Queue<number>()
      const got = queue.get()
      queue.putNowait(1)
      queue.shutdown({ immediate: true })
      return { get: settledAs(await outcome(got)), unfinished: queue.unfinishedTasks }
    },
    handOff: { get: { value: 1 }, unfinished: 1 },
    cpython: { get: { error: 'QueueShutDown' }, unfinished: 0 },
  },
  T088: {
    ours: async () => {
      const queue = new Queue<number>(1)
      queue.putNowait(1)
      const put = queue.put(2)
      queue.getNowait()
      queue.shutdown()
      return { put: settledAs(await outcome(put)), next: attempt(() => queue.getNowait()) }
    },
    handOff: { put: { value: null }, next: { value: 2 } },
    cpython: { put: { error: 'QueueShutDown' }, next: { error: 'QueueShutDown' } },
  },
}

describe('where hand-off differs from CPython', () => {
  it.each(Object.keys(handOff))(
    '%s within one turn of the loop: ours as specified, CPython as recorded',
    async (name) => {
      expect(await handOff[name].ours()).toEqual(handOff[name].handOff)
      expect(differences[name]).toEqual(handOff[name].cpython)
    },
  )

  it('these nine are all that was recorded', () => {
    expect(Object.keys(differences)).toEqual(Object.keys(handOff))
  })
})
