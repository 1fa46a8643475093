import { pushable } from 'it-pushable'
import { SequenceCheck } from '../../harness/content.js'
import type { Contender } from '../../harness/group.js'
import { inThread } from '../../harness/in-thread.js'
import { PASS } from '../sizes.js'

const base = { name: 'it-pushable', kind: 'peer', package: 'it-pushable' } as const

export const pairs = (): Contender => ({
  ...base,
  how: 'pushable({ objectMode: true }); push() from one coroutine, for await in another (it has no bound)',
  run: (items) =>
    inThread(items, PASS, async (size) => {
      const source = pushable<number>({ objectMode: true })
      const check = new SequenceCheck()
      const produce = async () => {
        for (let i = 0; i < size; i++) source.push(i)
        source.end()
      }
      const consume = async () => {
        for await (const item of source) check.accept(item)
      }
      await Promise.all([consume(), produce()])
      return { digest: check.digest }
    }),
})

export const filled = (depth?: number): Contender => ({
  ...base,
  how: 'pushable({ objectMode: true }) filled and ended, then read by for await; only the reading is timed',
  run: (items) =>
    inThread(items, Math.min(depth ?? items, items), async (size) => {
      const source = pushable<number>({ objectMode: true })
      for (let i = 0; i < size; i++) source.push(i)
      source.end()
      const check = new SequenceCheck()
      const startedAt = performance.now()
      for await (const item of source) check.accept(item)
      return { digest: check.digest, timedMs: performance.now() - startedAt }
    }),
})
