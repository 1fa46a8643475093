/**
 * The tagged bytes that auto() writes for anything but a number on its own.
 *
 *   a number on its own   exactly 8 bytes: the double. No other item is 8 bytes long (one that would be gets a zero byte more).
 *   a primitive           its value
 *   an object             TREE, value          nothing in it is met twice: the reader needs no table
 *                         GRAPH, value         something is: objects count from 0 in the order in which they begin
 *
 *   value  00-7f          by the tags below
 *          80-ff          the integers 0 to 127
 *
 * Numbers are little-endian; a length or a count is a u32. An object's keys come after its values, as one block that the reader
 * knows again (see shapes.ts), so that the writer needs to go over an object only once.
 */
export const Tag = {
  Undefined: 0x00,
  Null: 0x01,
  True: 0x02,
  False: 0x03,
  Int32: 0x04,
  Float64: 0x05,
  Latin1: 0x06, // length, bytes
  Utf16: 0x07, // length in characters, bytes
  BigInt64: 0x08,
  BigIntHex: 0x09, // 1 if negative, value: a string of hexadecimal digits
  Tree: 0x0a,
  Graph: 0x0b,
  Reference: 0x0c, // which object
  Object: 0x0d, // length of the values, values, keys
  Array: 0x0e, // count, values
  SparseArray: 0x0f, // length, count, [key: value, value]...
  Map: 0x10, // count, [key: value, value]...
  Set: 0x11, // count, values
  Date: 0x12, // double
  RegExp: 0x13, // source: value, flags: value
  Boxed: 0x14, // value
  ArrayBuffer: 0x15, // maximal length or ffffffff, length, bytes
  View: 0x16, // byte length, kind, padding, bytes: a view with memory of its own
  SharedView: 0x17, // kind, byte offset, length, value: the buffer, which something else in the item uses too
  Error: 0x18, // see errors.ts
  ShortLatin1: 0x40, // and up to 0x7f: strings of 0 to 63 characters
  SmallInteger: 0x80,
} as const

export const SHORT_TEXT = 0x3f
export const SMALL_INTEGER = 0x7f
export const NOT_RESIZABLE = 0xffffffff
/** The longest string, array, map, buffer ... that a length field can say. */
export const MAX_LENGTH = 0xfffffffe

/**
 * How deep an item may be nested. structuredClone ends at 1,900 to 3,200 levels on Node's main thread, by the stack's size; here the
 * limit is a fixed one, so that what one thread could write no other thread's smaller stack fails to read.
 */
export const MAX_DEPTH = 1500
