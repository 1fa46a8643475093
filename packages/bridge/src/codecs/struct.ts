import type { Codec } from '../codec.js'
import { corrupt } from './corrupt.js'
import { memoryOf } from './memory.js'
import { layOut, refuseCycle } from './struct/layout.js'
import type { Sink, Source } from './struct/parts.js'
import { type Infer, type Schema, signature } from './struct/schema.js'

const schemas = new WeakMap<object, Schema>()

/** The schema of a codec that `struct` made. */
export const schemaOf = (codec: object): Schema | undefined => schemas.get(codec)

/**
 * Carries objects of one fixed layout, compiled once: no keys and no tags travel, only values.
 *
 * ```ts
 * const frame = struct({ id: u32, score: f64, name: text, pixels: u8Array, ok: bool, tag: optional(text) })
 * type Frame = ItemOfCodec<typeof frame>
 * ```
 *
 * Fields: i8 to u32, f32 and f64, i64 and u64 (bigints), bool, text, date, typed arrays (u8Array ...), `oneOf('a', 'b')`,
 * `optional(field)`, `listOf(field)`, and schemas within schemas. Where no field has a tail (text, arrays, lists), every item
 * has the same size and items pack into runs. Properties that the schema does not name do not travel.
 *
 * @throws {CodecError} code CODEC_SCHEMA, from here, with the `path` of the field that is none; code CODEC_VALUE, from `put()`, with
 *   `path`, `value` and `limit`, when a value does not fit its field. Nothing is put then.
 * @throws {DOMException} name DataCloneError, from `put()`: an array whose memory was transferred elsewhere, which seems to be empty
 */
export function struct<const S extends Schema>(schema: S): Codec<Infer<S>> {
  refuseCycle(schema)
  const layout = layOut(schema)
  // The fixed part is a multiple of 8: what packs into a run stays aligned.
  const fixedPart = layout.hasTail ? layout.size : (layout.size + 7) & ~7

  // Writing may call getters of the item, which may put an item themselves: then the inner one needs a sink of its own.
  let idleSink: Sink | undefined
  let source: Source | undefined

  const encode = (item: unknown, target: Uint8Array, offset: number, limit: number): number => {
    const tail = offset + fixedPart
    if (tail > limit) return -1
    const memory = memoryOf(target)
    const sink = idleSink ?? { memory, bytes: target, limit, indices: [] }
    idleSink = undefined
    sink.memory = memory
    sink.bytes = target
    sink.limit = limit
    try {
      const end = layout.write(sink, item, offset, tail)
      for (let at = offset + layout.size; at < tail; at++) target[at] = 0
      return end
    } finally {
      idleSink = sink
    }
  }

  const decode = (bytes: Uint8Array, start: number, end: number): unknown => {
    const tail = start + fixedPart
    if (tail > end) throw corrupt('struct', `${end - start} bytes instead of at least ${fixedPart}`)
    const memory = memoryOf(bytes)
    source ??= { memory, bytes, tail, end }
    source.memory = memory
    source.bytes = bytes
    source.tail = tail
    source.end = end
    const item = layout.read(source, start)
    if (source.tail !== end) throw corrupt('struct', `${end - source.tail} bytes too many`)
    return item
  }

  const codec: Codec<Infer<S>> = {
    name: `struct${signature(schema)}`,
    encode,
    decode: decode as (bytes: Uint8Array, start: number, end: number) => Infer<S>,
    ...(layout.hasTail ? {} : { fixedSize: fixedPart, size: () => fixedPart }),
  }
  schemas.set(codec, schema)
  return codec
}
