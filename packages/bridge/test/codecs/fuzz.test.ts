import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Codec } from '../../src/codec.js'
import {
  auto,
  bool,
  bytes,
  date,
  f64,
  f64Array,
  float64,
  i64,
  json,
  listOf,
  oneOf,
  optional,
  struct,
  text,
  u8,
  u8Array,
  utf8,
} from '../../src/codecs/index.js'
import { carried, encoded, sharedBytes } from './ring.js'

const row = struct({
  id: i64,
  at: date,
  kind: oneOf('a', 'b', 'c'),
  title: text,
  raw: u8Array,
  doubles: f64Array,
  tags: listOf({ name: text, weight: optional(f64), parts: listOf(listOf(u8)) }),
  on: optional(bool),
})

const anyRow = fc.record({
  id: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  at: fc.date({ noInvalidDate: false }),
  kind: fc.constantFrom('a' as const, 'b' as const, 'c' as const),
  title: fc.string({ unit: 'binary' }),
  raw: fc.uint8Array({ maxLength: 40 }),
  doubles: fc.float64Array({ maxLength: 5 }),
  tags: fc.array(
    fc.record(
      {
        name: fc.string(),
        weight: fc.double(),
        parts: fc.array(fc.array(fc.nat(255), { maxLength: 3 }), { maxLength: 3 }),
      },
      { requiredKeys: ['name', 'parts'] },
    ),
    { maxLength: 4 },
  ),
})

/** Everything that structured cloning takes, nested. */
const cloneable: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(
    fc.integer(),
    fc.double(),
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.string({ maxLength: 20 }),
    fc.bigInt(),
    fc.constantFrom(undefined, null, true, false, -0, 127, 128),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array(),
    fc.float32Array(),
    fc.constantFrom(/a+/g, Object(3), Object('boxed'), new Error('e'), new ArrayBuffer(9)),
  ),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('value')),
    fc.sparseArray(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
    fc.record({ id: fc.integer(), name: fc.string(), next: tie('value') }),
    fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    fc.array(tie('value')).map((members) => new Set(members)),
    // The same object at two places.
    tie('value').map((value) => [value, { value }, value]),
  ),
})).value

describe('every cloneable value', () => {
  it('comes back from auto() as from structuredClone (random values)', () => {
    fc.assert(
      fc.property(cloneable, fc.nat(16), (item, offset) => {
        expect(carried(auto(), item, offset)).toStrictEqual(structuredClone(item))
      }),
      { numRuns: 300 },
    )
  })

  it('comes back from struct() (random rows)', () => {
    fc.assert(
      fc.property(anyRow, fc.nat(16), (item, offset) => {
        expect(carried(row, item as never, offset)).toStrictEqual(structuredClone(item))
      }),
      { numRuns: 200 },
    )
  })
})

describe('a limit', () => {
  /** Every limit from none to just enough (of a large item, so many): -1, or the same bytes; never a byte beyond. */
  const isExact = <T>(codec: Codec<T>, item: T): void => {
    const whole = encoded(codec, item, 8)
    const { length } = whole
    const target = sharedBytes(8 + length + 8)
    const limits = length <= 128 ? length + 1 : 128
    for (let i = 0; i < limits; i++) {
      const room = Math.floor((length * i) / (limits - 1 || 1))
      target.fill(0xee)
      const end = codec.encode(item, target, 8, 8 + room)
      if (end !== (room < length ? -1 : 8 + length)) throw new Error(`limit ${room}: ended at ${end}`)
      for (const outside of [target.subarray(0, 8), target.subarray(8 + room)]) {
        if (outside.some((byte) => byte !== 0xee)) throw new Error(`limit ${room}: wrote outside`)
      }
    }
    expect(target.subarray(8, 8 + length)).toEqual(whole)
  }

  it('is exact for random values of auto()', () => {
    fc.assert(
      fc.property(cloneable, (item) => isExact(auto(), item)),
      { numRuns: 60 },
    )
  })

  it('is exact for random rows of struct()', () => {
    fc.assert(
      fc.property(anyRow, (item) => isExact(row, item as never)),
      { numRuns: 40 },
    )
  })

  it('is exact for errors with properties that are left out', () => {
    isExact(
      auto(),
      Object.assign(new Error('x', { cause: new Error('y') }), { a: [1], f: { g() {} }, b: 'x'.repeat(60) }),
    )
  })

  it('is exact for bytes(), utf8(), float64() and json()', () => {
    for (const length of [0, 1, 8, 15, 16, 17, 100]) {
      isExact(bytes(), new Uint8Array(length).fill(1))
      isExact(utf8(), 'x'.repeat(length))
      isExact(utf8(), 'é€👍'.repeat(length))
      isExact(json(), { text: '€'.repeat(length) })
    }
    isExact(float64(), 1.5)
  })
})

describe('foreign bytes', () => {
  const codecs = [auto(), bytes(), utf8(), float64(), json(), row, struct({ x: f64, on: bool })] as Codec<unknown>[]

  /** Decodes or refuses, and takes notice of nothing outside: the same whatever lies around the record. */
  const isTold = (codec: Codec<unknown>, content: Uint8Array): void => {
    const outcomes = [0x00, 0xff].map((around) => {
      const source = sharedBytes(content.length + 16).fill(around)
      source.set(content, 8)
      try {
        return { item: codec.decode(source, 8, 8 + content.length) }
      } catch (error) {
        const { name, code, message } = error as Error & { code: string }
        if (code !== 'CODEC_CORRUPT') throw error
        return { name, code, message }
      }
    })
    expect(outcomes[0]).toStrictEqual(outcomes[1])
  }

  for (const codec of codecs) {
    it(`give ${codec.name.slice(0, 20)} an item or a CodecError, and no byte outside is read (random bytes)`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (content) => isTold(codec, content)),
        { numRuns: 200 },
      )
    })
  }

  it('give auto() an item or a CodecError when few bytes of a true item are changed (random changes)', () => {
    fc.assert(
      fc.property(
        cloneable,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (item, changes) => {
          const content = Uint8Array.from(encoded(auto(), item))
          for (const [at, byte] of changes) content[at % content.length] = byte
          isTold(auto(), content)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('give struct() an item or a CodecError when few bytes of a true row are changed (random changes)', () => {
    fc.assert(
      fc.property(
        anyRow,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (item, changes) => {
          const content = Uint8Array.from(encoded(row, item as never))
          for (const [at, byte] of changes) content[at % content.length] = byte
          isTold(row, content)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('give a CodecError at every length short of a true item', () => {
    const item = {
      list: [1, 'two', new Map([[{}, new Set([3n])]])],
      error: new Error('x'),
      at: new Date(),
      raw: new Uint8Array(9),
    }
    const content = encoded(auto(), item)
    for (let length = 0; length < content.length; length++) {
      if (length === 8) continue
      expect(() => auto().decode(content, 0, length)).toThrow(expect.objectContaining({ code: 'CODEC_CORRUPT' }))
    }
  })
})
