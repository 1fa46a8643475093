import { serialize } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { copiedBytes } from '../../src/copied-bytes.js'

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withUnicodeString: true,
} as object)

describe('what a clone carries is counted', () => {
  test('as no less than V8 writes, whatever the item', () => {
    fc.assert(
      fc.property(anything, (item) => {
        expect(copiedBytes(item, [])).toBeGreaterThanOrEqual(serialize(item).length - 4)
      }),
      { numRuns: 500 },
    )
  })

  test('with texts, buffers and errors at their size', () => {
    const sizes: [unknown, number][] = [
      ['x'.repeat(1000), 1000],
      ['ä𝄞'.repeat(1000), 6000],
      [new Uint8Array(5000), 5000],
      [new Uint8Array(5000).subarray(0, 1), 5000],
      [[1, [2, { three: new ArrayBuffer(300) }]], 300],
      [Object.assign(new Error('m'.repeat(500)), { stack: 's'.repeat(700) }), 1200],
      [new Map([['k'.repeat(100), new Set(['v'.repeat(100)])]]), 200],
      [2n ** 8000n, 1000],
      [/x{100}y{100}/, 12],
    ]
    for (const [item, atLeast] of sizes) {
      const counted = copiedBytes(item, [])
      expect(counted).toBeGreaterThanOrEqual(atLeast)
      expect(counted).toBeLessThan(2.5 * atLeast + 200)
    }
  })

  test('once for what is there twice, and not at all for what is transferred', () => {
    const shared = new ArrayBuffer(10_000)
    const moved = new ArrayBuffer(10_000)
    expect(copiedBytes([shared, shared, new Uint8Array(shared)], [])).toBeLessThan(10_200)
    expect(copiedBytes({ moved, view: new Uint8Array(moved) }, [moved])).toBeLessThan(200)
    expect(copiedBytes(moved, [moved])).toBe(0)
  })

  test('of an item that contains itself, and of one that is deep', () => {
    const loop: unknown[] = []
    loop.push(loop)
    expect(copiedBytes(loop, [])).toBeLessThan(100)
    let deep: unknown = 'end'
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(copiedBytes(deep, [])).toBeGreaterThan(100_000)
  })

  test('of an array that is nearly all holes by what it has', () => {
    const sparse: unknown[] = []
    sparse[2 ** 32 - 2] = 'x'
    expect(copiedBytes(sparse, [])).toBeLessThan(200)
  })
})
