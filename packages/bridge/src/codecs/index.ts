export { auto } from './auto.js'
export { type BytesOptions, bytes } from './bytes.js'
export { float64 } from './float64.js'
export { json } from './json.js'
export {
  bool,
  date,
  type Field,
  f32,
  f32Array,
  f64,
  f64Array,
  type Infer,
  i8,
  i8Array,
  i16,
  i16Array,
  i32,
  i32Array,
  i64,
  i64Array,
  listOf,
  type OptionalField,
  oneOf,
  optional,
  type Schema,
  text,
  u8,
  u8Array,
  u8ClampedArray,
  u16,
  u16Array,
  u32,
  u32Array,
  u64,
  u64Array,
} from './struct/schema.js'
export { struct } from './struct.js'
export { utf8 } from './utf8.js'
