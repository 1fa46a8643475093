import { QueueEmpty, QueueFull } from '@millrace/queue'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytes, FanInQueue, ItemTooLarge } from '../../src/index.js'
import { openProducer } from '../../src/worker.js'

// Both ends in one thread: a sequence of operations on a tiny ring against a plain array.

type Operation =
  | { readonly kind: 'put'; readonly length: number }
  | { readonly kind: 'get' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'done' }
  | { readonly kind: 'reserve'; readonly length: number; readonly commits: boolean }
  | { readonly kind: 'reserveMany'; readonly length: number; readonly count: number; readonly commits: number }

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), length: fc.nat(160) }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'get' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'drain' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'done' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reserve' as const), length: fc.nat(80), commits: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('reserveMany' as const),
      length: fc.nat(40),
      count: fc.integer({ min: 1, max: 6 }),
      commits: fc.nat(6),
    }),
  },
)

function filled(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 13 + seed * 7) & 0xff)
}

it('any sequence of operations on a tiny ring does what it does to an array', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(64, 128, 256),
      fc.constantFrom<'producer' | 'arrival'>('producer', 'arrival'),
      fc.array(operation, { maxLength: 200 }),
      (capacityBytes, order, operations) => {
        const queue = new FanInQueue<Uint8Array>({ capacityBytes, order, codec: bytes() })
        const producer = openProducer(queue.producer())
        const model: Uint8Array[] = []
        let unfinished = 0
        let seed = 0
        const accepted = (item: Uint8Array) => {
          model.push(item)
          unfinished++
        }
        for (const step of operations) {
          if (step.kind === 'put') {
            const item = filled(step.length, seed++)
            try {
              producer.putNowait(item)
              accepted(item)
            } catch (error) {
              // A full ring is one thing, an item that could never be one record another.
              if (!(error instanceof QueueFull) && !(error instanceof ItemTooLarge)) throw error
              if (error instanceof QueueFull) expect(model.length).toBeGreaterThan(0)
            }
          } else if (step.kind === 'reserve') {
            if (step.length > capacityBytes / 2 - 8) continue
            const reservation = producer.reserve(step.length)
            if (reservation === null) {
              expect(model.length).toBeGreaterThan(0)
              continue
            }
            const item = filled(step.length, seed++)
            reservation.bytes.set(item)
            if (step.commits) {
              reservation.commit()
              accepted(item)
            } else reservation.abort()
          } else if (step.kind === 'reserveMany') {
            if (step.length > capacityBytes / 2 - 8) continue
            const reservations = producer.reserveMany(step.count, step.length)
            if (reservations === null) {
              expect(model.length).toBeGreaterThan(0)
              continue
            }
            const items = Array.from(reservations, (bytes) => {
              const item = filled(step.length, seed++)
              bytes.set(item)
              return item
            })
            expect(queue.qsize()).toBe(model.length)
            const commits = Math.min(step.commits, items.length)
            if (commits === 0) reservations.abort()
            else reservations.commit(commits)
            for (const item of items.slice(0, commits)) accepted(item)
          } else if (step.kind === 'get') {
            const due = model.shift()
            if (due === undefined) expect(() => queue.getNowait()).toThrow(QueueEmpty)
            else expect(queue.getNowait()).toEqual(due)
          } else if (step.kind === 'drain') expect(queue.drain()).toEqual(model.splice(0))
          else if (unfinished === 0) expect(() => queue.taskDone()).toThrow(RangeError)
          else {
            queue.taskDone()
            unfinished--
          }
          expect(queue.qsize()).toBe(model.length)
          expect(queue.unfinishedTasks).toBe(unfinished)
          expect(producer.unfinishedTasks).toBe(unfinished)
        }
        expect(queue.drain()).toEqual(model)
        producer.close()
        queue.shutdown({ immediate: true })
      },
    ),
    { numRuns: 300 },
  )
})
