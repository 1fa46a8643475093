import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHandle } from '../../src/handle.js'
import { BadHandle, bytes, FanInQueue } from '../../src/index.js'
import {
  LANE_CAPACITY,
  LANE_CONTROL_WORDS,
  LANE_SLOT,
  MAGIC,
  MAX_SLOTS,
  RING_OFFSET,
  VERSION,
} from '../../src/layout.js'
import { openConsumer, openProducer } from '../../src/worker.js'

interface Parts {
  millrace: unknown
  version: unknown
  hub: unknown
  lane: unknown
  codec: unknown
  port?: unknown
}

const queue = () => new FanInQueue<Uint8Array>({ capacityBytes: 256, codec: bytes() })
const genuine = () => ({ ...(queue().producer() as unknown as Parts) })

function refused(handle: unknown): void {
  expect(() => openProducer(handle as never)).toThrow(BadHandle)
}

/** The same memory, cut to so many bytes. */
function cut(memory: unknown, length: number): SharedArrayBuffer {
  const shorter = new SharedArrayBuffer(length)
  new Uint8Array(shorter).set(new Uint8Array(memory as SharedArrayBuffer, 0, length))
  return shorter
}

describe('a handle that is none', () => {
  it('is refused, whatever it is', () => {
    fc.assert(fc.property(fc.anything({ withBigInt: true, withTypedArray: true, withMap: true }), refused))
  })

  it('is refused with any part of it replaced by anything', () => {
    const part = fc.constantFrom('millrace', 'version', 'hub', 'lane', 'codec', 'port')
    fc.assert(
      fc.property(part, fc.anything(), (name, value) => {
        const handle = { ...genuine(), [name]: value }
        // A missing port is what most handles have; a codec by its name is what all have.
        fc.pre(name !== 'port' || value !== undefined)
        fc.pre(name !== 'codec' || typeof (value as { name?: unknown } | null | undefined)?.name !== 'string')
        refused(handle)
      }),
    )
  })

  it('is refused when its memory is cut short at any length', () => {
    const handle = genuine()
    const [hub, lane] = [handle.hub, handle.lane] as SharedArrayBuffer[]
    fc.assert(fc.property(fc.nat(lane.byteLength - 1), (length) => refused({ ...handle, lane: cut(lane, length) })))
    fc.assert(
      fc.property(fc.nat(hub.byteLength - 1), (length) => refused({ ...handle, hub: cut(hub, length) })),
      { numRuns: 20 },
    )
  })

  it('is refused with any other magic or version in its memory', () => {
    const word = fc.constantFrom(MAGIC, VERSION)
    fc.assert(
      fc.property(word, fc.integer(), fc.constantFrom('hub', 'lane'), (index, value, part) => {
        const handle = genuine()
        const words = new Int32Array(handle[part as 'hub'] as SharedArrayBuffer)
        fc.pre(words[index] !== value)
        words[index] = value
        refused(handle)
      }),
      { numRuns: 50 },
    )
  })

  it('is refused with any capacity or slot that its memory does not have', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const handle = genuine()
        const control = new Int32Array(handle.lane as SharedArrayBuffer, 0, LANE_CONTROL_WORDS)
        fc.pre(value !== control[LANE_CAPACITY])
        control[LANE_CAPACITY] = value
        refused(handle)
      }),
    )
    fc.assert(
      fc.property(fc.oneof(fc.integer({ max: -1 }), fc.integer({ min: MAX_SLOTS })), (slot) => {
        const handle = genuine()
        new Int32Array(handle.lane as SharedArrayBuffer, 0, LANE_CONTROL_WORDS)[LANE_SLOT] = slot
        refused(handle)
      }),
    )
  })

  it('is refused when it is of the other direction, or of another version', () => {
    expect(() => openConsumer(genuine() as never)).toThrow(BadHandle)
    refused({ ...genuine(), version: 99 })
    // Found by the property above: a version that cannot be made a string.
    refused({ ...genuine(), version: { toString: '' } })
  })

  it('is taken when nothing of it was touched, memory of any contents behind the control words included', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 256, maxLength: 256 }), (ring) => {
        const handle = genuine()
        new Uint8Array(handle.lane as SharedArrayBuffer, RING_OFFSET).set(ring)
        expect(readHandle(handle, 'producer').lane).toBe(handle.lane)
      }),
      { numRuns: 20 },
    )
  })
})
