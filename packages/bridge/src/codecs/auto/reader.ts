import { CodecError } from '../../errors.js'
import { corrupt } from '../corrupt.js'
import { copyOut, type Memory, memoryOf } from '../memory.js'
import { readLatin1, readUtf16 } from '../text.js'
import { createError, defineProperty, isErrorBase } from './errors.js'
import { type KnownKeys, readBlock } from './shapes.js'
import { MAX_DEPTH, NOT_RESIZABLE, SHORT_TEXT, SMALL_INTEGER, Tag } from './tags.js'
import { createView, elementSize, paddingBefore } from './views.js'

const HEX = /^[0-9a-f]+$/

/** Reads one item at a time, and never a byte outside of its record. */
export class Reader {
  #memory!: Memory
  #bytes!: Uint8Array
  #start = 0
  #at = 0
  #end = 0
  #depth = 0
  /** The objects so far, in the order in which they began; undefined where nothing refers back. */
  #objects: (object | undefined)[] | undefined

  read(source: Uint8Array, start: number, end: number): unknown {
    this.#memory = memoryOf(source)
    this.#bytes = source
    this.#start = start
    this.#at = start
    this.#end = end
    this.#depth = 0
    this.#objects = undefined
    try {
      const item = this.#item()
      // An item of eight bytes is filled up to nine: eight are a number.
      const isFilled = this.#at === end - 1 && end - start === 9 && source[this.#at] === 0
      if (this.#at !== end && !isFilled) throw corrupt('auto', `${end - this.#at} bytes too many`)
      return item
    } catch (error) {
      if (error instanceof CodecError) throw error
      // A regular expression's syntax, a view beyond its buffer ...: what the platform refuses to build, nobody had.
      throw corrupt('auto', error instanceof Error ? error.message : String(error))
    } finally {
      this.#objects = undefined
    }
  }

  #item(): unknown {
    const tag = this.#bytes[this.#at]
    if (this.#at < this.#end && (tag === Tag.Tree || tag === Tag.Graph)) {
      this.#at++
      if (tag === Tag.Graph) this.#objects = []
      return this.#value()
    }
    return this.#value()
  }

  /** Takes `count` bytes and answers where they begin. */
  #take(count: number): number {
    const at = this.#at
    if (count > this.#end - at) throw corrupt('auto', `ends ${count - (this.#end - at)} bytes early`)
    this.#at = at + count
    return at
  }

