declare const carries: unique symbol

/** What one field of a struct holds: plain data, so that a schema travels in a handle. */
export interface Field<T> {
  readonly kind: string
  /** Only for the compiler. */
  readonly [carries]?: T
}

export interface OptionalField<T> extends Field<T | undefined> {
  readonly kind: 'optional'
  readonly of: Field<unknown> | Schema
}

/** Field names and what each holds; a schema inside a schema is an object inside the object. */
export interface Schema {
  readonly [name: string]: Field<unknown> | Schema
}

type OptionalNames<S> = { [K in keyof S]: S[K] extends OptionalField<unknown> ? K : never }[keyof S]

type InferField<F> = F extends Field<infer T> ? T : Infer<F>

/** The objects that `struct(schema)` carries. */
export type Infer<S> = Simplify<
  { -readonly [K in Exclude<keyof S, OptionalNames<S>>]: InferField<S[K]> } & {
    -readonly [K in OptionalNames<S>]?: InferField<S[K]>
  }
>

type Simplify<T> = { [K in keyof T]: T[K] } & {}

const field = <T>(kind: string): Field<T> => Object.freeze({ kind }) as Field<T>

/** Integers; a value outside of the range is refused. */
export const i8: Field<number> = field('i8')
export const u8: Field<number> = field('u8')
export const i16: Field<number> = field('i16')
export const u16: Field<number> = field('u16')
export const i32: Field<number> = field('i32')
export const u32: Field<number> = field('u32')
/** Integers of 64 bits, as bigints. */
export const i64: Field<bigint> = field('i64')
export const u64: Field<bigint> = field('u64')
/** Numbers; f32 rounds to the nearest that it can hold. */
export const f32: Field<number> = field('f32')
export const f64: Field<number> = field('f64')
export const bool: Field<boolean> = field('bool')
/** Strings, unpaired surrogates included. */
export const text: Field<string> = field('text')
/** Dates, the invalid one included. */
export const date: Field<Date> = field('date')

/** Typed arrays, copied; `u8Array` takes Buffers too and gives Uint8Arrays. */
export const u8Array: Field<Uint8Array> = field('u8Array')
export const u8ClampedArray: Field<Uint8ClampedArray> = field('u8ClampedArray')
export const i8Array: Field<Int8Array> = field('i8Array')
export const i16Array: Field<Int16Array> = field('i16Array')
export const u16Array: Field<Uint16Array> = field('u16Array')
export const i32Array: Field<Int32Array> = field('i32Array')
export const u32Array: Field<Uint32Array> = field('u32Array')
export const f32Array: Field<Float32Array> = field('f32Array')
export const f64Array: Field<Float64Array> = field('f64Array')
export const i64Array: Field<BigInt64Array> = field('i64Array')
export const u64Array: Field<BigUint64Array> = field('u64Array')

/** A field that may be undefined or missing; what is missing stays missing. */
export function optional<F extends Field<unknown> | Schema>(of: F): OptionalField<InferField<F>> {
  return Object.freeze({ kind: 'optional', of }) as OptionalField<InferField<F>>
}

/** An array, of any length, whose items are all of one kind. */
export function listOf<F extends Field<unknown> | Schema>(of: F): Field<InferField<F>[]> {
  return Object.freeze({ kind: 'list', of }) as unknown as Field<InferField<F>[]>
}

/** One of these strings, in one byte (two for more than 256). */
export function oneOf<const V extends readonly [string, ...string[]]>(...values: V): Field<V[number]> {
  return Object.freeze({ kind: 'oneOf', values: Object.freeze(values) }) as unknown as Field<V[number]>
}

/** A field that has something inside. */
export interface CompoundField extends Field<unknown> {
  readonly of?: Field<unknown> | Schema
  readonly values?: readonly string[]
}

/** A schema has fields, of which one may be called `kind`; a field has a kind, which is a string. */
export const isField = (node: Field<unknown> | Schema): node is CompoundField =>
  typeof (node as Field<unknown>).kind === 'string'

/** A schema in one line: what two ends compare. */
export function signature(node: Field<unknown> | Schema): string {
  if (!isField(node)) {
    const fields = Object.entries(node).map(([name, each]) => {
      const isOptional = isField(each) && each.kind === 'optional'
      return `${JSON.stringify(name)}${isOptional ? '?' : ''}:${signature(isOptional ? each.of! : each)}`
    })
    return `{${fields.join(',')}}`
  }
  if (node.kind === 'list') return `[${signature(node.of!)}]`
  if (node.kind === 'oneOf') return `(${node.values!.map((value) => JSON.stringify(value)).join('|')})`
  if (node.kind === 'optional') return `${signature(node.of!)}?`
  return node.kind
}
