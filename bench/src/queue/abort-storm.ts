import type { Contender, Group } from '../harness/group.js'
import type { Subject } from '../harness/subject.js'
import { asyncio } from './peers/asyncio.js'
import * as effect from './peers/effect.js'

const WAITERS = 100_000

/**
 * Each waiter has an AbortSignal of its own; they are aborted newest first, the order that makes a removal by search
 * quadratic. Timed: the aborts and the settling of every promise.
 */
function millrace({ queue: { Queue } }: Subject, waiters: number, name: string): Contender {
  return {
    name,
    kind: 'subject',
    how: 'get({ signal }) each with a signal of its own, aborted newest first, every rejection awaited',
    async run(items) {
      const atATime = Math.min(waiters, items)
      let rejected = 0
      let timedMs = 0
      for (let done = 0; done < items; done += atATime) {
        const queue = new Queue<number>()
        const controllers = Array.from({ length: atATime }, () => new AbortController())
        const settled = controllers.map(({ signal }) =>
          queue.get({ signal }).then(
            () => {},
            () => {
              rejected++
            },
          ),
        )
        const startedAt = performance.now()
        for (let i = atATime - 1; i >= 0; i--) controllers[i]!.abort()
        await Promise.all(settled)
        timedMs += performance.now() - startedAt
        if (queue.getting !== 0) throw new Error(`${queue.getting} waiters are left in the queue`)
      }
      const seconds = timedMs / 1000
      return { value: items / seconds, items, seconds, digest: { count: rejected, sum: 0 } }
    },
  }
}

/** What the platform itself takes for as many AbortControllers with one listener each. */
const platform: Contender = {
  name: 'AbortController alone',
  kind: 'platform',
  how: 'as many controllers, each with one listener that rejects a promise; no queue',
  async run(items) {
    let rejected = 0
    const controllers = Array.from({ length: items }, () => new AbortController())
    const settled = controllers.map(({ signal }) =>
      new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      }).catch(() => {
        rejected++
      }),
    )
    const startedAt = performance.now()
    for (let i = items - 1; i >= 0; i--) controllers[i]!.abort()
    await Promise.all(settled)
    const seconds = (performance.now() - startedAt) / 1000
    return { value: items / seconds, items, seconds, digest: { count: rejected, sum: 0 } }
  },
}

export const abortStorm: Group = {
  name: 'queue/abort-storm',
  title: '100,000 waiting getters aborted newest first',
  unit: 'aborts/s',
  better: 'higher',
  crossesThreads: false,
  smokeItems: 2_000,
  fixedItems: { quick: WAITERS, full: WAITERS },
  expected: (items) => ({ count: items, sum: 0 }),
  goals: [
    {
      of: 'millrace',
      text: 'of the rate with 1,000 waiting: linear time',
      against: ['millrace 1,000 at a time'],
      atLeast: 0.5,
    },
  ],
  contenders: (subject) => [
    millrace(subject, WAITERS, 'millrace'),
    millrace(subject, 1_000, 'millrace 1,000 at a time'),
    platform,
    effect.abortStorm(),
    // Its get() leaves the line by a search: 100,000 take minutes.
    asyncio('abort-storm', { maxItems: 10_000 }),
  ],
}
