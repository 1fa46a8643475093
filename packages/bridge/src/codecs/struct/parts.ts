import { CodecError } from '../../errors.js'
import { refused, shown } from '../corrupt.js'
import type { Memory } from '../memory.js'

/** Where one item is being written. */
export interface Sink {
  memory: Memory
  bytes: Uint8Array
  limit: number
  /** The index in each list that is being written, the outermost first: what a path's `[]` stand for. */
  readonly indices: number[]
}

/** Where one item is being read: `tail` moves on over what has no fixed size. */
export interface Source {
  memory: Memory
  bytes: Uint8Array
  tail: number
  end: number
}

/**
 * How one field is laid out. Its part of fixed size lies at a place known from the schema; what has no fixed size (text, arrays,
 * lists) follows behind all that has, in the order of the fields, and its length is in the fixed part.
 */
export interface Part {
  /** Bytes in the fixed part, at least one. */
  readonly size: number
  /** Whether it has anything behind the fixed part. */
  readonly hasTail: boolean
  /** @returns where the tail goes on, or -1 when it does not fit. */
  write(sink: Sink, value: unknown, at: number, tail: number): number
  read(source: Source, at: number): unknown
}

/** @throws the field's refusal, the lists' indices in its path. */
export function refuse(sink: Sink, path: string, value: unknown, limit: string): never {
  let list = 0
  throw refused(
    'struct',
    path.replaceAll('[]', () => `[${sink.indices[list++]}]`),
    value,
    limit,
  )
}

export function wrongSchema(path: string, value: unknown, limit: string): CodecError {
  return new CodecError(
    `struct: ${path === '' ? 'the schema' : path} is ${shown(value)}, not ${limit}`,
    'CODEC_SCHEMA',
    { path, value, limit },
  )
}
