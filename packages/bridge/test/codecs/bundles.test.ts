import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUNDLE_BYTES, countBundled, endOfBundled } from '../../src/bundles.js'
import type { Codec } from '../../src/codec.js'
import { auto, utf8 } from '../../src/codecs/index.js'
import { anyText, asciiText, inUtf8 } from '../fixtures/texts.js'
import { sharedBytes } from './ring.js'

type Bundling = Codec<unknown> & Required<Pick<Codec<unknown>, 'encodeBundle' | 'decodeBundle'>>

const codecs: [string, Bundling, (text: string) => string][] = [
  ['utf8', utf8() as Bundling, inUtf8],
  ['auto', auto() as Bundling, (text) => text],
]

/** The items of a bundle, each decoded by itself. */
function oneByOne(codec: Bundling, source: Uint8Array, start: number, count: number): unknown[] {
  const items: unknown[] = []
  for (let at = start; items.length < count; at = endOfBundled(source, at, 1)) {
    items.push(codec.decode(source, at + 1, endOfBundled(source, at, 1)))
  }
  return items
}

const anyTexts = fc.oneof(fc.array(anyText, { maxLength: 80 }), fc.array(asciiText, { maxLength: 80 }))

function together(codec: Bundling, source: Uint8Array, start: number, end: number, max = 4096): unknown[] {
  const into: unknown[] = []
  expect(codec.decodeBundle(source, start, end, max, into)).toBe(into.length)
  return into
}

describe.each(codecs)('a bundle of %s', (_, codec, carried) => {
  it('holds what single items are, and writes nothing outside of its room', () => {
    fc.assert(
      fc.property(anyTexts, fc.nat(5), fc.nat(3000), (texts, offset, room) => {
        const target = sharedBytes(offset + room + 16)
        const limit = offset + room
        const count = codec.encodeBundle(texts, 0, texts.length, target, offset, limit)
        const end = endOfBundled(target, offset, count)
        expect(end).toBeLessThanOrEqual(limit)
        for (let i = 0; i < target.length; i++) if (i < offset || i >= limit) expect(target[i]).toBe(0xee)
        expect(countBundled(target, offset, end)).toBe(count)
        const expected = texts.slice(0, count).map(carried)
        expect(oneByOne(codec, target, offset, count)).toEqual(expected)
        expect(together(codec, target, offset, end)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('may hold items of any kind that are short', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 80 }), (texts) => {
        const target = sharedBytes(80 * 128)
        let end = 0
        const held = texts.filter((text) => {
          const to = codec.encode(text, target, end + 1, end + 128)
          if (to < 0) return false
          target[end] = to - end - 1
          end = to
          return true
        })
        expect(together(codec, target, 0, end)).toEqual(held.map(carried))
      }),
    )
  })

  it('takes all of the texts that are short and ASCII, of every length', () => {
    const texts = Array.from({ length: 122 }, (_, length) => 'abcdefghij'.repeat(13).slice(0, length))
    const target = sharedBytes(16_384)
    expect(codec.encodeBundle(texts, 0, texts.length, target, 0, target.length)).toBe(texts.length)
    expect(together(codec, target, 0, endOfBundled(target, 0, texts.length))).toEqual(texts)
  })

  it('is not cut within a character that its room ends in', () => {
    for (const last of ['é', '€', '👍', '\ud83d']) {
      const texts = ['abc', `de${last}`, 'fgh']
      for (let room = 0; room < 40; room++) {
        const target = sharedBytes(64)
        const count = codec.encodeBundle(texts, 0, texts.length, target, 0, room)
        expect(oneByOne(codec, target, 0, count)).toEqual(texts.slice(0, count).map(carried))
      }
    }
  })

  it('begins with the item that it is told, and ends before the one that it is told', () => {
    const target = sharedBytes(256)
    expect(codec.encodeBundle(['a', 'b', 'c', 'd', 'e'], 1, 4, target, 0, 256)).toBe(3)
    expect(together(codec, target, 0, endOfBundled(target, 0, 3))).toEqual(['b', 'c', 'd'])
  })

  it('ends before what is too long for it or no text', () => {
    for (const other of ['x'.repeat(128), 7, undefined, { toString: () => 'x' }]) {
      const target = sharedBytes(256)
      expect(codec.encodeBundle(['a', 'b', other, 'c'], 0, 4, target, 0, 256)).toBe(2)
      expect(codec.encodeBundle([other, 'a', 'b'], 0, 3, target, 0, 256)).toBe(0)
    }
  })

  it('is read in parts behind what is there', () => {
    const texts = Array.from({ length: 60 }, (_, i) => `${i} of sixty texts`)
    const target = sharedBytes(BUNDLE_BYTES)
    const end = endOfBundled(target, 0, codec.encodeBundle(texts, 0, 60, target, 0, BUNDLE_BYTES))
    const into: unknown[] = ['before']
    for (let at = 0, max = 1; at < end; max++) {
      at = endOfBundled(target, at, codec.decodeBundle(target, at, end, max, into))
    }
    expect(into).toEqual(['before', ...texts])
  })

  it('is read up to an item that cannot be decoded', () => {
    const target = sharedBytes(256)
    const texts = ['good', 'as good', 'bad one', 'good']
    const end = endOfBundled(target, 0, codec.encodeBundle(texts, 0, 4, target, 0, 256))
    const bad = endOfBundled(target, 0, 2)
    // No tag of auto(), and no UTF-8.
    target[bad + 1] = 0x3f
    target[bad + 2] = 0xff
    target[bad + 3] = 0xff
    expect(together(codec, target, 0, end)).toEqual(['good', 'as good'])
    expect(() => codec.decode(target, bad + 1, endOfBundled(target, bad, 1))).toThrow(
      expect.objectContaining({ code: 'CODEC_CORRUPT' }),
    )
    expect(together(codec, target, endOfBundled(target, bad, 1), end)).toEqual(['good'])
  })
})
