import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify, types } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { merge, Queue, select } from '../../src/index.js'
import { kinds, waiters } from '../contract/kinds.js'
import { flush, outcome } from '../contract/settling.js'

const built = new URL('../../dist/index.js', import.meta.url)
const run = promisify(execFile)

/** Runs a module in a process of its own, of the same runtime, with the built queue as `millrace`. */
async function inProcess(code: string): Promise<{ stdout: string; exit: number }> {
  const source = `import * as millrace from ${JSON.stringify(built.href)};\n${code}`
  try {
    const isDeno = process.versions.deno !== undefined
    const { stdout } = await run(process.execPath, isDeno ? ['eval', source] : ['--input-type=module', '-e', source])
    return { stdout, exit: 0 }
  } catch (error) {
    const { stdout, code: exit } = error as { stdout: string; code: number }
    return { stdout, exit }
  }
}

/** Collects garbage for real. */
async function collect(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  for (let i = 0; i < 5; i++) {
    await flush()
    gc()
  }
}

describe.each(kinds)('$title: scale', ({ create }) => {
  it('T141 a hundred thousand gets wait, and as many puts serve them', async () => {
    const queue = create<number>()
    const gets = Array.from({ length: 100_000 }, () => queue.get())
    expect(queue.getting).toBe(100_000)
    for (let i = 0; i < 100_000; i++) queue.putNowait(i)
    const items = await Promise.all(gets)
    expect(items.every((item, i) => item === i)).toBe(true)
    expect(queue.getting).toBe(0)
  })

  it('T145 the queue keeps no item that was taken or given up', async () => {
    const queue = create<object>({ maxsize: 1, weigh: () => 1 })
    const signal = new AbortController().signal
    const controller = new AbortController()
    const refs: WeakRef<object>[] = []
    const fresh = (): { id: number } => {
      const item = { id: refs.length }
      refs.push(new WeakRef(item))
      return item
    }
    await (async () => {
      queue.putNowait(fresh())
      queue.getNowait()
      const got = queue.get({ signal })
      queue.putNowait(fresh())
      await got
      queue.putNowait(fresh())
      const put = queue.put(fresh(), { signal: controller.signal })
      controller.abort('no')
      await put.catch(() => {})
      queue.clear()
      queue.putNowait(fresh())
      await queue.put(fresh(), { timeout: 1 }).catch(() => {})
      await queue.getMany()
    })()
    await collect()
    expect(refs.map((ref) => ref.deref())).toEqual(refs.map(() => undefined))
    expect(controller.signal.aborted).toBe(true)
  })
})

it('T141 a backlog of a million items is drained in order', () => {
  const queue = new Queue<number>()
  for (let i = 0; i < 1_000_000; i++) queue.putNowait(i)
  let wrong = 0
  for (let i = 0; i < 1_000_000; i++) if (queue.getNowait() !== i) wrong++
  expect(wrong).toBe(0)
  expect(queue.empty()).toBe(true)
})

it('T145 what a given-up call closes over is not kept by a signal that lives on', async () => {
  const queue = new Queue<number>()
  const controller = new AbortController()
  let ref: WeakRef<object> | undefined
  await (async () => {
    const held = { big: true }
    ref = new WeakRef(held)
    await queue.get({ signal: controller.signal, timeout: 1 }).catch(() => held.big)
  })()
  await collect()
  expect(ref?.deref()).toBeUndefined()
  expect(controller.signal.aborted).toBe(false)
})

