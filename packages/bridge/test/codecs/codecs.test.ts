import { describe, expect, it } from 'vitest'
import type { Codec } from '../../src/codec.js'
import { codecFromDescription, describeCodec } from '../../src/codecs/description.js'
import { auto, bytes, float64, json, struct, text, u8, utf8 } from '../../src/codecs/index.js'
import { carried, encoded, sharedBytes } from './ring.js'

const texts = [
  '',
  'a',
  'é',
  '日本語',
  '👍🏽',
  'x'.repeat(16),
  'x'.repeat(17),
  `${'x'.repeat(40)}€`,
  '\ufffd',
  '\ufeffbom',
]

describe('bytes()', () => {
  it('carries bytes as they are, in memory of their own', () => {
    for (const length of [0, 1, 15, 16, 31, 32, 5000]) {
      const item = Uint8Array.from({ length }, (_, i) => i)
      expect(carried(bytes(), item)).toStrictEqual(item)
      expect(encoded(bytes(), item).length).toBe(length)
      expect(carried(bytes(), item).buffer.byteLength).toBe(length)
    }
    expect(carried(bytes(), Buffer.from('abc'))).toStrictEqual(new Uint8Array([97, 98, 99]))
  })

  it('carries bytes that lie at any distance from a multiple of 8, to any', () => {
    const memory = Uint8Array.from({ length: 20_000 }, (_, i) => i ^ (i >> 8))
    for (const length of [255, 256, 1000, 8192, 8193, 19_000]) {
      for (let from = 0; from < 9; from++) {
        const item = memory.subarray(from, from + length)
        for (const offset of [0, 3, 8]) expect(carried(bytes(), item, offset)).toStrictEqual(item.slice())
      }
    }
  })

  it('shows the bytes of any Uint8Array where they lie, as a plain one', () => {
    const item = Buffer.from('abc')
    const shown = bytes().bytesOf?.(item)
    expect(shown).toStrictEqual(new Uint8Array([97, 98, 99]))
    expect([shown?.buffer, shown?.byteOffset]).toEqual([item.buffer, item.byteOffset])
  })

  it('refuses anything else', () => {
    expect(() => encoded(bytes(), [1] as never)).toThrow('bytes: the item is an array of 1, not a Uint8Array')
    expect(() => bytes().bytesOf?.([1] as never)).toThrow('bytes: the item is an array of 1, not a Uint8Array')
  })
})

describe('bytes({ pooled: true })', () => {
  it('carries bytes as they are, and never writes those of an item again', () => {
    const lengths = [0, 1, 64, 65, 1000, 4095, 4096, 4097]
    const items = Array.from({ length: 200 }, (_, n) =>
      Uint8Array.from({ length: lengths[n % lengths.length] }, (_, i) => i * 3 + n),
    )
    const kept = items.map((item) => carried(bytes({ pooled: true }), item))
    expect(kept).toStrictEqual(items)
  })

  it('cuts small items from the same memory, and gives large ones a buffer of their own', () => {
    const [first, second, large] = [1000, 1000, 20_000].map((length) =>
      carried(bytes({ pooled: true }), new Uint8Array(length)),
    )
    expect(second.buffer).toBe(first.buffer)
    expect(second.byteOffset).toBeGreaterThanOrEqual(first.byteOffset + 1000)
    expect(large.buffer.byteLength).toBe(20_000)
  })

  it('does not lose an item when the buffer of another is given away', () => {
    const [first, second] = [1, 2].map((value) => carried(bytes({ pooled: true }), new Uint8Array(100).fill(value)))
    try {
      structuredClone(first, { transfer: [first.buffer as ArrayBuffer] })
    } catch (error) {
      expect(error).toMatchObject({ name: 'DataCloneError' })
    }
    expect(second).toStrictEqual(new Uint8Array(100).fill(2))
  })

  it('understands the bytes of bytes(), and the other way round', () => {
    expect(bytes({ pooled: true }).name).toBe(bytes().name)
    const description = structuredClone(describeCodec(bytes({ pooled: true })))
    expect(codecFromDescription(description)).toBe(bytes({ pooled: true }))
    expect(codecFromDescription(description, bytes())).toBe(bytes())
  })
})

