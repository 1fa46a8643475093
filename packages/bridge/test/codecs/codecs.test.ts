import { describe, expect, it, vi } from 'vitest'
import type { Codec } from '../../src/codec.js'
import { codecFromDescription, describeCodec } from '../../src/codecs/description.js'
import { auto, bytes, float64, json, struct, text, u8, u8Array, utf8 } from '../../src/codecs/index.js'
import { FanInQueue, FanOutQueue } from '../../src/index.js'
import { openConsumer, openProducer } from '../../src/worker.js'
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

  it('and struct() refuse those whose memory went elsewhere, which seem to be empty', () => {
    const item = new Uint8Array(8)
    structuredClone(item.buffer, { transfer: [item.buffer] })
    expect(() => encoded(bytes(), item)).toThrow(expect.objectContaining({ name: 'DataCloneError' }))
    const codec = struct({ pixels: u8Array })
    expect(() => encoded(codec, { pixels: item })).toThrow(expect.objectContaining({ name: 'DataCloneError' }))
    expect(carried(codec, { pixels: new Uint8Array() })).toEqual({ pixels: new Uint8Array() })
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

describe.each([
  ['bytes()', bytes()],
  ['bytes({ pooled: true })', bytes({ pooled: true })],
])('small items of %s', (_name, codec) => {
  it('are carried as they are, and nobody writes their bytes again', () => {
    const lengths = [0, 1, 64, 65, 1000, 4095, 4096, 4097]
    const items = Array.from({ length: 200 }, (_, n) =>
      Uint8Array.from({ length: lengths[n % lengths.length] }, (_, i) => i * 3 + n),
    )
    const kept = items.map((item) => carried(codec, item))
    expect(kept).toStrictEqual(items)
  })

  it('are cut from the same memory, up to 4096 bytes', () => {
    const [first, second] = [1000, 4096].map((length) => carried(codec, new Uint8Array(length)))
    expect(first.buffer.byteLength).toBe(64 * 1024)
    expect(second.byteOffset).toBe(second.buffer === first.buffer ? first.byteOffset + 1000 : 0)
  })

  it('share none of it that can be written: what is done to one shows in no other', () => {
    const items = Array.from({ length: 300 }, (_, n) => carried(codec, new Uint8Array(65 + n * 3).fill(n)))
    for (let n = 0; n < items.length; n += 2) items[n].fill(0xff)
    const seen = items.map((item) => [...new Set(item)])
    expect(seen).toEqual(items.map((_, n) => [n % 2 === 0 ? 0xff : n & 255]))
  })

  it('stay whole when the buffer of one is transferred', () => {
    const [first, second] = [1, 2].map((value) => carried(codec, new Uint8Array(100).fill(value)))
    const { port1, port2 } = new MessageChannel()
    const transfer = [first.buffer as ArrayBuffer]
    for (const send of [() => structuredClone(first, { transfer }), () => port1.postMessage(first, transfer)]) {
      try {
        send()
      } catch (error) {
        // The platform's own refusal: structuredClone() of Deno has a TypeError for it.
        expect(['DataCloneError', 'TypeError']).toContain((error as Error).name)
      }
    }
    port2.close()
    expect(first).toStrictEqual(new Uint8Array(100).fill(1))
    expect(second).toStrictEqual(new Uint8Array(100).fill(2))
  })
})

describe('a buffer of its own, exactly as large,', () => {
  const owns = (item: Uint8Array) => item.byteOffset === 0 && item.buffer.byteLength === item.length

  it('has each item of bytes({ pooled: false })', () => {
    for (const length of [0, 1, 64, 65, 1024, 4096, 4097, 100_000]) {
      const item = carried(bytes({ pooled: false }), new Uint8Array(length).fill(7))
      expect(owns(item)).toBe(true)
      expect(item.length).toBe(length)
    }
  })

  it('has each item of up to 64 bytes, or of more than 4096', () => {
    for (const codec of [bytes(), bytes({ pooled: true })]) {
      for (const length of [0, 1, 64, 4097, 100_000]) expect(owns(carried(codec, new Uint8Array(length)))).toBe(true)
    }
  })

  it.each([
    ['there is no markAsUntransferable()', {}],
    ['markAsUntransferable() does nothing', { markAsUntransferable() {} }],
    [
      'markAsUntransferable() is not implemented',
      {
        markAsUntransferable() {
          throw new Error('not implemented')
        },
      },
    ],
    ['there is no node:worker_threads', undefined],
  ])('has each item of bytes() where %s', async (_where, workerThreads) => {
    vi.resetModules()
    vi.doMock('../../src/runtime.js', () => ({ workerThreads }))
    try {
      const elsewhere = await import('../../src/codecs/bytes.js')
      expect(owns(carried(elsewhere.bytes(), new Uint8Array(1024)))).toBe(true)
      expect(owns(carried(elsewhere.bytes({ pooled: true }), new Uint8Array(1024)))).toBe(false)
    } finally {
      vi.doUnmock('../../src/runtime.js')
      vi.resetModules()
    }
  })
})

describe('utf8()', () => {
  it('carries text, and tells its size', () => {
    for (const item of texts) {
      expect(carried(utf8(), item)).toBe(item)
      expect(utf8().size?.(item)).toBe(encoded(utf8(), item).length)
    }
  })

  it('carries texts of all lengths and kinds of characters, as the other codecs for text do', () => {
    const field = struct({ field: text })
    for (let length = 0; length < 80; length++) {
      for (const last of ['', 'z', 'ÿ', '€', '👍']) {
        const item = Array.from({ length }, (_, i) => String.fromCharCode(97 + ((i + length) % 26))).join('') + last
        expect(carried(utf8(), item)).toBe(item)
        expect(carried(auto(), item)).toBe(item)
        expect(carried(field, { field: item })).toEqual({ field: item })
      }
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

describe('a run of numbers', () => {
  const mixed = (length: number) => Array.from({ length }, (_, i) => (i % 3 === 0 ? -i : i + 0.5))

  it('may have any length', () => {
    for (let length = 0; length < 20; length++) {
      const run = sharedBytes(160)
      float64().encodeRun?.(mixed(length), 0, length, run, 0)
      const items = float64().blankRun?.(length) ?? []
      float64().decodeRun?.(run, 0, length, items, 0)
      expect(items).toEqual(mixed(length))
    }
  })

  it('is read into arrays that nobody else has, of any length', () => {
    const first = float64().blankRun?.(5000)
    const second = float64().blankRun?.(3)
    expect([first?.length, second?.length]).toEqual([5000, 3])
    second?.fill(7)
    expect(float64().blankRun?.(3)).not.toEqual([7, 7, 7])
  })

  it('with an item that is none, wherever that is, is refused', () => {
    for (let at = 0; at < 20; at++) {
      const items: unknown[] = mixed(20)
      items[at] = `no. ${at}`
      const write = () => float64().encodeRun?.(items as number[], 0, 20, sharedBytes(160), 0)
      expect(write).toThrow(expect.objectContaining({ code: 'CODEC_VALUE', value: `no. ${at}` }))
    }
  })
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

describe("a codec of one's own that answers what is no end", () => {
  const wrong: Record<string, (offset: number, limit: number) => unknown> = {
    'how many bytes it wrote': () => 1,
    'a position beyond its room': (_, limit) => limit + 1,
    'no whole number': (offset) => offset + 1.5,
    nothing: () => undefined,
  }
  for (const [name, answer] of Object.entries(wrong)) {
    it.each<[string, Partial<Codec<number>>]>([
      ['', {}],
      [', with a size', { size: () => 1 }],
    ])(`, but ${name}%s, has its items refused, and nothing is put`, async (_, more) => {
      const codec: Codec<number> = {
        name: 'wrong',
        encode(item, target, offset, limit) {
          if (offset === limit) return -1
          target[offset] = item
          return item === 0 ? offset + 1 : (answer(offset, limit) as number)
        },
        decode: (source, start) => source[start],
        ...more,
      }
      const queue = new FanInQueue<number>({ codec })
      const producer = openProducer(queue.producer(), { codec })
      producer.putNowait(0)
      expect(() => producer.putNowait(1)).toThrow('codec wrong answered')
      await expect(producer.put(1)).rejects.toThrow(TypeError)
      producer.putNowait(0)
      expect(queue.drain()).toEqual([0, 0])
      const out = new FanOutQueue<number>({ codec })
      const consumer = openConsumer(out.consumer(), { codec })
      await expect(out.put(1)).rejects.toThrow(TypeError)
      await out.put(0)
      expect(consumer.drain()).toEqual([0])
      expect([queue.stats().puts, out.stats().puts]).toEqual([2, 1])
    })
  }
})

describe('the description of a codec', () => {
  const own: Codec<number> = { ...float64(), name: 'mine' }

  it('travels as plain data and becomes the same codec again', () => {
    const ways = [bytes(), bytes({ pooled: true }), bytes({ pooled: false })]
    expect(new Set(ways).size).toBe(3)
    for (const codec of [auto(), ...ways, utf8(), float64(), json()] as Codec<unknown>[]) {
      expect(codecFromDescription(structuredClone(describeCodec(codec)))).toBe(codec)
    }
    const codec = struct({ a: u8, b: { c: text } })
    const there = codecFromDescription<{ a: number; b: { c: string } }>(structuredClone(describeCodec(codec)))
    expect(there.name).toBe(codec.name)
    expect(carried(there, { a: 1, b: { c: 'x' } })).toEqual({ a: 1, b: { c: 'x' } })
  })

  it('lets each end choose for itself how the items of bytes() are made', () => {
    const description = describeCodec(bytes())
    for (const codec of [bytes(), bytes({ pooled: true }), bytes({ pooled: false })]) {
      expect(codecFromDescription(description, codec)).toBe(codec)
    }
    expect(() => codecFromDescription(description, utf8() as Codec<unknown>)).toThrow(
      expect.objectContaining({ code: 'CODEC_MISMATCH' }),
    )
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
