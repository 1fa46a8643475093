import { BUNDLED_BYTES } from '../bundles.js'
import type { Codec } from '../codec.js'
import { Reader } from './auto/reader.js'
import { MAX_LENGTH, SHORT_TEXT, Tag } from './auto/tags.js'
import { paddingBefore } from './auto/views.js'
import { Writer } from './auto/writer.js'
import { blankDoubles, readDoubles, writeDoubles } from './doubles.js'
import { memoryOf, plainBytes } from './memory.js'
import { readTexts, type TextReading, writeTexts } from './texts.js'

const NUMBER = 8
/** What stands before the bytes of an item that is a Uint8Array: TREE, VIEW, length, kind; then padding. */
const VIEW_HEADER = 7
/** The same with the padding of a view that is long enough to have any. */
const HEAD = 8
const HEAD_FROM = 64

/** A tag and a length. */
const TEXT_HEADER = 5

/** What stands before a text that is bundled: its bytes, and its header. One that would be as long as a number has the longer of two. */
const prefixes = Array.from({ length: BUNDLED_BYTES - TEXT_HEADER + 1 }, (_, length) =>
  length > SHORT_TEXT || length + 1 === NUMBER
    ? String.fromCharCode(TEXT_HEADER + length, Tag.Latin1, length, 0, 0, 0)
    : String.fromCharCode(1 + length, Tag.ShortLatin1 | length),
)

/** Encoding may call getters of the item, which may put an item themselves: then the inner one needs a writer of its own. */
let idleWriter: Writer | undefined = new Writer()
const reader = new Reader()

const codec: Codec<unknown> = {
  name: 'auto',
  fixedSize: NUMBER,
  isFixed: (item) => typeof item === 'number',

  encode(item, target, offset, limit) {
    if (typeof item === 'number') {
      if (offset + NUMBER > limit) return -1
      memoryOf(target).data.setFloat64(offset, item, true)
      return offset + NUMBER
    }
    const writer = idleWriter ?? new Writer()
    idleWriter = undefined
    try {
      const end = writer.write(item, target, offset, limit)
      if (end - offset !== NUMBER) return end
      if (end === limit) return -1
      target[end] = 0
      return end + 1
    } finally {
      idleWriter = writer
    }
  },

  decode(source, start, end) {
    if (end - start === NUMBER) return memoryOf(source).data.getFloat64(start, true)
    return reader.read(source, start, end)
  },

  view(source, start, end) {
    const isView = end - start >= VIEW_HEADER && source[start] === Tag.Tree && source[start + 1] === Tag.View
    if (!isView || source[start + 6] !== 0) return source.subarray(start, end)
    const length = memoryOf(source).data.getUint32(start + 2, true)
    const first = start + VIEW_HEADER + paddingBefore(VIEW_HEADER, length)
    return source.subarray(first, Math.min(end, first + length))
  },

  bytesOf(item) {
    // A short one has no padding, and one of no length may be detached: those go by `encode`.
    if (!(item instanceof Uint8Array) || item.length < HEAD_FROM || item.length > MAX_LENGTH) return undefined
    return plainBytes(item)
  },

  headOf({ length }) {
    const head = new Uint8Array(HEAD)
    head[0] = Tag.Tree
    head[1] = Tag.View
    new DataView(head.buffer).setUint32(2, length, true)
    return head
  },

  headIn(source, start, end, length) {
    if (length < HEAD + HEAD_FROM || end - start < HEAD) return 0
    const isBytes = source[start] === Tag.Tree && source[start + 1] === Tag.View && source[start + 6] === 0
    return isBytes && memoryOf(source).data.getUint32(start + 2, true) === length - HEAD ? HEAD : 0
  },

  adopt: (bytes) => bytes,

  encodeRun(items, from, to, target, offset) {
    // isFixed() has said of each that it is a number.
    writeDoubles(items, from, to, target, offset)
  },

  decodeRun: (source, start, count, into, at) => readDoubles(source, start, count, into as number[], at),
  blankRun: blankDoubles,

  encodeBundle(items, from, to, target, offset, limit) {
    return writeTexts(prefixes, items, from, to, target, offset, limit)
  },

  decodeBundle: (source, start, end, max, into) => readTexts(reading, source, start, end, max, into),
}

const reading: TextReading<unknown> = {
  together: (memory, start, end) => memory.text?.latin1Slice(start, end),

  header(source, start, end) {
    const length = end - start
    if (length === NUMBER || length === 0) return -1
    const tag = source[start]
    if (tag === (Tag.ShortLatin1 | (length - 1)) && length - 1 <= SHORT_TEXT) return 1
    const isLong = tag === Tag.Latin1 && length >= TEXT_HEADER
    return isLong && memoryOf(source).data.getUint32(start + 1, true) === length - TEXT_HEADER ? TEXT_HEADER : -1
  },

  decode: codec.decode,
}

/**
 * Carries every value that structured cloning carries, and cycles, holes and what is met twice inside one item with it; the default.
 *
 * As with `structuredClone` prototypes of one's own classes are lost, getters are called, symbol keys are left out. Getters are called again
 * where there was no room for the item at first. Beyond it:
 * - Errors keep everything: name, message, stack, cause, code and all other properties of their own, and the name of their class.
 *   A property that cannot be cloned is left out of the error.
 * - A view brings its own bytes rather than the whole buffer behind it, unless something else in the same item lies on that buffer
 *   too. Buffers arrive as Uint8Arrays. A view of shared memory arrives as a copy.
 * - Texts share memory as those of `utf8()` do.
 *
 * Cost: numbers take 8 bytes and pack into runs; a flat object about its values and its keys; lists of numbers are far cheaper as
 * typed arrays. Nested at most 1,500 deep, whatever the stack of either thread.
 *
 * @throws {DOMException} name DataCloneError: a function, a symbol, or an object whose state is not in its properties (a Promise, a
 *   Blob, a URL, a MessagePort, a SharedArrayBuffer ...).
 */
export function auto(): Codec<unknown> {
  return codec
}
