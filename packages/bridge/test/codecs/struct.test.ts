import { describe, expect, expectTypeOf, it } from 'vitest'
import type { ItemOfCodec } from '../../src/codec.js'
import * as c from '../../src/codecs/index.js'
import { bool, f64, listOf, oneOf, optional, struct, text, u8, u8Array, u32 } from '../../src/codecs/index.js'
import { Memory } from '../../src/codecs/memory.js'
import { layOut } from '../../src/codecs/struct/layout.js'
import { carried, encoded } from './ring.js'

const frame = struct({ id: u32, score: f64, name: text, pixels: u8Array, ok: bool, tag: optional(text) })

const everything = struct({
  i8: c.i8,
  u8: c.u8,
  i16: c.i16,
  u16: c.u16,
  i32: c.i32,
  u32: c.u32,
  i64: c.i64,
  u64: c.u64,
  f32: c.f32,
  f64: c.f64,
  date: c.date,
  kind: oneOf('click', 'key'),
  nested: { kind: text, deeper: { flag: bool } },
  points: listOf({ x: f64, label: optional(text) }),
  matrix: listOf(listOf(c.i16)),
  arrays: listOf(u8Array),
  doubles: c.f64Array,
  words: c.u16Array,
  longs: c.i64Array,
  maybe: optional({ a: u8 }),
})

const full: ItemOfCodec<typeof everything> = {
  i8: -128,
  u8: 255,
  i16: -32768,
  u16: 65535,
  i32: -(2 ** 31),
  u32: 2 ** 32 - 1,
  i64: -(2n ** 63n),
  u64: 2n ** 64n - 1n,
  f32: 1.5,
  f64: Math.PI,
  date: new Date(1234),
  kind: 'key',
  nested: { kind: 'ключ \ud800', deeper: { flag: true } },
  points: [{ x: 1 }, { x: -0, label: 'two' }],
  matrix: [[], [1, -2], [3]],
  arrays: [new Uint8Array([1]), new Uint8Array(100).fill(2)],
  doubles: new Float64Array([1, 2.5]),
  words: new Uint16Array([7]),
  longs: new BigInt64Array([-1n]),
  maybe: { a: 1 },
}