describe('utf8()', () => {
  it('carries text, and tells its size', () => {
    for (const item of texts) {
      expect(carried(utf8(), item)).toBe(item)
      expect(utf8().size?.(item)).toBe(encoded(utf8(), item).length)
    }
  })

  it('replaces half a surrogate pair as TextEncoder does', () => {
    expect(carried(utf8(), 'a\ud800b')).toBe('a\ufffdb')
  })

  it('refuses bytes that are no UTF-8', () => {
    for (const wrong of [[0xff], [0xc3], [0xe2, 0x82], [...new Array<number>(40).fill(0x61), 0x80]]) {
      expect(() => utf8().decode(Uint8Array.from(wrong), 0, wrong.length)).toThrow(
        expect.objectContaining({ code: 'CODEC_CORRUPT' }),
      )
    }
  })
})

describe('float64()', () => {
  it('carries every double', () => {
    for (const item of [0, -0, 1.5, Number.NaN, Infinity, 5e-324]) expect(carried(float64(), item, 5)).toBe(item)
  })

  it('refuses what is no number', () => {
    expect(() => encoded(float64(), '1' as never)).toThrow(expect.objectContaining({ code: 'CODEC_VALUE', value: '1' }))
    expect(() => float64().encodeRun?.([1, '2' as never], 0, 2, sharedBytes(16), 0)).toThrow('"2"')
  })
})

describe('a codec of fixed size', () => {
  for (const codec of [float64(), auto() as Codec<number>]) {
    it(`${codec.name} writes and reads runs as it does items`, () => {
      const items = [1, -0, Number.NaN, 1e300]
      for (const offset of [0, 8, 3]) {
        const run = sharedBytes(64)
        const single = sharedBytes(64)
        codec.encodeRun?.([0, ...items], 1, 5, run, offset)
        let at = offset
        for (const item of items) at = codec.encode(item, single, at, 64)
        expect(run).toEqual(single)
        const into: number[] = [9]
        codec.decodeRun?.(run, offset, 4, into, 1)
        expect(into).toEqual([9, ...items])
      }
    })
  }
})

describe('json()', () => {
  it('carries what JSON can say, in the way of JSON', () => {
    const item = { a: [1, 'zwei', null], b: { c: true } }
    expect(carried(json(), item)).toStrictEqual(item)
    expect(carried(json<unknown>(), { d: new Date(0), gone: undefined })).toEqual({ d: '1970-01-01T00:00:00.000Z' })
    expect(carried(json(), '\ud800')).toBe('\ud800')
  })

  it('refuses what JSON cannot say, and bytes that are none', () => {
    expect(() => encoded(json(), undefined)).toThrow(expect.objectContaining({ code: 'CODEC_VALUE' }))
    const wrong = new TextEncoder().encode('{"a":')
    expect(() => json().decode(wrong, 0, wrong.length)).toThrow(expect.objectContaining({ code: 'CODEC_CORRUPT' }))
  })
})

describe('the description of a codec', () => {
  const own: Codec<number> = { ...float64(), name: 'mine' }

  it('travels as plain data and becomes the same codec again', () => {
    for (const codec of [auto(), bytes(), bytes({ pooled: true }), utf8(), float64(), json()] as Codec<unknown>[]) {
      expect(codecFromDescription(structuredClone(describeCodec(codec)))).toBe(codec)
    }
    const codec = struct({ a: u8, b: { c: text } })
    const there = codecFromDescription<{ a: number; b: { c: string } }>(structuredClone(describeCodec(codec)))
    expect(there.name).toBe(codec.name)
    expect(carried(there, { a: 1, b: { c: 'x' } })).toEqual({ a: 1, b: { c: 'x' } })
  })

  it("asks for a codec of one's own at the other end too", () => {
    expect(() => codecFromDescription(describeCodec(own))).toThrow(expect.objectContaining({ code: 'CODEC_MISMATCH' }))
    expect(codecFromDescription(describeCodec(own), own)).toBe(own)
    expect(describeCodec({ ...own, name: 'auto' })).toEqual({ name: 'auto' })
  })

  it('refuses a codec of another name, or of another schema', () => {
    const refusal = expect.objectContaining({ code: 'CODEC_MISMATCH' })
    expect(() => codecFromDescription<unknown>(describeCodec(auto()), json())).toThrow(refusal)
    expect(() => codecFromDescription(describeCodec(struct({ a: u8 })), struct({ a: text }) as never)).toThrow(refusal)
    expect(() => codecFromDescription({ name: 'toString', builtIn: 'toString' as never })).toThrow(refusal)
  })
})
