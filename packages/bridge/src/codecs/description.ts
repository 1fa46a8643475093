import type { Codec } from '../codec.js'
import { CodecError } from '../errors.js'
import { auto } from './auto.js'
import { bytes } from './bytes.js'
import { float64 } from './float64.js'
import { json } from './json.js'
import type { Schema } from './struct/schema.js'
import { schemaOf, struct } from './struct.js'
import { utf8 } from './utf8.js'

const simple = {
  auto,
  bytes,
  pooledBytes: () => bytes({ pooled: true }),
  ownBytes: () => bytes({ pooled: false }),
  utf8,
  float64,
  json,
} as const
type BuiltInName = keyof typeof simple

/** What a handle says of its queue's codec: plain data. */
export interface CodecDescription {
  readonly name: string
  /** Absent for a codec of one's own, which cannot travel. */
  readonly builtIn?: BuiltInName | 'struct'
  readonly schema?: Schema
}

export function describeCodec<T>(codec: Codec<T>): CodecDescription {
  const { name } = codec
  const schema = schemaOf(codec)
  if (schema !== undefined) return { name, builtIn: 'struct', schema }
  const builtIn = (Object.keys(simple) as BuiltInName[]).find((key) => (simple[key]() as unknown) === codec)
  return builtIn === undefined ? { name } : { name, builtIn }
}

/**
 * The codec of an end that was opened from a handle.
 *
 * @param given - what the opener brought; needed for a codec of one's own, allowed for a built-in one of the same name
 * @throws {CodecError} code CODEC_MISMATCH when the names differ, or when a codec that cannot travel was not brought along
 */
export function codecFromDescription<T>(description: CodecDescription, given?: Codec<T>): Codec<T> {
  const { name } = description
  const codec = given ?? (builtIn(description) as Codec<T> | undefined)
  if (codec === undefined) {
    throw mismatch(
      `the queue's codec is ${name}, which is none of the built-in ones: open the handle with { codec }`,
      name,
    )
  }
  if (codec.name !== name) throw mismatch(`the queue's codec is ${name}, this end's is ${codec.name}`, codec.name)
  return codec
}

function builtIn({ builtIn: which, schema }: CodecDescription): Codec<unknown> | undefined {
  if (which === 'struct') return schema === undefined ? undefined : (struct(schema) as Codec<unknown>)
  return which !== undefined && Object.hasOwn(simple, which) ? (simple[which]() as Codec<unknown>) : undefined
}

const mismatch = (message: string, value: string): CodecError => new CodecError(message, 'CODEC_MISMATCH', { value })
