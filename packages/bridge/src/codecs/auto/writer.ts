import { byteLengthOf, cloneError, isCloneError } from '../clone-error.js'
import { refused } from '../corrupt.js'
import { copyIn, type Memory, memoryOf } from '../memory.js'
import { writeLatin1, writeUtf16 } from '../text.js'
import { describeError } from './errors.js'
import { Identities } from './identities.js'
import { kindOf } from './kinds.js'
import { blockOf, noKeys, type Shape } from './shapes.js'
import { MAX_DEPTH, MAX_LENGTH, NOT_RESIZABLE, SHORT_TEXT, SMALL_INTEGER, Tag } from './tags.js'
import { paddingBefore, viewKind, viewLength } from './views.js'

/** Two views in the item lie on one buffer: only known at the second, when the first is already written without it. */
const buffersAreShared = Symbol('buffers are shared')

/** Writes one item at a time; every method answers where it ended, or -1 when the item does not fit. */
export class Writer {
  #memory!: Memory
  #bytes!: Uint8Array
  #start = 0
  #limit = 0
  #depth = 0
  #hasReferences = false
  #keepsBuffers = false
  #firstView: ArrayBufferView | ArrayBuffer | undefined
  readonly #objects = new Identities()
  readonly #buffers = new Identities()
  /** Values of errors' properties that cannot be cloned, as far as that is known of this item. */
  readonly #leftOut: Set<unknown>
  readonly #isProbe: boolean
  /** In how many properties of errors what is being written lies. */
  #errorDepth = 0

  /** @param probed - for a probe: where it notes what the errors in its items leave out */
  constructor(probed?: Set<unknown>) {
    this.#leftOut = probed ?? new Set()
    this.#isProbe = probed !== undefined
  }

  write(item: unknown, target: Uint8Array, offset: number, limit: number): number {
    this.#memory = memoryOf(target)
    this.#bytes = target
    this.#start = offset
    this.#limit = limit
    if (typeof item !== 'object' || item === null) return this.#value(item, offset)
    try {
      try {
        return this.#root(item, offset, false)
      } catch (error) {
        if (error !== buffersAreShared) throw error
        this.#reset()
        return this.#root(item, offset, true)
      }
    } finally {
      // What was sent must not be kept alive by having been sent.
      this.#reset()
    }
  }

  #reset(): void {
    this.#depth = 0
    this.#hasReferences = false
    this.#firstView = undefined
    this.#errorDepth = 0
    this.#objects.rewind(0)
    this.#buffers.rewind(0)
    // Clearing a set makes it a new table, even of an empty one.
    if (this.#leftOut.size > 0 && !this.#isProbe) this.#leftOut.clear()
  }

  #root(item: object, offset: number, keepsBuffers: boolean): number {
    this.#keepsBuffers = keepsBuffers
    if (offset >= this.#limit) return -1
    const end = this.#object(item, offset + 1)
    this.#bytes[offset] = this.#hasReferences ? Tag.Graph : Tag.Tree
    return end
  }

