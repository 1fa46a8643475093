import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { RingBuffer } from 'ringbuf.js'
import type { Contender } from '../../harness/group.js'
import { secondsSince } from '../../harness/measurement.js'
import { payloadOf } from '../payloads.js'
import { startThread } from '../threads.js'
import type { RingBufData } from './ringbuf.worker.js'

const NUMBERS = 64 * 1024
const PUSH = 64

/** ringbuf.js carries elements of one typed array; it has no wake, so a consumer on an event loop polls. */
export function ringBufNumbers(): Contender {
  const storage = RingBuffer.getStorageForCapacity(NUMBERS, Float64Array)
  const ring = new RingBuffer(storage, Float64Array)
  const out = new Float64Array(4096)
  return ringBuf({
    name: 'ringbuf.js',
    how: `Float64Array ring of ${NUMBERS}, push() of ${PUSH} numbers, pop() of up to ${out.length}; polled with setImmediate when empty`,
    data: { storage, elements: 'number', push: PUSH },
    async run(items) {
      const check = payloadOf('number').newCheck()
      for (let left = items; left > 0; ) {
        const count = ring.pop(out, Math.min(out.length, left))
        const { numberOf } = check
        let { next, sum } = check
        for (let i = 0; i < count; i++) {
          const number = numberOf(out[i]!)
          if (number !== next) check.refuse(number, next)
          next++
          sum += number
        }
        check.accepted(next, sum)
        left -= count
        if (count === 0) await nextTurn()
      }
      return check.digest
    },
    weight: 1,
  })
}

/** Frames of one fixed size, whole ones only: the framing is what its user would write. */
export function ringBufBytes(size: number, fresh: boolean): Contender {
  const capacity = Math.max(1 << 20, size * 4)
  const storage = RingBuffer.getStorageForCapacity(capacity, Uint8Array)
  const ring = new RingBuffer(storage, Uint8Array)
  const reused = new Uint8Array(size)
  return ringBuf({
    name: `ringbuf.js ${fresh ? 'fresh' : 'reused'}`,
    how: `Uint8Array ring of ${capacity} bytes, frames of ${size} popped into ${fresh ? 'a new array each' : 'one array that is used again'}; polled with setImmediate when empty`,
    data: { storage, elements: `bytes-${size}`, push: size },
    async run(items) {
      const check = payloadOf(`bytes-${size}`).newCheck()
      for (let left = items; left > 0; ) {
        if (ring.available_read() < size) {
          await nextTurn()
          continue
        }
        const out = fresh ? new Uint8Array(size) : reused
        ring.pop(out, size)
        check.accept(out)
        left--
      }
      return check.digest
    },
    weight: size,
  })
}

interface RingBufWay {
  readonly name: string
  readonly how: string
  readonly data: RingBufData
  readonly run: (items: number) => Promise<{ count: number; sum: number }>
  readonly weight: number
}

function ringBuf({ name, how, data, run, weight }: RingBufWay): Contender {
  let worker: Worker
  return {
    name,
    kind: 'peer',
    package: 'ringbuf.js',
    how,
    async prepare() {
      worker = await startThread('bridge/contenders/ringbuf', data)
    },
    async run(items) {
      const startedAt = process.hrtime.bigint()
      worker.postMessage({ items })
      const digest = await run(items)
      const seconds = secondsSince(startedAt)
      return { value: (items * weight) / seconds, items, seconds, digest }
    },
    dispose: async () => void (await worker.terminate()),
  }
}
