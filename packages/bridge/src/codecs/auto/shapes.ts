import { compile, quoted } from '../compile.js'
import { Memory } from '../memory.js'
import { readLatin1, readUtf16, writeLatin1, writeUtf16 } from '../text.js'

/**
 * The keys of an object, in order, as one block of bytes after its values:
 *
 *   fingerprint (u32) | count of keys (u32) | bytes of the keys (u32, a multiple of 4) | the keys, filled up with zeros
 *   a key: its length (u8, up to 254) and as many bytes, or ff, 1 if two bytes a character (u8), length (u32) and its bytes
 *
 * A block is complete in every record: no record depends on one before it, which a dead thread might never have published or which
 * went to another consumer. Both sides only remember blocks that they have seen. The fingerprint finds the remembered block, which
 * counts only if all its bytes agree.
 */
export const BLOCK_HEADER = 12

/** Objects with more keys than this are dictionaries: their keys are not remembered. */
const MAX_KEYS = 64
const MAX_SHAPES = 4096

let shapes = 0

/** The keys that a writer has met so far in an object, and the way on to the next one. */
export class Shape {
  readonly keys: readonly string[]
  #words: Int32Array | undefined
  #lastKey: string | undefined
  #lastNext: Shape | undefined
  #next: Map<string, Shape> | undefined

  constructor(keys: readonly string[]) {
    this.keys = keys
  }

  /** These keys and one more; undefined when that many shapes or keys are not remembered. */
  with(key: string): Shape | undefined {
    return key === this.#lastKey ? this.#lastNext : this.#other(key)
  }

  #other(key: string): Shape | undefined {
    let next = this.#next?.get(key)
    if (next === undefined) {
      if (this.keys.length === MAX_KEYS || shapes === MAX_SHAPES) return undefined
      next = new Shape([...this.keys, key])
      shapes++
      this.#next ??= new Map()
      this.#next.set(key, next)
    }
    this.#lastKey = key
    this.#lastNext = next
    return next
  }

  /** The block, as the words that it is written by. */
  get words(): Int32Array {
    this.#words ??= blockOf(this.keys)
    return this.#words
  }
}

export const noKeys = new Shape([])

export function blockOf(keys: readonly string[]): Int32Array<ArrayBuffer> {
  let room = BLOCK_HEADER + 3
  for (const key of keys) room += key.length <= 254 ? 7 + 2 * key.length : 6 + 2 * key.length
  const bytes = new Uint8Array(room)
  const memory = new Memory(bytes)
  let at = BLOCK_HEADER
  for (const key of keys) {
    if (key.length <= 254 && writeLatin1(memory, bytes, at + 1, key)) {
      bytes[at] = key.length
      at += 1 + key.length
    } else {
      const wide = !writeLatin1(memory, bytes, at + 6, key)
      if (wide) writeUtf16(memory, bytes, at + 6, key)
      bytes[at] = 0xff
      bytes[at + 1] = wide ? 1 : 0
      memory.data.setUint32(at + 2, key.length, true)
      at += 6 + (wide ? 2 : 1) * key.length
    }
  }
  const end = (at + 3) & ~3
  bytes.fill(0, at, end)
  memory.data.setUint32(4, keys.length, true)
  memory.data.setUint32(8, end - BLOCK_HEADER, true)
  let fingerprint = 0x811c9dc5
  for (let i = 4; i < end; i++) fingerprint = Math.imul(fingerprint ^ bytes[i], 0x01000193)
  memory.data.setInt32(0, fingerprint, true)
  return Int32Array.from({ length: end >>> 2 }, (_, i) => memory.data.getInt32(4 * i, true))
}

/** How often a block is met before building its objects is worth a function of its own. */
const OFTEN = 16
const MAX_BUILT_KEYS = 32

/** A block that a reader has seen. */
export class KnownKeys {
  /** Whether a key asks for more than an assignment. */
  readonly hasProto: boolean
  #met = 0
  #build: ((read: () => unknown) => object) | undefined

  constructor(
    readonly keys: readonly string[],
    /** The block without its fingerprint, as words. */
    readonly words: Int32Array,
  ) {
    this.hasProto = keys.includes('__proto__')
  }

  /** Builds an object of the values that `read` gives, in order; undefined while that is not worth while or not possible. */
  get build(): ((read: () => unknown) => object) | undefined {
    if (this.#met < OFTEN && ++this.#met === OFTEN && !this.hasProto && this.keys.length <= MAX_BUILT_KEYS) {
      this.#build = compile(['read'], `return { ${this.keys.map((key) => `${quoted(key)}: read()`).join(', ')} }`)
    }
    return this.#build
  }
}

const knownKeys = new Map<number, KnownKeys>()

/**
 * The keys of the block at `at`, which ends at `end`.
 *
 * @returns undefined when it is none.
 */
export function readBlock(memory: Memory, bytes: Uint8Array, at: number, end: number): KnownKeys | undefined {
  if (at + BLOCK_HEADER > end) return undefined
  const { data } = memory
  const fingerprint = data.getInt32(at, true)
  const known = knownKeys.get(fingerprint)
  if (known !== undefined) {
    const { words } = known
    const { length } = words
    if (at + 4 + 4 * length <= end) {
      let i = 0
      while (i < length && data.getInt32(at + 4 + 4 * i, true) === words[i]) i++
      if (i === length) return known
    }
  }
  return learn(fingerprint, memory, bytes, at, end)
}

function learn(fingerprint: number, memory: Memory, bytes: Uint8Array, at: number, end: number): KnownKeys | undefined {
  const { data } = memory
  const count = data.getUint32(at + 4, true)
  const length = data.getUint32(at + 8, true)
  let from = at + BLOCK_HEADER
  const keysEnd = from + length
  if (keysEnd > end || (length & 3) !== 0 || count > length) return undefined
  const keys: string[] = []
  for (let i = 0; i < count; i++) {
    if (from >= keysEnd) return undefined
    let characters = bytes[from]
    let wide = false
    if (characters === 0xff) {
      if (from + 6 > keysEnd) return undefined
      wide = bytes[from + 1] !== 0
      characters = data.getUint32(from + 2, true)
      from += 6
    } else from += 1
    const size = wide ? 2 * characters : characters
    if (from + size > keysEnd) return undefined
    keys.push(wide ? readUtf16(memory, bytes, from, characters) : readLatin1(memory, bytes, from, characters))
    from += size
  }
  if (keysEnd - from > 3) return undefined
  const words = Int32Array.from({ length: 2 + (length >>> 2) }, (_, i) => data.getInt32(at + 4 + 4 * i, true))
  const learnt = new KnownKeys(keys, words)
  if (count <= MAX_KEYS && length <= 4096) {
    // A program with so many kinds of objects has none that would be met again soon.
    if (knownKeys.size === MAX_SHAPES) knownKeys.clear()
    knownKeys.set(fingerprint, learnt)
  }
  return learnt
}
