import { byteLengthOf } from '../clone-error.js'
import { corrupt } from '../corrupt.js'
import { copyOut } from '../memory.js'
import { readLatin1, readUtf16, writeLatin1, writeUtf16 } from '../text.js'
import { type Part, refuse, type Source } from './parts.js'

const MAX_TEXT = 2 ** 30

/** A length and, behind all fixed parts, as many bytes; the length of a text doubled, with 1 for two bytes a character. */
export function textPart(path: string): Part {
  return {
    size: 4,
    hasTail: true,
    write(sink, value, at, tail) {
      if (typeof value !== 'string') refuse(sink, path, value, 'a string')
      const { length } = value
      if (length > MAX_TEXT) refuse(sink, path, value, `a string of at most ${MAX_TEXT} characters`)
      if (tail + length > sink.limit) return -1
      if (writeLatin1(sink.memory, sink.bytes, tail, value)) {
        sink.memory.data.setUint32(at, length * 2, true)
        return tail + length
      }
      if (tail + 2 * length > sink.limit) return -1
      writeUtf16(sink.memory, sink.bytes, tail, value)
      sink.memory.data.setUint32(at, length * 2 + 1, true)
      return tail + 2 * length
    },
    read(source, at) {
      const word = source.memory.data.getUint32(at, true)
      const length = word >>> 1
      if ((word & 1) === 0) return readLatin1(source.memory, source.bytes, takeTail(source, length, path), length)
      return readUtf16(source.memory, source.bytes, takeTail(source, 2 * length, path), length)
    },
  }
}

interface TypedArray extends ArrayBufferView {
  readonly length: number
}
interface TypedArrayClass {
  new (buffer: ArrayBuffer): TypedArray
  readonly name: string
  readonly BYTES_PER_ELEMENT: number
}

const arrays: Readonly<Record<string, TypedArrayClass>> = {
  u8Array: Uint8Array,
  u8ClampedArray: Uint8ClampedArray,
  i8Array: Int8Array,
  i16Array: Int16Array,
  u16Array: Uint16Array,
  i32Array: Int32Array,
  u32Array: Uint32Array,
  f32Array: Float32Array,
  f64Array: Float64Array,
  i64Array: BigInt64Array,
  u64Array: BigUint64Array,
}

/** @returns undefined when there is no such kind. */
export function arrayPart(kind: string, path: string): Part | undefined {
  if (!Object.hasOwn(arrays, kind)) return undefined
  const ArrayClass = arrays[kind]
  const isBytes = ArrayClass === (Uint8Array as TypedArrayClass)
  const { BYTES_PER_ELEMENT: elementSize } = ArrayClass
  return {
    size: 4,
    hasTail: true,
    write(sink, value, at, tail) {
      if (!(value instanceof ArrayClass)) refuse(sink, path, value, `of class ${ArrayClass.name}`)
      const byteLength = byteLengthOf(value)
      const end = tail + byteLength
      if (end > sink.limit) return -1
      const source = isBytes
        ? (value as unknown as Uint8Array)
        : new Uint8Array(value.buffer, value.byteOffset, byteLength)
      if (byteLength < 16) for (let i = 0; i < byteLength; i++) sink.bytes[tail + i] = source[i]
      else sink.bytes.set(source, tail)
      sink.memory.data.setUint32(at, byteLength, true)
      return end
    },
    read(source, at) {
      const byteLength = source.memory.data.getUint32(at, true)
      if (byteLength % elementSize !== 0) throw corrupt('struct', `${path} has ${byteLength} bytes`)
      const start = takeTail(source, byteLength, path)
      const own = copyOut(source.bytes, start, start + byteLength)
      return isBytes ? own : new ArrayClass(own.buffer)
    },
  }
}

/** A count and, behind all fixed parts, the items: their fixed parts side by side, then their tails. */
export function listPart(item: Part, path: string, depth: number): Part {
  return {
    size: 4,
    hasTail: true,
    write(sink, value, at, tail) {
      if (!Array.isArray(value)) refuse(sink, path, value, 'an array')
      const { length } = value
      let end = tail + length * item.size
      if (end > sink.limit) return -1
      sink.memory.data.setUint32(at, length, true)
      for (let i = 0; i < length && end !== -1; i++) {
        sink.indices[depth] = i
        end = item.write(sink, value[i], tail + i * item.size, end)
      }
      return end
    },
    read(source, at) {
      const length = source.memory.data.getUint32(at, true)
      const start = takeTail(source, length * item.size, path)
      const list: unknown[] = []
      for (let i = 0; i < length; i++) list.push(item.read(source, start + i * item.size))
      return list
    },
  }
}

export function optionalPart(of: Part): Part {
  return {
    size: 1 + of.size,
    hasTail: of.hasTail,
    write(sink, value, at, tail) {
      if (value === undefined) {
        sink.bytes.fill(0, at, at + 1 + of.size)
        return tail
      }
      sink.bytes[at] = 1
      return of.write(sink, value, at + 1, tail)
    },
    read: (source, at) => (source.bytes[at] === 0 ? undefined : of.read(source, at + 1)),
  }
}

export function oneOfPart(values: readonly string[], path: string): Part {
  const limit = `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`
  const numbers = new Map(values.map((value, number) => [value, number]))
  const size = values.length <= 256 ? 1 : 2
  return {
    size,
    hasTail: false,
    write(sink, value, at, tail) {
      const number = numbers.get(value as string)
      if (number === undefined) refuse(sink, path, value, limit)
      sink.bytes[at] = number
      if (size === 2) sink.bytes[at + 1] = number >>> 8
      return tail
    },
    read(source, at) {
      const number = source.bytes[at] | (size === 2 ? source.bytes[at + 1] << 8 : 0)
      if (number >= values.length) throw corrupt('struct', `${path} is none of its ${values.length} values`)
      return values[number]
    },
  }
}

function takeTail(source: Source, length: number, path: string): number {
  const at = source.tail
  if (length > source.end - at) throw corrupt('struct', `${path} goes beyond the end`)
  source.tail = at + length
  return at
}
