import { describe, expect, it } from 'vitest'
import { kinds, waiters } from './kinds.js'
import { isPending, outcome } from './settling.js'

describe.each(kinds)('$title: join and taskDone', ({ create }) => {
  it('T070 taskDone on a new queue throws', () => {
    const queue = create<number>()
    expect(() => queue.taskDone()).toThrow(RangeError)
    expect(() => queue.taskDone()).toThrow('taskDone() called too many times')
    expect(queue.unfinishedTasks).toBe(0)
  })

  it('T070 taskDone past zero counts nothing, whatever the count', () => {
    const queue = create<number>()
    queue.putNowait(1)
    expect(() => queue.taskDone(2)).toThrow(RangeError)
    expect(() => queue.taskDone(-1)).toThrow(RangeError)
    expect(() => queue.taskDone(0.5)).toThrow(RangeError)
    expect(queue.unfinishedTasks).toBe(1)
    queue.taskDone(0)
    queue.taskDone(1)
    expect(queue.unfinishedTasks).toBe(0)
  })

  it('T071 two workers share a hundred items, and join waits for both', async () => {
    const queue = create<number>()
    for (let i = 0; i < 100; i++) queue.putNowait(i)
    let sum = 0
    const controller = new AbortController()
    const workers = [0, 1].map(async () => {
      try {
        for (;;) {
          const item = await queue.get({ signal: controller.signal })
          sum += item
          queue.taskDone()
        }
      } catch (error) {
        if (error !== 'joined') throw error
      }
    })
    await queue.join()
    controller.abort('joined')
    await Promise.all(workers)
    expect(sum).toBe(4950)
    expect(waiters(queue)).toBe(0)
  })

  it('T072 joining an empty queue resolves, again and again', async () => {
    const queue = create<number>()
    await queue.join()
    await queue.join()
    expect(queue.joining).toBe(0)
  })

  it('T073 join waits for taskDone, not for the get', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    const joins = [queue.join(), queue.join(), queue.join()]
    await queue.get()
    for (const join of joins) expect(await isPending(join)).toBe(true)
    queue.taskDone()
    await Promise.all(joins)
    expect(queue.joining).toBe(0)
  })

  it('T074 a put right after the last taskDone does not hold a join back', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    const joined = queue.join()
    queue.taskDone()
    queue.putNowait(2)
    expect((await outcome(joined)).state).toBe('fulfilled')
    expect(await isPending(queue.join())).toBe(true)
  })

  it('T075 what is done need not have been taken', async () => {
    const queue = create<number>()
    queue.putNowait(1)
    queue.taskDone()
    await queue.join()
    expect(queue.qsize()).toBe(1)
    expect(() => queue.taskDone()).toThrow(RangeError)
  })

  it('T078 an item handed to a waiting get is unfinished until it is done', async () => {
    const queue = create<number>()
    const got = queue.get()
    queue.putNowait(1)
    expect(queue.unfinishedTasks).toBe(1)
    const joined = queue.join()
    await got
    expect(await isPending(joined)).toBe(true)
    queue.taskDone()
    await joined
  })
})