describe('struct()', () => {
  it('infers what it carries', () => {
    expectTypeOf<ItemOfCodec<typeof frame>>().toEqualTypeOf<{
      id: number
      score: number
      name: string
      pixels: Uint8Array
      ok: boolean
      tag?: string | undefined
    }>()
    expectTypeOf<ItemOfCodec<typeof everything>['kind']>().toEqualTypeOf<'click' | 'key'>()
    expectTypeOf<ItemOfCodec<typeof everything>['points']>().toEqualTypeOf<
      { x: number; label?: string | undefined }[]
    >()
    expectTypeOf<ItemOfCodec<typeof everything>['nested']>().toEqualTypeOf<{
      kind: string
      deeper: { flag: boolean }
    }>()
    expectTypeOf<ItemOfCodec<typeof everything>['i64']>().toEqualTypeOf<bigint>()
    expectTypeOf<ItemOfCodec<typeof everything>['maybe']>().toEqualTypeOf<{ a: number } | undefined>()
  })

  it('carries every kind of field, at any offset', () => {
    for (const offset of [0, 3, 8]) expect(carried(everything, full, offset)).toStrictEqual(full)
  })

  it('reads and writes the same with the functions that it makes and with its loops', () => {
    const schema = {
      id: u32,
      tag: optional(text),
      inner: { 'odd "name"\n': f64, list: listOf({ a: u8, b: optional(bool) }) },
    }
    const made = layOut(schema)
    const looped = layOut(schema, '', 0, false)
    const items = [
      { id: 1, inner: { 'odd "name"\n': 1.5, list: [{ a: 1 }, { a: 2, b: true }] } },
      { id: 2, tag: 'x', inner: { 'odd "name"\n': -0, list: [] } },
    ]
    for (const item of items) {
      const [one, other] = [made, looped].map((part) => {
        const bytes = new Uint8Array(128)
        const memory = new Memory(bytes)
        const end = part.write({ memory, bytes, limit: 128, indices: [] }, item, 0, part.size)
        return { bytes: bytes.subarray(0, end), memory }
      })
      expect(one.bytes).toEqual(other.bytes)
      for (const part of [made, looped]) {
        const source = { memory: one.memory, bytes: one.bytes, tail: part.size, end: one.bytes.length }
        expect(part.read(source, 0)).toStrictEqual(item)
      }
    }
  })

  it('leaves missing what is optional and missing', () => {
    const item = { id: 1, score: 0.5, name: 'n', pixels: new Uint8Array(3), ok: false }
    expect(carried(frame, item)).toStrictEqual(item)
    expect(carried(frame, { ...item, tag: undefined })).toStrictEqual(item)
    expect(carried(frame, { ...item, tag: '' })).toStrictEqual({ ...item, tag: '' })
  })

  it('takes one size where no field has a tail, and tells it', () => {
    const point = struct({ x: f64, y: f64, on: bool })
    expect(point.fixedSize).toBe(24)
    expect(encoded(point, { x: 1, y: 2, on: true }).length).toBe(24)
    expect(frame.fixedSize).toBeUndefined()
  })

  it('leaves out what the schema does not name', () => {
    expect(carried(struct({ a: u8 }), { a: 1, b: 2 } as { a: number })).toEqual({ a: 1 })
  })

  it('refuses a value that its field does not hold, with path, value and limit', () => {
    const refusals: [object, string, string][] = [
      [{ u8: 300 }, 'u8', 'an integer from 0 to 255'],
      [{ i8: 1.5 }, 'i8', 'an integer from -128 to 127'],
      [{ u32: -1 }, 'u32', 'an integer from 0 to 4294967295'],
      [{ i64: 2n ** 63n }, 'i64', 'a bigint from -(2n ** 63n) to 2n ** 63n - 1n'],
      [{ u64: 5 }, 'u64', 'a bigint from 0n to 2n ** 64n - 1n'],
      [{ f64: '1' }, 'f64', 'a number'],
      [{ date: 5 }, 'date', 'a Date'],
      [{ kind: 'tap' }, 'kind', 'one of "click", "key"'],
      [{ nested: { kind: 1, deeper: { flag: true } } }, 'nested.kind', 'a string'],
      [{ nested: null }, 'nested', 'an object'],
      [{ points: [{ x: 1 }, { x: 2, label: null }] }, 'points[1].label', 'a string'],
      [{ matrix: [[], [], [0, 40000]] }, 'matrix[2][1]', 'an integer from -32768 to 32767'],
      [{ doubles: [1] }, 'doubles', 'of class Float64Array'],
      [{ points: 'none' }, 'points', 'an array'],
    ]
    for (const [change, path, limit] of refusals) {
      const item = { ...full, ...change } as typeof full
      expect(() => encoded(everything, item)).toThrow(
        expect.objectContaining({ code: 'CODEC_VALUE', path, limit, message: expect.stringContaining(path) }),
      )
    }
    expect(() => encoded(frame, 7 as never)).toThrow('struct: the item is 7, not an object')
    expect(carried(everything, full)).toStrictEqual(full)
  })

  it('refuses a schema that describes nothing, with the path', () => {
    const tree: Record<string, unknown> = { value: c.f64 }
    tree.children = listOf(tree as never)
    const refusals: [unknown, string][] = [
      [tree, 'children[]'],
      [{}, ''],
      [{ a: {} }, 'a'],
      [{ a: 5 }, 'a'],
      [{ a: { b: { kind: 'u128' } } }, 'a.b'],
      [{ a: { kind: 'toString' } }, 'a'],
      [{ a: oneOf('x', 'x') }, 'a'],
      [{ a: { kind: 'list' } }, 'a'],
      [{ a: listOf({ b: null } as never) }, 'a[].b'],
      [null, ''],
    ]
    for (const [schema, path] of refusals) {
      expect(() => struct(schema as c.Schema)).toThrow(expect.objectContaining({ code: 'CODEC_SCHEMA', path }))
    }
  })

  it('has its schema for a name, so that two ends that differ in it are told apart', () => {
    expect(frame.name).toBe('struct{"id":u32,"score":f64,"name":text,"pixels":u8Array,"ok":bool,"tag"?:text}')
    expect(struct({ a: listOf({ b: oneOf('x', 'y') }) }).name).toBe('struct{"a":[{"b":("x"|"y")}]}')
  })
})
