import { compile } from './compile.js'
import { type Memory, NodeBuffer } from './memory.js'

/** Up to here going over the characters beats the call into Node's Buffer (measured on Node 20: 32 bytes to write, 24 to read). */
const SHORT_WRITE = 32
const SHORT_READ = 24
/** Bytes that a character takes at most in UTF-8. */
export const LONGEST_CHARACTER = 4
/** Up to here it is written out below; beyond, where code may be made, it is made when it is first needed. */
const SHORTEST_READ = 8

let isCompiled = false
let compiledRead: ((bytes: Uint8Array, at: number, length: number) => string) | undefined

/** Whether every character takes one byte in UTF-8, found without a loop where the platform can. */
export function isAscii(text: string): boolean {
  if (NodeBuffer !== undefined) return NodeBuffer.byteLength(text) === text.length
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/**
 * Writes one byte a character if every character is below 256; there is room for as many bytes as characters.
 *
 * @returns whether it was so; if not, what was written is of no meaning. A long text in Latin-1 beyond ASCII may be refused too.
 */
export function writeLatin1(memory: Memory, bytes: Uint8Array, at: number, text: string): boolean {
  const { length } = text
  if (length > SHORT_WRITE && memory.text !== undefined) {
    if (!isAscii(text)) return false
    memory.text.latin1Write(text, at, length)
    return true
  }
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff) return false
    bytes[at + i] = code
  }
  return true
}

/** Writes two bytes a character, lone surrogates included; there is room for them. */
export function writeUtf16(memory: Memory, bytes: Uint8Array, at: number, text: string): void {
  if (memory.text !== undefined) {
    memory.text.ucs2Write(text, at, text.length * 2)
    return
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    bytes[at + 2 * i] = code
    bytes[at + 2 * i + 1] = code >>> 8
  }
}

export function readLatin1(memory: Memory, bytes: Uint8Array, at: number, length: number): string {
  if (length <= SHORT_READ) {
    const text = shortLatin1(bytes, at, length)
    if (text !== undefined) return text
  }
  if (memory.text !== undefined) return memory.text.latin1Slice(at, at + length)
  return fromCodes(length, (i) => bytes[at + i])
}

export function readUtf16(memory: Memory, bytes: Uint8Array, at: number, length: number): string {
  if (memory.text !== undefined) return memory.text.ucs2Slice(at, at + 2 * length)
  return fromCodes(length, (i) => bytes[at + 2 * i] | (bytes[at + 2 * i + 1] << 8))
}

/** undefined where there is no short way to a text of this length. */
function shortLatin1(bytes: Uint8Array, at: number, length: number): string | undefined {
  if (length <= SHORTEST_READ) return shortestLatin1(bytes, at, length)
  if (!isCompiled) {
    isCompiled = true
    compiledRead = compile(['b', 'i', 'length'], switchOverLengths())
  }
  return compiledRead?.(bytes, at, length)
}

/** As `shortestLatin1()`, for the lengths that it leaves out. */
function switchOverLengths(): string {
  let body = 'switch (length) {\n'
  for (let length = SHORTEST_READ + 1; length <= SHORT_READ; length++) {
    const codes = Array.from({ length }, (_, i) => `b[i + ${i}]`)
    body += `case ${length}: return String.fromCharCode(${codes.join(', ')})\n`
  }
  return `${body}}`
}

/** One call with all the codes makes a flat string; adding character to character makes a tree of parts. */
function shortestLatin1(b: Uint8Array, i: number, length: number): string {
  switch (length) {
    case 0:
      return ''
    case 1:
      return String.fromCharCode(b[i])
    case 2:
      return String.fromCharCode(b[i], b[i + 1])
    case 3:
      return String.fromCharCode(b[i], b[i + 1], b[i + 2])
    case 4:
      return String.fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3])
    case 5:
      return String.fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4])
    case 6:
      return String.fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5])
    case 7:
      return String.fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6])
    default:
      return String.fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7])
  }
}

/** In pieces: a call takes only so many arguments. */
function fromCodes(length: number, codeAt: (index: number) => number): string {
  let text = ''
  for (let start = 0; start < length; start += 4096) {
    const codes = new Array<number>(Math.min(4096, length - start))
    for (let i = 0; i < codes.length; i++) codes[i] = codeAt(start + i)
    text += String.fromCharCode(...codes)
  }
  return text
}

/** How many bytes `text` takes in UTF-8, a lone surrogate counted as the three of U+FFFD that stand for it. */
export function utf8Length(text: string): number {
  if (NodeBuffer !== undefined) return NodeBuffer.byteLength(text)
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    if (code < 0x800) length += 1
    else if (code >= 0xd800 && code < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      length += 2
      i++
    } else length += 2
  }
  return length
}

let encoder: InstanceType<typeof TextEncoder> | undefined
let strictDecoder: InstanceType<typeof TextDecoder> | undefined

/** Writes UTF-8 below `limit`. @returns the end, or -1 when it does not fit. */
export function writeUtf8(memory: Memory, bytes: Uint8Array, at: number, limit: number, text: string): number {
  const { length } = text
  if (length > limit - at) return -1
  if (length <= SHORT_WRITE) {
    let i = 0
    for (; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) break
      bytes[at + i] = code
    }
    if (i === length) return at + length
  }
  if (memory.text !== undefined) {
    // Node's write stops silently before the first character that does not fit: where any would have, none was left out. To ask for the
    // length first costs as much as the write, for texts of all lengths and scripts.
    const room = limit - at
    const written = memory.text.utf8Write(text, at, room)
    return room - written >= LONGEST_CHARACTER || utf8Length(text) === written ? at + written : -1
  }
  if (length * 3 > limit - at && utf8Length(text) > limit - at) return -1
  // Browsers refuse shared memory in encodeInto.
  encoder ??= new TextEncoder()
  const encoded = encoder.encode(text)
  bytes.set(encoded, at)
  return at + encoded.length
}

/** Reads UTF-8. @returns undefined when the bytes are none. */
export function readUtf8(memory: Memory, bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start
  if (length <= SHORT_READ) {
    let high = 0
    for (let i = start; i < end; i++) high |= bytes[i]
    const text = high < 0x80 ? shortLatin1(bytes, start, length) : undefined
    if (text !== undefined) return text
  }
  if (memory.text !== undefined) {
    const text = memory.text.utf8Slice(start, end)
    // U+FFFD is either in the bytes themselves or stands for bytes that mean nothing; only then is a stricter look needed.
    if (!text.includes('\ufffd')) return text
  }
  strictDecoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    // Browsers refuse shared memory in TextDecoder.
    return strictDecoder.decode(bytes.slice(start, end))
  } catch {
    return undefined
  }
}
