import { merge, QueueShutDown } from '@millrace/queue'
import { describe, expect, it } from 'vitest'
import { FanInQueue, struct, text, u32 } from '../../src/index.js'
import { stream } from '../../src/piscina/index.js'
import { all, createPool, sharedWords, until } from './pool.js'

const file = 'stream.worker.mjs'
const MADE = 0
const CLEANED = 1

/** What the pool's only thread says of itself after a stream was stopped: it lives and serves the next task. */
const nextTask = (pool: ReturnType<typeof createPool>) => pool.run(null, { name: 'whoAmI' }) as Promise<number>

describe('stream() gives what a worker function', () => {
  it.each(['default', 'sync'])('yields, as a generator (%s)', async (exportName) => {
    const count = 5000
    const items = await all(stream<number>(createPool(file), { count }, { exportName }))
    expect(items).toEqual(Array.from({ length: count }, (_, i) => i))
  })

  it('puts by its producer', async () => {
    const items = await all(stream(createPool(file), { count: 3 }, { exportName: 'producer' }))
    expect(items).toEqual([0, 1, 2].map((i) => ({ i, square: i * i })))
  })

  it('answers as an array', async () => {
    expect(await all(stream(createPool(file), {}, { exportName: 'array' }))).toEqual(['a', 'b'])
  })

  it('has in a codec of one’s choice', async () => {
    const codec = struct({ id: u32, name: text })
    const records = stream(createPool(file), {}, { exportName: 'records', codec })
    expect(await all(records)).toEqual([{ id: 1, name: 'one' }])
  })

  it('transfers rather than copies, both ways, where that is asked for', async () => {
    const bytes = new Uint8Array(1000).fill(7)
    const options = { exportName: 'transferred', transferable: true, transferList: [bytes.buffer] }
    const queue = stream<Uint8Array>(createPool(file), { bytes }, options)
    expect(bytes.length).toBe(0)
    expect(await queue.get()).toEqual(new Uint8Array(1000).fill(7))
    await queue[Symbol.asyncDispose]()
  })

  it('one stream after the other on the same thread', async () => {
    const pool = createPool(file)
    for (let round = 0; round < 20; round++) expect(await all(stream(pool, { count: 3 }))).toEqual([0, 1, 2])
  })

  it('as a FanInQueue with all its ways of getting', async () => {
    const queue = stream<number>(createPool(file), { count: 100 })
    expect(queue).toBeInstanceOf(FanInQueue)
    const items = [await queue.get()]
    for await (const batch of queue.batches()) items.push(...batch)
    expect(items).toEqual(Array.from({ length: 100 }, (_, i) => i))
    await expect(queue.get()).rejects.toBeInstanceOf(QueueShutDown)
  })
})

it('the worker waits while maxItems are in flight', async () => {
  const words = sharedWords()
  const queue = stream<number>(createPool(file), { words }, { exportName: 'endless', maxItems: 5 })
  expect(await queue.get()).toBe(0)
  await until(() => words[MADE] >= 6)
  await new Promise((resolve) => setTimeout(resolve, 50))
  // Five in flight, the one that was taken, and the one that waits to be put.
  expect(words[MADE]).toBeLessThanOrEqual(7)
  await queue[Symbol.asyncDispose]()
})

describe('a stream that is left', () => {
  it.each(['endless', 'endlessAsync'])(
    'stops its task, lets it clean up, and frees its thread (%s)',
    async (exportName) => {
      const pool = createPool(file)
      const before = await nextTask(pool)
      const words = sharedWords()
      for await (const i of stream<number>(pool, { words }, { exportName })) if (i === 3) break
      expect(await nextTask(pool)).toBe(before)
      expect(words[CLEANED]).toBe(1)
    },
  )

  it('by leaving a loop over its batches stops too', async () => {
    const pool = createPool(file)
    const words = sharedWords()
    for await (const _ of stream(pool, { words }, { exportName: 'endless' }).batches()) break
    await nextTask(pool)
    expect(words[CLEANED]).toBe(1)
  })

  it.each(['busy', 'waiting'])('stops a task that puts nothing, by checkpoint() or signal (%s)', async (exportName) => {
    const pool = createPool(file)
    const before = await nextTask(pool)
    for await (const _ of stream(pool, {}, { exportName })) break
    expect(await nextTask(pool)).toBe(before)
  })

  it('by an abort rejects with its reason and drops what was not taken', async () => {
    const pool = createPool(file)
    const before = await nextTask(pool)
    const controller = new AbortController()
    const words = sharedWords()
    const queue = stream(pool, { words }, { exportName: 'endless', signal: controller.signal })
    await queue.get()
    controller.abort(new Error('that is enough'))
    await expect(all(queue)).rejects.toThrow('that is enough')
    await expect(queue.get()).rejects.toThrow('that is enough')
    expect(await nextTask(pool)).toBe(before)
    expect(words[CLEANED]).toBe(1)
  })

  it('by an abort while it is waited for rejects at once', async () => {
    const controller = new AbortController()
    const queue = stream(createPool(file), {}, { exportName: 'waiting', signal: controller.signal })
    await queue.get()
    const pending = queue.get()
    controller.abort('no')
    await expect(pending).rejects.toBe('no')
  })

  it('before it began never begins', async () => {
    const pool = createPool(file)
    const words = sharedWords()
    const queue = stream(pool, { words }, { exportName: 'endless', signal: AbortSignal.abort('no') })
    await expect(queue.get()).rejects.toBe('no')
    await nextTask(pool)
    expect(words[MADE]).toBe(0)
  })

  it('while its task waits for a thread does not run it', async () => {
    const pool = createPool(file)
    const words = sharedWords()
    const first = stream(pool, {}, { exportName: 'waiting' })
    await first.get()
    const second = stream(pool, { words }, { exportName: 'endless' })
    second.shutdown({ immediate: true })
    first.shutdown({ immediate: true })
    await nextTask(pool)
    expect(words[MADE]).toBe(0)
  })

  it('by disposal has freed its thread when that resolves', async () => {
    const pool = createPool(file)
    const words = sharedWords()
    const queue = stream(pool, { words }, { exportName: 'endless' })
    await queue.get()
    await queue[Symbol.asyncDispose]()
    expect(words[CLEANED]).toBe(1)
  })
})