  #uint32(): number {
    return this.#memory.data.getUint32(this.#take(4), true)
  }

  /** A count of values, each of which takes a byte at least. */
  #count(): number {
    const count = this.#uint32()
    if (count > this.#end - this.#at) throw corrupt('auto', `${count} values in ${this.#end - this.#at} bytes`)
    return count
  }

  readonly #next = (): unknown => this.#value()

  #value(): unknown {
    const tag = this.#bytes[this.#take(1)]
    if (tag >= Tag.SmallInteger) return tag & SMALL_INTEGER
    if (tag >= Tag.ShortLatin1) {
      const length = tag & SHORT_TEXT
      return readLatin1(this.#memory, this.#bytes, this.#take(length), length)
    }
    switch (tag) {
      case Tag.Undefined:
        return undefined
      case Tag.Null:
        return null
      case Tag.True:
        return true
      case Tag.False:
        return false
      case Tag.Int32:
        return this.#memory.data.getInt32(this.#take(4), true)
      case Tag.Float64:
        return this.#double()
      case Tag.Latin1: {
        const length = this.#uint32()
        return readLatin1(this.#memory, this.#bytes, this.#take(length), length)
      }
      case Tag.Utf16: {
        const length = this.#uint32()
        return readUtf16(this.#memory, this.#bytes, this.#take(2 * length), length)
      }
      case Tag.BigInt64:
        return this.#memory.data.getBigInt64(this.#take(8), true)
      case Tag.BigIntHex:
        return this.#bigint()
      default:
        return this.#object(tag)
    }
  }

  #double(): number {
    return this.#memory.data.getFloat64(this.#take(8), true)
  }

  #bigint(): bigint {
    const isNegative = this.#bytes[this.#take(1)] === 1
    const digits = this.#value()
    if (typeof digits !== 'string' || !HEX.test(digits)) throw corrupt('auto', 'a bigint without digits')
    const value = BigInt(`0x${digits}`)
    return isNegative ? -value : value
  }

  #object(tag: number): unknown {
    if (tag === Tag.Reference) {
      const object = this.#objects?.[this.#uint32()]
      if (object === undefined) throw corrupt('auto', 'a reference to nothing')
      return object
    }
    if (++this.#depth > MAX_DEPTH) throw corrupt('auto', `nested more than ${MAX_DEPTH} deep`)
    const object = this.#begin(tag)
    this.#depth--
    return object
  }

  #begin(tag: number): object {
    switch (tag) {
      case Tag.Object:
        return this.#record()
      case Tag.Array:
        return this.#array()
      case Tag.SparseArray:
        return this.#sparseArray()
      case Tag.Map:
        return this.#map()
      case Tag.Set:
        return this.#set()
      case Tag.Date:
        return this.#note(new Date(this.#double()))
      case Tag.RegExp:
        return this.#note(new RegExp(this.#text(), this.#text()))
      case Tag.Boxed:
        return this.#boxed()
      case Tag.ArrayBuffer:
        return this.#arrayBuffer()
      case Tag.View:
        return this.#view()
      case Tag.SharedView:
        return this.#sharedView()
      case Tag.Error:
        return this.#error()
      default:
        throw corrupt('auto', `the tag 0x${tag.toString(16)}`)
    }
  }

  #note<O extends object>(object: O): O {
    this.#objects?.push(object)
    return object
  }

  #record(): object {
    const length = this.#uint32()
    const start = this.#take(0)
    if (length > this.#end - start) throw corrupt('auto', 'an object beyond the end')
    const valuesEnd = start + length
    const known = readBlock(this.#memory, this.#bytes, valuesEnd, this.#end)
    if (known === undefined) throw corrupt('auto', 'an object without keys')
    const recordEnd = this.#end
    this.#end = valuesEnd
    const record = this.#fields(known)
    if (this.#at !== valuesEnd) throw corrupt('auto', 'an object with too many values')
    this.#end = recordEnd
    this.#at = valuesEnd + 4 + 4 * known.words.length
    return record
  }

  #fields(known: KnownKeys): object {
    // What nothing refers back to need not exist before its values do.
    const build = this.#objects === undefined ? known.build : undefined
    if (build !== undefined) return build(this.#next)
    const { keys, hasProto } = known
    const record: Record<string, unknown> = this.#note({})
    if (hasProto) for (const key of keys) defineProperty(record, key, this.#value(), true)
    else for (let i = 0; i < keys.length; i++) record[keys[i]] = this.#value()
    return record
  }

  #array(): unknown[] {
    const length = this.#count()
    const list: unknown[] = this.#note([])
    for (let i = 0; i < length; i++) list.push(this.#value())
    return list
  }

  #sparseArray(): unknown[] {
    const count = this.#count()
    const length = this.#uint32()
    const list: unknown[] = this.#note([])
    list.length = length
    for (let i = 0; i < count; i++) defineProperty(list, this.#text(), this.#value(), true)
    if (list.length !== length) throw corrupt('auto', 'an array with too many items')
    return list
  }

  #map(): Map<unknown, unknown> {
    const count = this.#count()
    const map = this.#note(new Map<unknown, unknown>())
    for (let i = 0; i < count; i++) map.set(this.#value(), this.#value())
    return map
  }

  #set(): Set<unknown> {
    const count = this.#count()
    const set = this.#note(new Set())
    for (let i = 0; i < count; i++) set.add(this.#value())
    return set
  }

  #text(): string {
    const text = this.#value()
    if (typeof text !== 'string') throw corrupt('auto', 'no text where one belongs')
    return text
  }

  #boxed(): object {
    const value = this.#value()
    if (value === null || value === undefined || typeof value === 'object') throw corrupt('auto', 'a box of nothing')
    return this.#note(Object(value) as object)
  }

  #arrayBuffer(): ArrayBuffer {
    const length = this.#uint32()
    const maximum = this.#uint32()
    const start = this.#take(length)
    if (maximum === NOT_RESIZABLE) return this.#note(copyOut(this.#bytes, start, start + length).buffer)
    if (maximum < length) throw corrupt('auto', 'a buffer above its maximum')
    const buffer = new (ArrayBuffer as unknown as ResizableBufferClass)(length, { maxByteLength: maximum })
    new Uint8Array(buffer).set(this.#bytes.subarray(start, start + length))
    return this.#note(buffer)
  }

  #view(): ArrayBufferView {
    const length = this.#uint32()
    const kind = this.#bytes[this.#take(1)]
    this.#take(paddingBefore(this.#at - this.#start, length))
    const start = this.#take(length)
    const own = copyOut(this.#bytes, start, start + length)
    return this.#note(kind === 0 ? own : this.#viewOf(kind, own.buffer, 0, length / elementSize(kind)))
  }

  #sharedView(): ArrayBufferView {
    const objects = this.#objects
    const number = objects?.push(undefined)
    const byteOffset = this.#uint32()
    const kind = this.#bytes[this.#take(1)]
    const length = this.#uint32()
    const buffer = this.#value()
    if (!(buffer instanceof ArrayBuffer)) throw corrupt('auto', 'a view of no buffer')
    const view = this.#viewOf(kind, buffer, byteOffset, length)
    if (objects !== undefined) objects[(number as number) - 1] = view
    return view
  }

  #viewOf(kind: number, buffer: ArrayBuffer, byteOffset: number, length: number): ArrayBufferView {
    const view = createView(kind, buffer, byteOffset, length)
    if (view === undefined) throw corrupt('auto', `a kind of view, ${kind}, that this runtime does not have`)
    return view
  }

  #error(): Error {
    const base = this.#bytes[this.#take(1)]
    const className = this.#textOrNone()
    const name = this.#textOrNone()
    const message = this.#textOrNone()
    if (!isErrorBase(base)) throw corrupt('auto', 'an unknown class of errors')
    const error = this.#note(createError({ base, className, name, message }))
    if (this.#bytes[this.#take(1)] !== Tag.Array) throw corrupt('auto', 'an error without properties')
    const count = this.#count()
    for (let i = 0; i < count; i++) {
      const isEnumerable = this.#bytes[this.#take(1)] === Tag.True
      defineProperty(error, this.#text(), this.#value(), isEnumerable)
    }
    return error
  }

  #textOrNone(): string | undefined {
    const text = this.#value()
    if (text !== undefined && typeof text !== 'string') throw corrupt('auto', 'no text where one belongs')
    return text
  }
}

type ResizableBufferClass = new (length: number, options: { maxByteLength: number }) => ArrayBuffer