describe('T146 an item that is a thenable', () => {
  const thenable = { then: (resolve: (value: string) => void) => resolve('x') }

  it('comes out as it is by getNowait, getMany, drain and iteration', async () => {
    const queue = new Queue<unknown>()
    const put = (): void => queue.putNowait(thenable)
    put()
    expect(queue.getNowait()).toBe(thenable)
    put()
    expect((await queue.getMany())[0]).toBe(thenable)
    put()
    expect(queue.drain()[0]).toBe(thenable)
    put()
    expect((await queue[Symbol.asyncIterator]().next()).value).toBe(thenable)
    const next = queue[Symbol.asyncIterator]().next()
    put()
    expect((await next).value).toBe(thenable)
  })

  it('is adopted by get, as promises do', async () => {
    const queue = new Queue<unknown>()
    queue.putNowait(thenable)
    expect(await queue.get()).toBe('x')
    const got = queue.get()
    queue.putNowait(thenable)
    expect(await got).toBe('x')
  })

  it('that is a rejected promise is the consumer’s affair, not the queue’s', async () => {
    const queue = new Queue<Promise<never>>()
    const item = Promise.reject(new Error('mine'))
    item.catch(() => {})
    queue.putNowait(item)
    await expect(queue.get()).rejects.toThrow('mine')
    expect(queue.stats()).toMatchObject({ size: 0, gets: 1 })
  })
})