  #value(value: unknown, at: number): number {
    switch (typeof value) {
      case 'number':
        return this.#number(value, at)
      case 'string':
        return this.#string(value, at)
      case 'boolean':
        return this.#tag(value ? Tag.True : Tag.False, at)
      case 'undefined':
        return this.#tag(Tag.Undefined, at)
      case 'object':
        return value === null ? this.#tag(Tag.Null, at) : this.#object(value, at)
      case 'bigint':
        return this.#bigint(value, at)
      default:
        throw cloneError(value)
    }
  }

  #tag(tag: number, at: number): number {
    if (at >= this.#limit) return -1
    this.#bytes[at] = tag
    return at + 1
  }

  #number(value: number, at: number): number {
    // -0 is no integer here: it has to come back as -0.
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      if (value >= 0 && value <= SMALL_INTEGER) return this.#tag(Tag.SmallInteger | value, at)
      if (at + 5 > this.#limit) return -1
      this.#bytes[at] = Tag.Int32
      this.#memory.data.setInt32(at + 1, value, true)
      return at + 5
    }
    return this.#double(Tag.Float64, value, at)
  }

  #double(tag: number, value: number, at: number): number {
    if (at + 9 > this.#limit) return -1
    this.#bytes[at] = tag
    this.#memory.data.setFloat64(at + 1, value, true)
    return at + 9
  }

  #length(tag: number, length: number, at: number): number {
    if (length > MAX_LENGTH) throw refused('auto', '', length, `a length of at most ${MAX_LENGTH}`)
    if (at + 5 > this.#limit) return -1
    this.#bytes[at] = tag
    this.#memory.data.setUint32(at + 1, length, true)
    return at + 5
  }

  #string(text: string, at: number): number {
    const { length } = text
    const header = length <= SHORT_TEXT ? 1 : 5
    if (at + header + length > this.#limit) return -1
    if (writeLatin1(this.#memory, this.#bytes, at + header, text)) {
      if (header === 1) this.#bytes[at] = Tag.ShortLatin1 | length
      else this.#length(Tag.Latin1, length, at)
      return at + header + length
    }
    const end = at + 5 + 2 * length
    if (end > this.#limit) return -1
    this.#length(Tag.Utf16, length, at)
    writeUtf16(this.#memory, this.#bytes, at + 5, text)
    return end
  }

  #bigint(value: bigint, at: number): number {
    if (BigInt.asIntN(64, value) === value) {
      if (at + 9 > this.#limit) return -1
      this.#bytes[at] = Tag.BigInt64
      this.#memory.data.setBigInt64(at + 1, value, true)
      return at + 9
    }
    if (at + 2 > this.#limit) return -1
    this.#bytes[at] = Tag.BigIntHex
    this.#bytes[at + 1] = value < 0n ? 1 : 0
    return this.#string((value < 0n ? -value : value).toString(16), at + 2)
  }

  #object(object: object, at: number): number {
    const number = this.#objects.find(object)
    if (number !== -1) {
      this.#hasReferences = true
      return this.#length(Tag.Reference, number, at)
    }
    if (++this.#depth > MAX_DEPTH) throw refused('auto', '', object, `nested at most ${MAX_DEPTH} deep`)
    const end = this.#kind(object, at)
    this.#depth--
    return end
  }

  #kind(object: object, at: number): number {
    switch (kindOf(object)) {
      case 'object':
        return this.#record(object as Record<string, unknown>, at)
      case 'array':
        return this.#array(object as unknown[], at)
      case 'view':
        return this.#view(object as ArrayBufferView, at)
      case 'arrayBuffer':
        return this.#arrayBuffer(object as ArrayBuffer, at)
      case 'map':
        return this.#map(object as Map<unknown, unknown>, at)
      case 'set':
        return this.#set(object as Set<unknown>, at)
      case 'date':
        return this.#double(Tag.Date, Date.prototype.getTime.call(object), at)
      case 'regexp':
        return this.#regexp(object as RegExp, at)
      case 'error':
        return this.#error(object as Error, at)
      case 'boxed':
        return this.#boxed(object, at)
      default:
        throw cloneError(object)
    }
  }

  #record(record: Record<string, unknown>, start: number): number {
    let at = this.#length(Tag.Object, 0, start)
    let shape: Shape | undefined = noKeys
    let keys: string[] | undefined
    if (isPlain(record)) {
      // One go over keys and values: in V8 `record[key]` inside `for in` is a load by index.
      for (const key in record) {
        if (at === -1) return -1
        at = this.#value(record[key], at)
        if (keys !== undefined) keys.push(key)
        else {
          const next: Shape | undefined = (shape as Shape).with(key)
          if (next === undefined) keys = [...(shape as Shape).keys, key]
          shape = next
        }
      }
    } else {
      keys = Object.keys(record)
      for (const key of keys) {
        if (at === -1) return -1
        at = this.#value(record[key], at)
      }
    }
    if (at === -1) return -1
    this.#memory.data.setUint32(start + 1, at - start - 5, true)
    return this.#words(keys === undefined ? (shape as Shape).words : blockOf(keys), at)
  }

  #words(words: Int32Array, at: number): number {
    const end = at + 4 * words.length
    if (end > this.#limit) return -1
    const { data } = this.#memory
    for (let i = 0; i < words.length; i++) data.setInt32(at + 4 * i, words[i], true)
    return end
  }

  #array(list: unknown[], start: number): number {
    // The only way to see holes and named properties: the keys of a list without either are its indices.
    const keys = Object.keys(list)
    const { length } = list
    if (keys.length !== length || (length > 0 && keys[length - 1] !== String(length - 1))) {
      return this.#sparseArray(list, keys, start)
    }
    let at = this.#length(Tag.Array, length, start)
    for (let i = 0; i < length && at !== -1; i++) at = this.#value(list[i], at)
    return at
  }

  #sparseArray(list: unknown[], keys: string[], start: number): number {
    let at = this.#length(Tag.SparseArray, keys.length, start)
    if (at === -1 || at + 4 > this.#limit) return -1
    this.#memory.data.setUint32(at, list.length, true)
    at += 4
    for (const key of keys) {
      at = this.#string(key, at)
      if (at === -1) return -1
      at = this.#value((list as unknown as Record<string, unknown>)[key], at)
      if (at === -1) return -1
    }
    return at
  }

  #map(map: Map<unknown, unknown>, start: number): number {
    // Entries as they are now: a getter further down could change the map.
    const entries = [...Map.prototype.entries.call(map)]
    let at = this.#length(Tag.Map, entries.length, start)
    for (const [key, value] of entries) {
      if (at === -1) return -1
      at = this.#value(key, at)
      if (at === -1) return -1
      at = this.#value(value, at)
    }
    return at
  }

  #set(set: Set<unknown>, start: number): number {
    const members = [...Set.prototype.values.call(set)]
    let at = this.#length(Tag.Set, members.length, start)
    for (const member of members) {
      if (at === -1) return -1
      at = this.#value(member, at)
    }
    return at
  }

  #regexp(regexp: RegExp, start: number): number {
    let at = this.#tag(Tag.RegExp, start)
    if (at !== -1) at = this.#string(regexp.source, at)
    return at === -1 ? -1 : this.#string(regexp.flags, at)
  }

  #boxed(object: object, start: number): number {
    const at = this.#tag(Tag.Boxed, start)
    if (at === -1) return -1
    for (const { prototype } of [Number, String, Boolean, BigInt]) {
      try {
        return this.#value((prototype.valueOf as (this: object) => unknown).call(object), at)
      } catch (error) {
        // Only a box of this very kind has such a value.
        if (!(error instanceof TypeError)) throw error
      }
    }
    throw cloneError(object)
  }

  #arrayBuffer(buffer: ArrayBuffer, start: number): number {
    if (!this.#keepsBuffers) this.#noteBuffer(buffer, buffer)
    const { byteLength } = buffer
    refuseDetached(buffer, byteLength)
    const resizable = (buffer as { resizable?: boolean }).resizable === true
    const maximum = resizable ? (buffer as unknown as { maxByteLength: number }).maxByteLength : NOT_RESIZABLE
    const at = this.#length(Tag.ArrayBuffer, byteLength, start)
    const end = at + 4 + byteLength
    if (at === -1 || end > this.#limit) return -1
    this.#memory.data.setUint32(at, maximum, true)
    this.#bytes.set(new Uint8Array(buffer), at + 4)
    return end
  }

  #view(view: ArrayBufferView, start: number): number {
    const kind = viewKind(view)
    if (kind === -1) throw cloneError(view)
    const byteLength = byteLengthOf(view)
    if (!isPooled(view)) {
      if (this.#keepsBuffers) {
        if (!isShared(view.buffer)) return this.#sharedView(view, kind, start)
      } else this.#noteBuffer(view, undefined)
    }
    const at = this.#length(Tag.View, byteLength, start)
    if (at === -1) return -1
    const first = at + 1 + paddingBefore(at + 1 - this.#start, byteLength)
    const end = first + byteLength
    if (end > this.#limit) return -1
    this.#bytes[at] = kind
    for (let i = at + 1; i < first; i++) this.#bytes[i] = 0
    copyIn(
      kind === 0 ? (view as Uint8Array) : new Uint8Array(view.buffer, view.byteOffset, byteLength),
      this.#bytes,
      first,
    )
    return end
  }

  #sharedView(view: ArrayBufferView, kind: number, start: number): number {
    const at = this.#length(Tag.SharedView, view.byteOffset, start)
    if (at === -1 || at + 5 > this.#limit) return -1
    this.#bytes[at] = kind
    this.#memory.data.setUint32(at + 1, viewLength(view, kind), true)
    return this.#object(view.buffer, at + 5)
  }

  /**
   * A view is written with its own bytes only, which is all of most buffers and spares a small one the copy of a large buffer.
   * As soon as two of them lie on one buffer that would tear them apart: then all is written again with the buffers themselves.
   */
  #noteBuffer(holder: ArrayBufferView | ArrayBuffer, buffer: ArrayBuffer | undefined): void {
    if (this.#firstView === undefined) {
      // `view.buffer` moves a small view's memory out of the heap: not asked for an only view.
      this.#firstView = holder
      return
    }
    if (this.#buffers.count === 0) this.#buffers.find(bufferOf(this.#firstView))
    const own = buffer ?? (holder as ArrayBufferView).buffer
    if (!isShared(own) && this.#buffers.find(own) !== -1) throw buffersAreShared
  }

  #error(error: Error, start: number): number {
    const described = describeError(error)
    let at = this.#tag(Tag.Error, start)
    if (at === -1) return -1
    at = this.#tag(described.base, at)
    if (at !== -1) at = this.#value(described.className, at)
    if (at !== -1) at = this.#value(described.name, at)
    if (at !== -1) at = this.#value(described.message, at)
    if (at === -1) return -1
    const countAt = at
    at = this.#length(Tag.Array, 0, at)
    let count = 0
    for (const [key, value, isEnumerable] of described.properties) {
      if (at === -1) return -1
      const { count: objects } = this.#objects
      const { count: buffers } = this.#buffers
      const firstView = this.#firstView
      let end = this.#errorProperty(key, value, isEnumerable, at)
      // Asked of the outermost error only: that tells of all errors in it, and each of them would ask those in it once more.
      if (end === -1 && this.#errorDepth === 0 && !this.#isProbe && this.#takesLess(value)) {
        this.#objects.rewind(objects)
        this.#buffers.rewind(buffers)
        this.#firstView = firstView
        end = this.#errorProperty(key, value, isEnumerable, at)
      }
      if (end === -1) return -1
      if (end !== at) count++
      at = end
    }
    if (at === -1) return -1
    this.#memory.data.setUint32(countAt + 1, count, true)
    return at
  }

  /** Errors drag along what cannot be cloned (requests, sockets, functions): that much is left out, rather than the whole error refused. */
  #errorProperty(key: string, value: unknown, isEnumerable: boolean, start: number): number {
    if (this.#leftOut.has(value)) return start
    const depth = this.#depth
    const { count } = this.#objects
    this.#errorDepth++
    try {
      let at = this.#tag(isEnumerable ? Tag.True : Tag.False, start)
      if (at !== -1) at = this.#string(key, at)
      return at === -1 ? -1 : this.#value(value, at)
    } catch (error) {
      if (!isCloneError(error)) throw error
    } finally {
      this.#errorDepth--
    }
    this.#leftOut.add(value)
    this.#depth = depth
    this.#objects.rewind(count)
    return start
  }

  /** Whether what did not fit is left out, or parts of it are: room that they will not take must not be missing to the rest. */
  #takesLess(value: unknown): boolean {
    const known = this.#leftOut.size
    const probe = new Writer(this.#leftOut)
    try {
      for (let room = 1024; probe.write(value, new Uint8Array(room), 0, room) === -1; ) room *= 4
    } catch (error) {
      if (!isCloneError(error)) throw error
      this.#leftOut.add(value)
    }
    return this.#leftOut.size > known
  }
}

/** Whether `for in` sees the own properties and nothing else. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype === null) return true
  if (prototype !== Object.prototype) return false
  for (const _ in Object.prototype) return false
  return true
}

const isShared = (buffer: ArrayBufferLike): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer

const bufferOf = (holder: ArrayBufferView | ArrayBuffer): ArrayBufferLike =>
  ArrayBuffer.isView(holder) ? holder.buffer : holder

/** Node cuts small Buffers out of a common pool, which none of them means to send along. */
const Pooled = (globalThis as unknown as { Buffer?: abstract new () => Uint8Array }).Buffer
const isPooled = (view: ArrayBufferView): boolean => Pooled !== undefined && view instanceof Pooled

function refuseDetached(buffer: ArrayBufferLike, byteLength: number): void {
  if (byteLength !== 0) return
  try {
    new Uint8Array(buffer)
  } catch {
    throw cloneError(buffer, 'is detached and could not be cloned.')
  }
}
