import { corrupt } from '../corrupt.js'
import { type Part, refuse, type Sink } from './parts.js'

type Setter = 'setInt8' | 'setUint8' | 'setInt16' | 'setUint16' | 'setInt32' | 'setUint32'
type Getter = 'getInt8' | 'getUint8' | 'getInt16' | 'getUint16' | 'getInt32' | 'getUint32'

function integer(size: number, min: number, max: number, set: Setter, get: Getter): (path: string) => Part {
  const limit = `an integer from ${min} to ${max}`
  return (path) => ({
    size,
    hasTail: false,
    write(sink, value, at, tail) {
      if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
        refuse(sink, path, value, limit)
      }
      sink.memory.data[set](at, value as number, true)
      return tail
    },
    read: (source, at) => source.memory.data[get](at, true),
  })
}

function bigInteger(isSigned: boolean): (path: string) => Part {
  const limit = isSigned ? 'a bigint from -(2n ** 63n) to 2n ** 63n - 1n' : 'a bigint from 0n to 2n ** 64n - 1n'
  const clamp = isSigned ? BigInt.asIntN : BigInt.asUintN
  return (path) => ({
    size: 8,
    hasTail: false,
    write(sink, value, at, tail) {
      if (typeof value !== 'bigint' || clamp(64, value) !== value) refuse(sink, path, value, limit)
      sink.memory.data.setBigInt64(at, BigInt.asIntN(64, value), true)
      return tail
    },
    read: (source, at) => clamp(64, source.memory.data.getBigInt64(at, true)),
  })
}

function asNumber(sink: Sink, path: string, value: unknown): number {
  if (typeof value !== 'number') refuse(sink, path, value, 'a number')
  return value
}

/** The fields of fixed size, by kind. */
export const numbers: Readonly<Record<string, (path: string) => Part>> = {
  i8: integer(1, -128, 127, 'setInt8', 'getInt8'),
  u8: integer(1, 0, 255, 'setUint8', 'getUint8'),
  i16: integer(2, -32768, 32767, 'setInt16', 'getInt16'),
  u16: integer(2, 0, 65535, 'setUint16', 'getUint16'),
  i32: integer(4, -(2 ** 31), 2 ** 31 - 1, 'setInt32', 'getInt32'),
  u32: integer(4, 0, 2 ** 32 - 1, 'setUint32', 'getUint32'),
  i64: bigInteger(true),
  u64: bigInteger(false),

  f32: (path) => ({
    size: 4,
    hasTail: false,
    write(sink, value, at, tail) {
      sink.memory.data.setFloat32(at, asNumber(sink, path, value), true)
      return tail
    },
    read: (source, at) => source.memory.data.getFloat32(at, true),
  }),

  f64: (path) => ({
    size: 8,
    hasTail: false,
    write(sink, value, at, tail) {
      sink.memory.data.setFloat64(at, asNumber(sink, path, value), true)
      return tail
    },
    read: (source, at) => source.memory.data.getFloat64(at, true),
  }),

  bool: (path) => ({
    size: 1,
    hasTail: false,
    write(sink, value, at, tail) {
      if (typeof value !== 'boolean') refuse(sink, path, value, 'true or false')
      sink.bytes[at] = value ? 1 : 0
      return tail
    },
    read(source, at) {
      const byte = source.bytes[at]
      if (byte > 1) throw corrupt('struct', `${path} is neither true nor false`)
      return byte === 1
    },
  }),

  date: (path) => ({
    size: 8,
    hasTail: false,
    write(sink, value, at, tail) {
      if (!(value instanceof Date)) refuse(sink, path, value, 'a Date')
      sink.memory.data.setFloat64(at, value.getTime(), true)
      return tail
    },
    read: (source, at) => new Date(source.memory.data.getFloat64(at, true)),
  }),
}
