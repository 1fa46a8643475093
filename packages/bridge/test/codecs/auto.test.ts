import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { auto } from '../../src/codecs/auto.js'
import { carried, encoded, sharedBytes } from './ring.js'

const codec = auto()
const there = <T>(item: T, offset?: number): T => carried(codec, item, offset) as T

describe('auto() carries', () => {
  const kinds: Record<string, unknown[]> = {
    numbers: [0, -0, 1, 127, 128, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 1.5, Number.NaN, Infinity, -Infinity, 5e-324],
    strings: ['', 'a', 'é', 'naïve', '日本', '👍', '\ud800', '\udc00x', 'x'.repeat(16), 'x'.repeat(17), 'é'.repeat(40)],
    'long strings': ['x'.repeat(63), 'x'.repeat(64), 'x'.repeat(100_000), '日'.repeat(10_000), `${'x'.repeat(5000)}é`],
    'the rest of primitives': [undefined, null, true, false],
    bigints: [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, -(2n ** 63n) - 1n, 10n ** 100n, -(10n ** 100n)],
    dates: [new Date(0), new Date(Number.NaN), new Date(8.64e15)],
    'regular expressions': [/a/, /[/]\u{1f600}/giu, /(?:)/],
    objects: [
      {},
      { a: 1 },
      { a: undefined, b: null },
      { ключ: 1, '': 2, [`${'k'.repeat(300)}`]: 3 },
      { 2: 'b', 1: 'a' },
    ],
    arrays: [[], [1, 'two', [3, [4]]], [undefined, null], new Array(3), Object.assign([1, 2], { extra: true })],
    maps: [
      new Map(),
      new Map<unknown, unknown>([
        [{ a: 1 }, new Set([1])],
        ['k', new Map([[Number.NaN, 0]])],
      ]),
    ],
    sets: [new Set(), new Set([1, 'a', { b: [] }])],
    boxes: [Object(1), Object('text'), Object(true), Object(2n ** 70n)],
    'typed arrays': [
      new Uint8Array([1, 2, 3]),
      new Uint8Array(1000).fill(7),
      new Uint8ClampedArray([255]),
      new Int8Array([-1]),
      new Int16Array([-2, 3]),
      new Uint16Array([65535]),
      new Int32Array([1, -1]),
      new Uint32Array([2 ** 32 - 1]),
      new Float32Array([1.5]),
      new Float64Array([Math.PI, Number.NaN]),
      new BigInt64Array([-5n]),
      new BigUint64Array([2n ** 64n - 1n]),
      new Uint8Array(0),
      new DataView(new ArrayBuffer(5)),
      new ArrayBuffer(0),
      new Uint8Array([9, 8]).buffer,
    ],
  }
  for (const [name, items] of Object.entries(kinds)) {
    it(`${name} as structuredClone does (T211)`, () => {
      for (const item of items) {
        expect(there(item)).toStrictEqual(structuredClone(item))
        expect(there({ within: item })).toStrictEqual(structuredClone({ within: item }))
        expect(there([item, item], 13)).toStrictEqual(structuredClone([item, item]))
      }
    })
  }

  it('a number on its own in eight bytes, and nothing else in eight', () => {
    expect(encoded(codec, 12.5).length).toBe(8)
    expect(encoded(codec, 'x'.repeat(7)).length).toBe(9)
    expect(there('x'.repeat(7))).toBe('x'.repeat(7))
    expect(there(1e100)).toBe(1e100)
  })

  it('cycles, and what is met twice as one', () => {
    const shared = { n: 1 }
    const item: Record<string, unknown> = { a: shared, b: [shared], map: new Map(), set: new Set() }
    item.self = item
    ;(item.map as Map<unknown, unknown>).set(item.map, shared)
    ;(item.set as Set<unknown>).add(item)
    const date = new Date(5)
    item.dates = [date, date, /x/, Object(1)]
    const copy = there(item) as typeof item & { b: unknown[]; dates: unknown[] }
    expect(copy.self).toBe(copy)
    expect(copy.a).toBe(copy.b[0])
    expect((copy.map as Map<unknown, unknown>).get(copy.map)).toBe(copy.a)
    expect((copy.set as Set<unknown>).has(copy)).toBe(true)
    expect(copy.dates[0]).toBe(copy.dates[1])
    expect(copy).toStrictEqual(structuredClone(item))
  })

  it('identities among a thousand objects', () => {
    const list = Array.from({ length: 1000 }, (_, i) => ({ i }))
    const copy = there([...list, ...list])
    for (let i = 0; i < 1000; i++) expect(copy[i + 1000]).toBe(copy[i])
    expect(copy[999]).toEqual({ i: 999 })
  })

  it('holes and named properties of arrays', () => {
    const match = /(b)(?<c>c)/.exec('abc') as RegExpExecArray
    expect(there(match)).toStrictEqual(structuredClone(match))
    const sparse: unknown[] = []
    sparse[4_000_000_000] = 1
    const copy = there(sparse)
    expect(copy.length).toBe(4_000_000_001)
    expect(Object.keys(copy)).toEqual(['4000000000'])
  })

  it('two views of one buffer as two views of one buffer', () => {
    const buffer = new ArrayBuffer(64)
    const item = { a: new Uint8Array(buffer, 8, 4), b: new Float64Array(buffer), buffer, view: new DataView(buffer, 3) }
    item.b[1] = 1.25
    const copy = there(item)
    expect(copy).toStrictEqual(structuredClone(item))
    expect(copy.a.buffer).toBe(copy.b.buffer)
    expect(copy.buffer).toBe(copy.view.buffer)
    expect(copy.a.byteOffset).toBe(8)
  })

  it('of a view on a large buffer only what it shows', () => {
    const small = new Uint8Array(new ArrayBuffer(1 << 20), 100, 4)
    expect(encoded(codec, small).length).toBeLessThan(32)
    expect(there(small).byteOffset).toBe(0)
    const pooled = [Buffer.from('one'), Buffer.from('two')]
    expect(encoded(codec, pooled).length).toBeLessThan(64)
    expect(there(pooled)).toStrictEqual([new Uint8Array(Buffer.from('one')), new Uint8Array(Buffer.from('two'))])
  })

  it('views of any length, wherever in an item they lie, and shows those that are the item', () => {
    for (const length of [0, 1, 15, 16, 56, 63, 64, 65, 72, 1000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i + 1)
      for (let before = 0; before < 9; before++) {
        const item = ['x'.repeat(before), bytes, Float64Array.of(before, ...bytes), new DataView(bytes.slice().buffer)]
        expect(there(item)).toStrictEqual(item)
      }
      expect(there(bytes).buffer.byteLength).toBe(length)
      const written = encoded(codec, bytes, 8)
      expect(codec.view?.(written, 0, written.length)).toStrictEqual(bytes)
    }
  })

  it('bytes the same in two parts, a head and themselves, as in one', () => {
    const codec = auto()
    for (const length of [64, 65, 127, 128, 300]) {
      const item = new Uint8Array(length).map((_, i) => i + length)
      const whole = new Uint8Array(length + 100)
      const end = codec.encode(item, whole, 8, whole.length)
      const own = codec.bytesOf?.(item) as Uint8Array
      const head = codec.headOf?.(own) as Uint8Array
      expect([...head, ...own]).toEqual([...whole.subarray(8, end)])
      expect(codec.headIn?.(whole, 8, end, end - 8)).toBe(head.length)
      expect(codec.headIn?.(whole, 8, end, end - 7)).toBe(0)
    }
    for (const other of [new Uint8Array(63), new Int8Array(100), [new Uint8Array(100)], 'x'.repeat(100), null]) {
      expect(codec.bytesOf?.(other)).toBe(undefined)
      const whole = new Uint8Array(1000)
      const end = codec.encode(other, whole, 0, 1000)
      expect(codec.headIn?.(whole, 0, end, end)).toBe(0)
    }
  })

  it('a view of shared memory as a copy with memory of its own', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(8)).fill(3)
    const copy = there([shared, shared.subarray(4)])
    expect(copy).toEqual([new Uint8Array(8).fill(3), new Uint8Array(4).fill(3)])
    expect(copy[0].buffer).toBeInstanceOf(ArrayBuffer)
  })

  it('a resizable buffer as one', () => {
    const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer
    const buffer = new Resizable(4, { maxByteLength: 16 })
    new Uint8Array(buffer)[1] = 5
    const copy = there(buffer) as ArrayBuffer & { maxByteLength: number; resizable: boolean }
    expect([copy.byteLength, copy.maxByteLength, copy.resizable]).toEqual([4, 16, true])
    expect(new Uint8Array(copy)[1]).toBe(5)
  })

  it('class instances as plain objects, without what they inherit', () => {
    class Point {
      x = 1
      #secret = 2
      get sum(): number {
        return this.x + this.#secret
      }
    }
    class Tagged extends Point {
      get [Symbol.toStringTag](): string {
        return 'Map'
      }
    }
    expect(there(new Point())).toStrictEqual({ x: 1 })
    expect(there(new Tagged())).toStrictEqual({ x: 1 })
    expect(there(Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } }))).toStrictEqual({ own: 2 })
    expect(there(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 })
  })

  it('subclasses of Map, Set, Array and Date as what they are made of', () => {
    class Dictionary extends Map<string, number> {}
    class Bag extends Set<number> {}
    class List extends Array<number> {}
    class Day extends Date {}
    expect(there(new Dictionary([['a', 1]]))).toStrictEqual(new Map([['a', 1]]))
    expect(there(new Bag([1]))).toStrictEqual(new Set([1]))
    expect(there(List.from([1, 2]))).toStrictEqual([1, 2])
    expect(there(new Day(7))).toStrictEqual(new Date(7))
  })

  it('a key named __proto__ as a key', () => {
    const item = JSON.parse('{"__proto__": {"polluted": 1}, "a": 2}') as object
    const copy = there(item)
    expect(Object.keys(copy)).toEqual(['__proto__', 'a'])
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  })

  it('only own keys when somebody has added to Object.prototype', () => {
    const prototype = Object.prototype as Record<string, unknown>
    prototype.polluted = 1
    try {
      expect(Object.keys(there({ a: 1 }))).toEqual(['a'])
    } finally {
      delete prototype.polluted
    }
  })

  it('objects of one kind the same, the first time and the hundredth', () => {
    for (let i = 0; i < 100; i++) {
      const item = { id: i, 'odd "name"\n': [i], 7: 'seven', nested: { id: i, __proto: 1 } }
      expect(there(item)).toStrictEqual(item)
      const shared = { id: i, 'odd "name"\n': item, 7: item, nested: [] }
      const copy = there(shared)
      expect(copy['odd "name"\n']).toBe(copy[7])
    }
  })

  it('objects of more kinds and more keys than it remembers', () => {
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key${i}`, i]))
    expect(there(wide)).toStrictEqual(wide)
    for (let i = 0; i < 6000; i++) expect(there({ [`only${i}`]: i })).toStrictEqual({ [`only${i}`]: i })
    expect(there({ a: 1, b: 'x' })).toStrictEqual({ a: 1, b: 'x' })
  })

  it('every level down to 1,500, and refuses the next with its limit', () => {
    const nested = (levels: number): unknown => {
      let item: unknown = 1
      for (let i = 0; i < levels; i++) item = i % 2 === 0 ? [item] : { item }
      return item
    }
    expect(JSON.stringify(there(nested(1500)))).toBe(JSON.stringify(nested(1500)))
    expect(() => encoded(codec, nested(1501))).toThrow(expect.objectContaining({ code: 'CODEC_VALUE' }))
    expect(there({ after: 'wards' })).toEqual({ after: 'wards' })
  })

  it('an item whose getter encodes another item', () => {
    const inner = { inner: true }
    const item = {
      before: [1],
      get middle() {
        return there([inner, inner])
      },
      after: [2],
    }
    expect(there(item)).toEqual({ before: [1], middle: [inner, inner], after: [2] })
  })
})

describe('auto() carries errors:', () => {
  it('class, name, message, stack, cause and own properties', () => {
    const cause = new RangeError('deep')
    const error = Object.assign(new TypeError('wrong', { cause }), { code: 'E_WRONG', details: { at: 3 } })
    const copy = there(error)
    expect(copy).toBeInstanceOf(TypeError)
    expect(Object.getPrototypeOf(copy)).toBe(TypeError.prototype)
    expect(copy.stack).toBe(error.stack)
    expect([copy.name, copy.message, copy.code, copy.details]).toEqual(['TypeError', 'wrong', 'E_WRONG', { at: 3 }])
    expect(copy.cause).toBeInstanceOf(RangeError)
    expect((copy.cause as Error).message).toBe('deep')
    expect(Object.keys(copy)).toEqual(['code', 'details'])
  })

  it("a class of one's own by its name", () => {
    class HttpError extends RangeError {
      readonly status = 404
    }
    class Named extends Error {
      override name = 'Custom'
    }
    const copy = there(new HttpError('not found'))
    expect(copy).toBeInstanceOf(RangeError)
    expect(copy.constructor.name).toBe('HttpError')
    expect([copy.name, copy.message, copy.status]).toEqual(['RangeError', 'not found', 404])
    expect(there(new Named('x')).name).toBe('Custom')
  })

  it('a class of the program that has the name of a platform one', () => {
    const Mine = { TypeError: class extends Error {} }.TypeError
    const copy = there(new Mine('mine'))
    expect(copy).not.toBeInstanceOf(TypeError)
    expect(copy.constructor.name).toBe('TypeError')
  })

  it('without a message, with one of a strange kind, and a cause that is itself', () => {
    const error = new Error() as Error & { cause: unknown }
    error.cause = error
    const copy = there(error)
    expect(copy.cause).toBe(copy)
    expect(Object.hasOwn(copy, 'message')).toBe(false)
    const odd = Object.assign(new Error('x'), { message: { not: 'text' } })
    expect(there(odd).message).toEqual({ not: 'text' })
  })

  it('AggregateError with its errors, DOMException with its name and code', () => {
    const aggregate = there(new AggregateError([new Error('a'), 'b'], 'both'))
    expect(aggregate).toBeInstanceOf(AggregateError)
    expect([aggregate.message, (aggregate.errors[0] as Error).message, aggregate.errors[1]]).toEqual(['both', 'a', 'b'])
    const abort = there(new DOMException('stopped', 'AbortError'))
    expect(abort).toBeInstanceOf(DOMException)
    expect([abort.name, abort.message, abort.code]).toEqual(['AbortError', 'stopped', 20])
  })

  it('leaves out a property that cannot be cloned rather than refuse the error', () => {
    const shared = { kept: 1 }
    const error = Object.assign(new Error('failed'), {
      first: shared,
      request: { shared, deep: [{ send() {} }] },
      second: shared,
    })
    const copy = there(error)
    expect(Object.keys(copy)).toEqual(['first', 'second'])
    expect(copy.first).toBe(copy.second)
  })

  it('without room for what an error in them leaves out', () => {
    const inner = Object.assign(new Error('inner'), { request: { body: 'x'.repeat(5000), send() {} }, kept: 2 })
    inner.stack = 'inner'
    const outer = new Error('outer', { cause: inner })
    outer.stack = 'outer'
    expect(encoded(codec, outer).length).toBeLessThan(100)
    expect(Object.keys(there(outer).cause as Error)).toEqual(['kept'])
  })

  it('that do not fit, without going over the causes of each again and again', () => {
    let looks = 0
    let error: Error | undefined
    for (let i = 0; i < 16; i++) {
      error = new Error(`failure ${i}`, { cause: error })
      error.stack = 'x'.repeat(1000)
      Object.defineProperty(error, 'looks', { enumerable: true, get: () => ++looks })
    }
    const target = sharedBytes(16_000)
    expect(codec.encode(error, target, 0, target.length)).toBe(-1)
    expect(looks).toBeLessThan(16 * 16)
  })
})

/** A view whose memory went to another thread. */
function gone<V>(view: (buffer: ArrayBuffer) => V): V {
  const buffer = new ArrayBuffer(16)
  const made = view(buffer)
  structuredClone(buffer, { transfer: [buffer] })
  return made
}

/** A view that lies behind the end of its memory. */
function cutShort<V>(view: (buffer: ArrayBuffer) => V): V {
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: object,
  ) => ArrayBuffer & { resize(length: number): void }
  const buffer = new Resizable(16, { maxByteLength: 16 })
  const made = view(buffer)
  buffer.resize(4)
  return made
}

describe('auto() refuses with DataCloneError (T212)', () => {
  const uncloneable: Record<string, unknown> = {
    'a function': () => 1,
    'a symbol': Symbol('s'),
    'a boxed symbol': Object(Symbol('s')),
    'a promise': Promise.resolve(),
    'a WeakMap': new WeakMap(),
    'a WeakRef': new WeakRef({}),
    'a generator': (function* () {})(),
    'an iterator of a map': new Map().entries(),
    'an Intl formatter': new Intl.NumberFormat(),
    'shared memory itself': new SharedArrayBuffer(8),
    'a URL': new URL('http://localhost/'),
    'a Blob': new Blob(['x']),
    'a message port': new MessageChannel().port1,
    'an abort signal': new AbortController().signal,
    "Node's KeyObject": createSecretKey(Buffer.from('key')),
    'a detached buffer': gone((buffer) => buffer),
    'a view of one': gone((buffer) => new Float64Array(buffer)),
    'a DataView of one': gone((buffer) => new DataView(buffer)),
    'a view beyond the end of a buffer that was resized': cutShort((buffer) => new Uint8Array(buffer, 8, 8)),
    'a DataView beyond that': cutShort((buffer) => new DataView(buffer, 8, 8)),
  }
  for (const [name, item] of Object.entries(uncloneable)) {
    it(name, () => {
      const target = sharedBytes(64)
      for (const refusedItem of [item, [item], { deep: { item } }, new Map([[item, 1]])]) {
        let thrown: unknown
        try {
          codec.encode(refusedItem, target, 0, target.length)
        } catch (error) {
          thrown = error
        }
        expect(thrown).toBeInstanceOf(DOMException)
        expect((thrown as DOMException).name).toBe('DataCloneError')
      }
    })
  }

  it('but takes views that are empty', () => {
    const empty = [new Uint8Array(), new Float64Array(new ArrayBuffer(8), 8), new DataView(new ArrayBuffer(0))]
    expect(there(empty)).toStrictEqual(empty.map((view) => structuredClone(view)))
  })

  it('and tells which, as the platform does', () => {
    expect(() => encoded(codec, { x: Promise.resolve() })).toThrow('#<Promise> could not be cloned.')
  })
})