describe('a task that fails', () => {
  it('throws here after its items, with class name, code, cause and own properties', async () => {
    const queue = stream(createPool(file), {}, { exportName: 'failing' })
    expect([await queue.get(), await queue.get()]).toEqual([1, 2])
    const error = await queue.get().catch((e: unknown) => e as Error)
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).constructor.name).toBe('DecodeError')
    expect(error).toMatchObject({ name: 'DecodeError', message: 'no image', code: 'BAD_BYTES', offset: 42 })
    expect((error as Error).cause).toBeInstanceOf(RangeError)
    expect((error as Error).stack).toContain('stream.worker.mjs')
    await expect(all(queue)).rejects.toThrow('no image')
  })

  it('throws whatever it threw', async () => {
    await expect(all(stream(createPool(file), {}, { exportName: 'throwsText' }))).rejects.toBe('just text')
  })

  it('leaves its thread to the next task', async () => {
    const pool = createPool(file)
    const before = await nextTask(pool)
    await expect(all(stream(pool, {}, { exportName: 'failing' }))).rejects.toThrow('no image')
    expect(await nextTask(pool)).toBe(before)
  })

  it('by the death of its thread is RemoteLost after its items', async () => {
    const queue = stream(createPool(file), {}, { exportName: 'dying' })
    expect([await queue.get(), await queue.get()]).toEqual([1, 2])
    await expect(queue.get()).rejects.toMatchObject({ name: 'RemoteLost', code: 'REMOTE_LOST', deliveredItems: 2 })
    expect(await all(queue)).toEqual([])
  })

  it('by an uncaught error in its thread is RemoteLost', async () => {
    const pool = createPool(file)
    pool.on('error', () => {})
    const queue = stream(pool, {}, { exportName: 'crashing' })
    expect(await queue.get()).toBe(1)
    await expect(queue.get()).rejects.toMatchObject({ code: 'REMOTE_LOST' })
  })

  it('by the end of the pool is RemoteLost', async () => {
    const pool = createPool(file)
    const queue = stream(pool, {}, { exportName: 'waiting' })
    expect(await queue.get()).toBe('begun')
    const pending = queue.get()
    void pool.destroy()
    await expect(pending).rejects.toMatchObject({ code: 'REMOTE_LOST' })
  })

  it('because its file is missing says so', async () => {
    const queue = stream(createPool(file), {}, { filename: '/nowhere/at-all.mjs' })
    await expect(queue.get()).rejects.toThrow(/at-all/)
  })

  it('because its function was not made by streaming() says so', async () => {
    await expect(all(stream(createPool(file), {}, { exportName: 'whoAmI' }))).rejects.toThrow(/streaming\(\)/)
    await expect(createPool(file).run({ count: 1 })).rejects.toThrow(/stream\(pool, task\)/)
  })
})

describe('a handle in an ordinary Piscina task', () => {
  it('is opened by the task', async () => {
    const pool = createPool(file, 2)
    const queue = new FanInQueue<number>()
    const tasks = [1, 2].map(() => pool.run({ out: queue.producer(), count: 50 }, { name: 'plain' }))
    queue.closeWhenIdle()
    expect((await all(queue)).length).toBe(100)
    expect(await Promise.all(tasks)).toEqual(['done', 'done'])
  })

  it('of a task that dies is reported lost after its items', async () => {
    const pool = createPool(file)
    const queue = new FanInQueue<string>()
    const task = pool.run({ out: queue.producer() }, { name: 'forgetful' })
    await Promise.allSettled([task])
    expect(await queue.get()).toBe('last word')
    await expect(queue.get()).rejects.toMatchObject({ code: 'REMOTE_LOST' })
    await queue[Symbol.asyncDispose]()
  })
})

it('more streams than threads run one after the other, read together', async () => {
  const pool = createPool(file, 2)
  const streams = Array.from({ length: 5 }, () => stream<number>(pool, { count: 1000 }))
  expect((await all(merge(...streams))).length).toBe(5000)
})

it('what a worker prints leaves its thread although that is parked afterwards', async () => {
  const pool = createPool(file)
  const printed: string[] = []
  const { write } = process.stdout
  process.stdout.write = ((text: string) => printed.push(String(text)) > 0) as typeof write
  try {
    await all(stream(pool, {}, { exportName: 'logging' }))
    await until(() => printed.join('').includes('printed by the worker'))
  } finally {
    process.stdout.write = write
  }
})

it('the characters of a text are items too, and an answer that is no iterable is refused as what it is', async () => {
  const answer = (value: unknown) => all(stream<string>(createPool(file), value, { exportName: 'answering' }))
  expect(await answer('abc')).toEqual(['a', 'b', 'c'])
  await expect(answer(3)).rejects.toThrow('the function answered 3; it puts by its producer or answers an iterable')
})
