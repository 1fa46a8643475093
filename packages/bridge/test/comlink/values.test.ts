import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { FanInQueue, FanOutQueue } from '../../src/index.js'
import { connect } from './connection.js'

describe('AbortSignals over Comlink', () => {
  it('an abort here is an abort there, with its reason', async () => {
    const { api } = connect()
    const controller = new AbortController()
    const told = api.untilAborted(controller.signal)
    await api.add(1, 1)
    controller.abort(Object.assign(new TypeError('that is enough'), { code: 'ENOUGH' }))
    expect(await told).toEqual({ name: 'TypeError', message: 'that is enough', code: 'ENOUGH' })
  })

  it('a signal that is aborted right after the call aborts there, for whoever listens from the start', async () => {
    const { api } = connect()
    for (let i = 0; i < 200; i++) {
      const controller = new AbortController()
      const told = api.untilAbortEvent(controller.signal)
      controller.abort(`round ${i}`)
      expect(await told).toBe(`round ${i}`)
    }
  })

  it('a signal that is aborted already arrives aborted', async () => {
    const { api } = connect()
    expect(await api.untilAborted(AbortSignal.abort())).toMatchObject({ name: 'AbortError' })
  })

  it('a signal that comes back aborts here', async () => {
    const { api } = connect()
    const signal = await api.timeoutSignal(20)
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    expect(signal.reason).toBeInstanceOf(DOMException)
    expect(signal.reason.name).toBe('TimeoutError')
  })

  it('one signal is one signal there, however often it is passed', async () => {
    const { api } = connect()
    const { signal } = new AbortController()
    expect(await api.sameSignal(signal, signal)).toBe(true)
    expect(await api.sameSignal(signal, new AbortController().signal)).toBe(false)
  })

  it('a reason too long for its block of memory keeps its name and the beginning of its message', async () => {
    const { api } = connect()
    const told = await api.untilAborted(AbortSignal.abort(new RangeError('x'.repeat(10_000))))
    expect(told.name).toBe('RangeError')
    expect(told.message).toMatch(/^x{200}$/)
  })

  it.each([
    ['a message of a script that takes two bytes a character', '理', 'Error', 250],
    ['a name as long', 'x', 'N'.repeat(3000), 10],
    ['both', '理', '理'.repeat(3000), 3000],
  ])(
    'also one with %s, of a signal that is on its way and of one that is aborted before',
    async (_, character, name, length) => {
      const { api } = connect()
      const reason = Object.assign(new Error(character.repeat(length)), { name })
      reason.stack = 'x'.repeat(3000)
      const controller = new AbortController()
      const told = api.untilAborted(controller.signal)
      await api.add(1, 1)
      controller.abort(reason)
      const expected = { name: name.slice(0, 100), message: character.repeat(Math.min(length, 200)) }
      expect(await told).toMatchObject(expected)
      expect(await api.untilAborted(AbortSignal.abort(reason))).toMatchObject(expected)
    },
  )
})