describe('T148 fairness', () => {
  it('a consumer with yieldAfter lets timers and I/O have their turn', async () => {
    const queue = new Queue<number>({ yieldAfter: 2 })
    for (let i = 0; i < 300_000; i++) queue.putNowait(i)
    queue.shutdown()
    let taken = 0
    let seenByTimer = 0
    let seenByFile = 0
    setTimeout(() => {
      seenByTimer = taken
    }, 0)
    readFile(fileURLToPath(import.meta.url)).then(() => {
      seenByFile = taken
    })
    for await (const item of queue) if (item === taken) taken++
    expect(taken).toBe(300_000)
    expect(seenByTimer).toBeGreaterThan(0)
    expect(seenByTimer).toBeLessThan(taken)
    expect(seenByFile).toBeGreaterThan(0)
  })

  it('a producer with yieldAfter does too, and results keep their order', async () => {
    const queue = new Queue<number>({ yieldAfter: 1 })
    let turned = false
    setTimeout(() => {
      turned = true
    }, 0)
    let puts = 0
    while (!turned && puts < 1_000_000) await queue.put(puts++)
    expect(turned).toBe(true)
    queue.drain()
    for (let i = 0; i < 100; i++) queue.putNowait(i)
    const order: number[] = []
    await Promise.all(Array.from({ length: 100 }, () => queue.get().then((item) => order.push(item))))
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  const calls: Record<string, (queue: Queue<number>, until: () => boolean) => Promise<unknown>> = {
    async select(queue, until) {
      while (!until()) await select([queue])
    },
    async merge(queue, until) {
      for await (const _ of merge(queue)) if (until()) break
    },
    async peek(queue, until) {
      while (!until()) await queue.peek()
    },
    async reserve(queue, until) {
      while (!until()) (await queue.reserve()).release()
    },
    async putMany(queue, until) {
      while (!until()) await queue.putMany([1])
    },
    async 'putMany of an asynchronous source'(queue, until) {
      async function* source(): AsyncGenerator<number> {
        while (!until()) yield 1
      }
      await queue.putMany(source())
    },
  }

  it.each(Object.keys(calls))('a loop over %s with yieldAfter lets the event loop turn', async (name) => {
    const queue = new Queue<number>({ yieldAfter: 1 })
    for (let i = 0; i < 50_000; i++) queue.putNowait(i)
    let turned = false
    setTimeout(() => {
      turned = true
    }, 0)
    let steps = 0
    await calls[name](queue, () => turned || ++steps === 49_999)
    expect(turned).toBe(true)
  })

  it('without it a consumer that never waits keeps the event loop, as a loop over resolved promises does', async () => {
    const queue = new Queue<number>()
    for (let i = 0; i < 20_000; i++) queue.putNowait(i)
    queue.shutdown()
    let turned = false
    setImmediate(() => {
      turned = true
    })
    for await (const _ of queue);
    expect(turned).toBe(false)
    expect(() => new Queue({ yieldAfter: -1 })).toThrow(RangeError)
  })
})

describe('T149 process lifetime', () => {
  it('a pending get, put or join alone does not keep Node alive', async () => {
    const { stdout, exit } = await inProcess(`
      const queue = new millrace.Queue(1)
      queue.putNowait(1)
      for (const wait of [queue.put(2), queue.join(), new millrace.Queue().get()]) wait.then(() => console.log('settled'))
      console.log('waiting')
    `)
    expect({ stdout, exit }).toEqual({ stdout: 'waiting\n', exit: 0 })
  })

  it('a pending timeout does, so that it is seen', async () => {
    const { stdout, exit } = await inProcess(`
      await new millrace.Queue().get({ timeout: 50 }).catch((error) => console.log(error.name))
    `)
    expect({ stdout, exit }).toEqual({ stdout: 'TimeoutError\n', exit: 0 })
  })

  it('T062 a timeout that was not needed does not keep it alive', async () => {
    const startedAt = performance.now()
    const { stdout } = await inProcess(`
      const queue = new millrace.Queue()
      const got = queue.get({ timeout: 600000 })
      queue.putNowait('in time')
      console.log(await got)
    `)
    expect(stdout).toBe('in time\n')
    expect(performance.now() - startedAt).toBeLessThan(60_000)
  })
})

describe('T150 no globals', () => {
  /** As much of an AbortSignal as the queue may rely on. */
  class PlainSignal {
    aborted = false
    reason: unknown
    readonly listeners = new Set<() => void>()
    addEventListener(_type: string, listener: () => void): void {
      this.listeners.add(listener)
    }
    removeEventListener(_type: string, listener: () => void): void {
      this.listeners.delete(listener)
    }
    abort(reason: unknown): void {
      this.aborted = true
      this.reason = reason
      for (const listener of [...this.listeners]) listener()
    }
  }

  it('a signal that is none of the platform’s works', async () => {
    const queue = new Queue<number>()
    const plain = new PlainSignal()
    const got = queue.get({ signal: plain as unknown as AbortSignal })
    expect(plain.listeners.size).toBe(1)
    plain.abort('plain')
    expect(await outcome(got)).toEqual({ state: 'rejected', reason: 'plain' })
    expect(plain.listeners.size).toBe(0)
    expect(waiters(queue)).toBe(0)
  })

  it('the built file imports nothing', async () => {
    const code = await readFile(fileURLToPath(built), 'utf8')
    expect(code).not.toMatch(/^\s*import\s|require\(|\bprocess\b|\bBuffer\b/m)
  })
})

it('T151 what follows a get runs in the getter’s async context, not in the putter’s', async () => {
  const storage = new AsyncLocalStorage<string>()
  const queue = new Queue<number>()
  const seen = storage.run('getter', async () => {
    await queue.get()
    return storage.getStore()
  })
  storage.run('putter', () => queue.putNowait(1))
  expect(await seen).toBe('getter')
})

it('T154 a method without its queue fails clearly', () => {
  const { get, putNowait } = new Queue<number>()
  expect(() => get()).toThrow(TypeError)
  expect(() => putNowait(1)).toThrow(TypeError)
})

it('T012 promises are the platform’s own', () => {
  const queue = new Queue<number>()
  const got = queue.get()
  expect(types.isPromise(got)).toBe(true)
  queue.putNowait(1)
})

describe('T141 the age of the oldest item', () => {
  it.each(kinds)('is known to $title, to the burst', async ({ create }) => {
    const queue = create<number>()
    expect(queue.stats().oldestAgeMs).toBeNull()
    queue.putNowait(1)
    const startedAt = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 20))
    queue.putNowait(2)
    const passed = performance.now() - startedAt
    expect(queue.stats().oldestAgeMs).toBeGreaterThanOrEqual(passed)
    queue.drain()
    expect(queue.empty()).toBe(true)
    queue.putNowait(3)
    expect(queue.stats().oldestAgeMs).toBeLessThan(passed)
  })
})
