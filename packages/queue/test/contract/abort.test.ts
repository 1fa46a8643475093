import { describe, expect, it } from 'vitest'
import { Queue } from '../../src/index.js'
import { kinds, waiters } from './kinds.js'
import { flush, isPending, outcome } from './settling.js'

/** A signal that counts its listeners. */
function countedSignal(): { controller: AbortController; added: () => number; removed: () => number } {
  const controller = new AbortController()
  let added = 0
  let removed = 0
  const { signal } = controller
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    added++
    addEventListener.apply(signal, args)
  }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    removed++
    removeEventListener.apply(signal, args)
  }
  return { controller, added: () => added, removed: () => removed }
}

describe.each(kinds)('$title: abort', ({ create }) => {
  it('T040 an aborted get rejects with the reason itself, and the next get is served', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const aborted = queue.get({ signal: controller.signal })
    const next = queue.get()
    const reason = { why: 'enough' }
    controller.abort(reason)
    const seen = await outcome(aborted)
    expect(seen.state === 'rejected' && seen.reason).toBe(reason)
    expect(queue.getting).toBe(1)
    queue.putNowait(7)
    expect(await next).toBe(7)
  })

  it('T041 an abort after the hand-off is too late: the item is the aborted call’s', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const got = queue.get({ signal: controller.signal })
    queue.putNowait(1)
    queue.putNowait(2)
    controller.abort()
    expect(await got).toBe(1)
    expect(await queue.get()).toBe(2)
  })

  it('T042 an abort after two hand-offs disturbs neither', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const gets = [queue.get({ signal: controller.signal }), queue.get(), queue.get()]
    queue.putNowait(1)
    queue.putNowait(2)
    controller.abort()
    expect(await gets[0]).toBe(1)
    expect(await gets[1]).toBe(2)
    expect(await isPending(gets[2])).toBe(true)
    expect(queue.qsize()).toBe(0)
  })

  it('T043 an aborted put is never delivered', async () => {
    const queue = create<string>(1)
    const controller = new AbortController()
    queue.putNowait('a')
    const put = queue.put('b')
    const aborted = queue.put('X', { signal: controller.signal })
    controller.abort()
    expect((await outcome(aborted)).state).toBe('rejected')
    expect(queue.putting).toBe(1)
    expect([await queue.get(), await queue.get()]).toEqual(['a', 'b'])
    await put
    expect(queue.empty()).toBe(true)
  })

  it('T044 an abort after the admission is too late: the item is in', async () => {
    const queue = create<number>(1)
    const controller = new AbortController()
    queue.putNowait(1)
    const put = queue.put(2, { signal: controller.signal })
    queue.getNowait()
    controller.abort()
    await put
    expect(await queue.get()).toBe(2)
    expect(queue.qsize()).toBe(0)
  })

  it('T045 an aborted put does not use up the room that comes free', async () => {
    const queue = create<string>(1)
    const controller = new AbortController()
    queue.putNowait('x')
    const aborted = queue.put('a', { signal: controller.signal })
    const put = queue.put('b')
    controller.abort('no')
    expect(queue.getNowait()).toBe('x')
    await put
    expect(queue.unfinishedTasks).toBe(2)
    expect(queue.getNowait()).toBe('b')
    expect(queue.empty()).toBe(true)
    expect(await outcome(aborted)).toEqual({ state: 'rejected', reason: 'no' })
  })

  it('T046 a signal that is aborted already refuses the call, item there or not', async () => {
    const queue = create<number>()
    const signal = AbortSignal.abort('early')
    queue.putNowait(1)
    expect(await outcome(queue.get({ signal }))).toEqual({ state: 'rejected', reason: 'early' })
    expect(await outcome(queue.put(2, { signal }))).toEqual({ state: 'rejected', reason: 'early' })
    expect(await outcome(queue.join({ signal }))).toEqual({ state: 'rejected', reason: 'early' })
    expect(await outcome(queue.peek({ signal }))).toEqual({ state: 'rejected', reason: 'early' })
    expect({ size: queue.qsize(), unfinished: queue.unfinishedTasks }).toEqual({ size: 1, unfinished: 1 })
  })

  it('T047 one abort ends a thousand gets, over one listener and without a warning', async () => {
    const queue = create<number>()
    const { controller, added } = countedSignal()
    const warnings: Error[] = []
    const onWarning = (warning: Error): unknown => warnings.push(warning)
    process.on('warning', onWarning)
    const gets = Array.from({ length: 1000 }, () => queue.get({ signal: controller.signal }))
    expect(added()).toBe(1)
    controller.abort('all')
    const settled = await Promise.allSettled(gets)
    expect(settled.every((each) => each.status === 'rejected' && each.reason === 'all')).toBe(true)
    expect(queue.getting).toBe(0)
    queue.putNowait(1)
    expect(queue.qsize()).toBe(1)
    await flush()
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })

  it('T048 every listener is removed again, and a call that need not wait adds none', async () => {
    const queue = create<number>()
    const { controller, added, removed } = countedSignal()
    const { signal } = controller
    for (let i = 0; i < 10; i++) {
      const got = queue.get({ signal })
      queue.putNowait(i)
      await got
    }
    expect({ added: added(), removed: removed() }).toEqual({ added: 10, removed: 10 })
    for (let i = 0; i < 10; i++) {
      queue.putNowait(i)
      await queue.get({ signal })
    }
    expect(added()).toBe(10)
  })

  it('T049 an item put after the abort stays', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const got = queue.get({ signal: controller.signal })
    controller.abort()
    queue.putNowait(1)
    expect((await outcome(got)).state).toBe('rejected')
    expect(queue.qsize()).toBe(1)
  })

  it('T050 a put from a listener that runs before ours skips the get that is being aborted', async () => {
    const queue = create<string>()
    const controller = new AbortController()
    controller.signal.addEventListener('abort', () => queue.putNowait('item'))
    const aborted = queue.get({ signal: controller.signal })
    const next = queue.get()
    controller.abort('gone')
    expect(await outcome(aborted)).toEqual({ state: 'rejected', reason: 'gone' })
    expect(await next).toBe('item')
  })

  it('T050 room that comes free in such a listener skips the put that is being aborted', async () => {
    const queue = create<number>(1)
    const controller = new AbortController()
    queue.putNowait(0)
    controller.signal.addEventListener('abort', () => queue.getNowait())
    const aborted = queue.put(1, { signal: controller.signal })
    const next = queue.put(2)
    controller.abort('gone')
    expect(await outcome(aborted)).toEqual({ state: 'rejected', reason: 'gone' })
    await next
    expect(queue.getNowait()).toBe(2)
    expect(queue.empty()).toBe(true)
  })

  it.each([[null], ['text'], [0]])('T051 the reason %j comes through as it is', async (reason) => {
    const queue = create<number>()
    const controller = new AbortController()
    const got = queue.get({ signal: controller.signal })
    controller.abort(reason)
    expect(await outcome(got)).toEqual({ state: 'rejected', reason })
  })

  it('T051 an abort without a reason gives the platform’s AbortError', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const got = queue.get({ signal: controller.signal })
    controller.abort(undefined)
    await expect(got).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('T052 an aborted join changes no count', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    queue.putNowait(1)
    const joined = queue.join({ signal: controller.signal })
    expect(queue.joining).toBe(1)
    controller.abort('late')
    expect(await outcome(joined)).toEqual({ state: 'rejected', reason: 'late' })
    expect({ joining: queue.joining, unfinished: queue.unfinishedTasks }).toEqual({ joining: 0, unfinished: 1 })
  })

  it('T053 an abort long after the call has settled does nothing', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const got = queue.get({ signal: controller.signal })
    queue.putNowait(1)
    expect(await got).toBe(1)
    controller.abort()
    await flush()
    expect(waiters(queue)).toBe(0)
  })

  it('T054 a second abort does nothing more', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const got = queue.get({ signal: controller.signal })
    controller.abort('first')
    controller.abort('second')
    expect(await outcome(got)).toEqual({ state: 'rejected', reason: 'first' })
  })

  it('T055 a consumer that aborts its own signal after an item keeps the item', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const { signal } = controller
    const got = queue.get({ signal }).then((item) => {
      controller.abort('done')
      return item
    })
    queue.putNowait(1)
    expect(await got).toBe(1)
    expect(await outcome(queue.get({ signal }))).toEqual({ state: 'rejected', reason: 'done' })
  })

  it('T056 one signal ends a get on one queue and a put on another', async () => {
    const [one, other] = [create<number>(), create<number>(1)]
    const controller = new AbortController()
    const { signal } = controller
    other.putNowait(1)
    const got = one.get({ signal })
    const put = other.put(2, { signal })
    controller.abort('both')
    const rejected = { status: 'rejected', reason: 'both' }
    expect(await Promise.allSettled([got, put])).toEqual([rejected, rejected])
    expect(waiters(one) + waiters(other)).toBe(0)
  })

  it('T057 a put from a listener that runs after ours goes to the next get, or stays', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const aborted = queue.get({ signal: controller.signal })
    controller.signal.addEventListener('abort', () => queue.putNowait(1))
    controller.abort('gone')
    expect(await outcome(aborted)).toEqual({ state: 'rejected', reason: 'gone' })
    expect(queue.getNowait()).toBe(1)
  })

  it('T079 an aborted put is not counted', async () => {
    const queue = create<number>(1)
    const controller = new AbortController()
    queue.putNowait(1)
    const put = queue.put(2, { signal: controller.signal })
    controller.abort()
    expect((await outcome(put)).state).toBe('rejected')
    queue.getNowait()
    queue.taskDone()
    await queue.join()
    expect(queue.unfinishedTasks).toBe(0)
  })

  it('a signal aborted by its own options’ getter is noticed', async () => {
    const queue = create<number>()
    const controller = new AbortController()
    const options = {
      signal: controller.signal,
      get timeout() {
        controller.abort('sly')
        return 1000
      },
    }
    expect(await outcome(queue.get(options))).toEqual({ state: 'rejected', reason: 'sly' })
    expect(waiters(queue)).toBe(0)
  })

  it('a signal that is none is refused', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    const signal = { aborted: false } as AbortSignal
    await expect(queue.get({ signal })).rejects.toBeInstanceOf(TypeError)
    await expect(queue.get(5 as unknown as object)).rejects.toBeInstanceOf(TypeError)
    expect(queue.qsize()).toBe(1)
  })
})

it('T054 a hundred thousand gets with signals of their own, aborted newest first, all leave', async () => {
  const queue = new Queue<number>()
  const controllers = Array.from({ length: 100_000 }, () => new AbortController())
  const gets = controllers.map(({ signal }) => queue.get({ signal }))
  for (const controller of controllers.reverse()) controller.abort('newest first')
  expect(queue.getting).toBe(0)
  const settled = await Promise.allSettled(gets)
  expect(settled.every((each) => each.status === 'rejected' && each.reason === 'newest first')).toBe(true)
})