describe('iterables over Comlink', () => {
  it('an async generator is pulled from the other thread', async () => {
    const { api } = connect()
    const items: number[] = []
    for await (const n of await api.countTo(1000)) items.push(n)
    expect(items).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1))
    expect(await api.state()).toMatchObject({ closed: 1 })
  })

  it('a sync generator is pulled the same way', async () => {
    const { api } = connect()
    const items: number[] = []
    for await (const n of await api.squares(4)) items.push(n)
    expect(items).toEqual([1, 4, 9, 16])
  })

  it('break closes the generator in its thread, which had not run far ahead', async () => {
    const { api } = connect()
    for await (const n of await api.countTo(1_000_000)) if (n === 10) break
    while ((await api.state()).closed === 0);
    expect((await api.state()).pulled).toBeLessThan(100)
  })

  it('an error of the generator comes after its items, with class, code and properties', async () => {
    const { api } = connect()
    const items: number[] = []
    const reading = async () => {
      for await (const n of await api.failing()) items.push(n)
    }
    const error = await reading().catch((e: unknown) => e)
    expect(items).toEqual([1])
    expect(error).toMatchObject({ name: 'DecodeError', message: 'half-way', code: 'BAD_BYTES', offset: 42 })
  })

  it('an item that cannot be cloned is an error, not a silence', async () => {
    const { api } = connect()
    const reading = async () => {
      for await (const _ of await api.uncloneable());
    }
    await expect(reading()).rejects.toMatchObject({ name: 'DataCloneError' })
  })

  it('and comes after those before it, though they leave together', async () => {
    const { api } = connect()
    const items: number[] = []
    const reading = async () => {
      for await (const n of await api.uncloneable()) items.push(n)
    }
    await expect(reading()).rejects.toMatchObject({ name: 'DataCloneError' })
    expect(items).toEqual([1])
  })

  it('a generator whose clean-up throws as it is left throws it to nobody, and keeps no error from its reader', async () => {
    const { api } = connect()
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    onTestFinished(() => void process.off('unhandledRejection', unhandled))
    let closed = 0
    function* failing(last: unknown): Generator<never> {
      try {
        for (;;) yield last as never
      } finally {
        closed++
        // biome-ignore lint/correctness/noUnsafeFinally: that is what this is about.
        throw new Error('the clean-up failed')
      }
    }
    expect(await api.firstOf(failing(1) as unknown as AsyncIterable<number>)).toBe(1)
    await expect(api.sum(failing(() => 1))).rejects.toMatchObject({ name: 'DataCloneError' })
    while (closed < 2) await new Promise((resolve) => setTimeout(resolve, 1))
    await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('iterables and generators of this thread are read by the other', async () => {
    const { api } = connect()
    let closed = false
    async function* numbers() {
      try {
        for (let n = 1; n <= 100; n++) yield n
      } finally {
        closed = true
      }
    }
    expect(await api.sum(numbers())).toBe(5050)
    expect(closed).toBe(true)
    expect(
      await api.sum(
        (function* () {
          yield 20
          yield 22
        })(),
      ),
    ).toBe(42)
  })

  it('an error of an iterable of this thread reaches the loop in the other', async () => {
    const { api } = connect()
    const failing = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(Object.assign(new RangeError('no'), { code: 'NO' })),
      }),
    }
    expect(await api.throwOf(failing)).toEqual({ className: 'RangeError', code: 'NO' })
  })

  it('from a queue nothing is pulled ahead of the reader', async () => {
    const { api } = connect()
    const { Queue } = await import('@millrace/queue')
    const queue = new Queue<number>()
    for (const n of [1, 2, 3]) queue.putNowait(n)
    expect(await api.firstOf(queue)).toBe(1)
    expect(queue.qsize()).toBe(2)
  })

  it('several next() at once are answered in order', async () => {
    const { api } = connect()
    const numbers = await api.countTo(3)
    const results = await Promise.all([numbers.next(), numbers.next(), numbers.next(), numbers.next()])
    expect(results.map(({ value }) => value)).toEqual([1, 2, 3, undefined])
    expect(results[3].done).toBe(true)
  })
})

describe('queue handles over Comlink', () => {
  it('a producer handle is an argument like any other', async () => {
    const { api } = connect()
    const queue = new FanInQueue<string>()
    await api.produce(queue.producer(), ['a', 'b'])
    expect([await queue.get(), await queue.get()]).toEqual(['a', 'b'])
    await queue[Symbol.asyncDispose]()
  })

  it('one with a port brings it along', async () => {
    const { api } = connect()
    const queue = new FanInQueue<Uint8Array>()
    await api.produceTransferred(queue.producer({ transferable: true }), 1000)
    expect((await queue.get()).length).toBe(1000)
    await queue[Symbol.asyncDispose]()
  })

  it('a consumer handle is one too', async () => {
    const { api } = connect()
    const queue = new FanOutQueue<number>()
    const taken = api.consume(queue.consumer())
    for (const n of [1, 2, 3]) await queue.put(n)
    queue.shutdown()
    expect(await taken).toEqual([1, 2, 3])
  })
})

describe('errors over Comlink', () => {
  it('keep class name, code, cause and own properties', async () => {
    const { api } = connect()
    const error = await api.fail().catch((e: unknown) => e as Error)
    expect(error).toBeInstanceOf(TypeError)
    expect(error.constructor.name).toBe('DecodeError')
    expect(error).toMatchObject({ name: 'DecodeError', message: 'no image', code: 'BAD_BYTES', offset: 42 })
    expect(error.cause).toBeInstanceOf(RangeError)
    expect(error.stack).toContain('comlink-api.worker.mjs')
  })

  it.each(['just text', { status: 404 }, undefined])('%o thrown arrives as itself', async (value) => {
    const { api } = connect()
    expect(await api.failWith(value).catch((e: unknown) => e)).toEqual(value)
  })
})
