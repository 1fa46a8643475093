import { Channel } from 'async-channel'
import { SequenceCheck, SumCheck } from '../../harness/content.js'
import type { Contender } from '../../harness/group.js'
import { inThread } from '../../harness/in-thread.js'
import { CONTENDED_BOUND, PASS, SHIFT_BACKLOG } from '../sizes.js'

const base = { name: 'async-channel', kind: 'peer', package: 'async-channel' } as const

export const pairs = (capacity: number): Contender => ({
  ...base,
  how: `new Channel(${capacity}); await push() and await get(), as its readme's "Waiting for Consumption"`,
  run: (items) =>
    inThread(items, PASS, async (size) => {
      const channel = new Channel<number>(capacity)
      const check = new SequenceCheck()
      const produce = async () => {
        for (let i = 0; i < size; i++) await channel.push(i)
      }
      const consume = async () => {
        for (let i = 0; i < size; i++) check.accept(await channel.get())
      }
      await Promise.all([produce(), consume()])
      return { digest: check.digest }
    }),
})

export const contended = (coroutines: number): Contender => ({
  ...base,
  how: `new Channel(${CONTENDED_BOUND}); ${coroutines} coroutines await push(), ${coroutines} await get()`,
  run: (items) =>
    inThread(items, PASS, async (size) => {
      const channel = new Channel<number>(CONTENDED_BOUND)
      const check = new SumCheck()
      const produce = async (first: number) => {
        for (let i = first; i < size; i += coroutines) await channel.push(i)
      }
      const consume = async (first: number) => {
        for (let i = first; i < size; i += coroutines) check.accept(await channel.get())
      }
      const ends = Array.from({ length: coroutines }, (_, first) => [produce(first), consume(first)])
      await Promise.all(ends.flat())
      return { digest: check.digest }
    }),
})

export const backlog = (): Contender => ({
  ...base,
  how: `new Channel(Infinity); ${SHIFT_BACKLOG.toLocaleString('en')} push() deep, then await get() until it is empty`,
  maxItems: SHIFT_BACKLOG,
  run: (items) =>
    inThread(items, items, async (size) => {
      const channel = new Channel<number>(Number.POSITIVE_INFINITY)
      for (let i = 0; i < size; i++) void channel.push(i)
      const check = new SequenceCheck()
      const startedAt = performance.now()
      for (let i = 0; i < size; i++) check.accept(await channel.get())
      return { digest: check.digest, timedMs: performance.now() - startedAt }
    }),
})
