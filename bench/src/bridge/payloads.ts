// What travels in the bridge's cases, made and checked the same way on both sides of every contender.
import { ContentError, type Digest } from '../harness/content.js'

export type PayloadName = 'number' | 'object' | 'text' | `bytes-${number}`

export interface ItemCheck<T> {
  accept(item: T): void
  /**
   * What a loop over an array of items needs to do the same with them: `numberOf` each must be `next`, then `next + 1`, ...; `refuse()`
   * what is not, and `accepted()` what was. Each contender has that loop written out: one for all would see arrays of all their
   * kinds, and cost three times as much a number as the fastest of them.
   */
  numberOf(item: T): number
  readonly next: number
  readonly sum: number
  refuse(number: number, due: number): never
  accepted(next: number, sum: number): void
  readonly digest: Digest
}

export interface Payload<T> {
  readonly name: PayloadName
  /** The item with this number. Bytes are stamped into one array that is used again: what sends them must copy. */
  make(index: number): T
  /** An item whose memory may be given away. */
  makeFresh(index: number): T
  /** Fills `items` with those of the numbers from `from` on. Bytes are stamped into the arrays that lie there: what sends them must copy. */
  fill(items: T[], length: number, from: number, step: number): void
  /** What a transfer of the item lists. */
  transferOf(item: T): ArrayBuffer[]
  newCheck(): ItemCheck<T>
}

/** The digest of items 0 to count - 1 of any payload: count, and the sum of their numbers. */
export { digestOfSequence } from '../harness/content.js'

export interface FiveFields {
  id: number
  score: number
  name: string
  ok: boolean
  tag: string
}

const NAMES = Array.from({ length: 64 }, (_, i) => `item ${i} of the day`)
const TAGS = ['new', 'hot', 'sale', 'rare']

// Each payload has one function that reads an item's number, not one for each check: code that was compiled for a function that
// is gone is thrown away with it.

const numberOfNumber = (item: number): number => item
const numberPayload: Payload<number> = {
  name: 'number',
  make: (index) => index,
  makeFresh: (index) => index,
  fill(items, length, from, step) {
    for (let i = 0; i < length; i++) items[i] = from + i * step
  },
  transferOf: () => [],
  newCheck: () => new InOrder(numberOfNumber),
}

const makeObject = (index: number): FiveFields => ({
  id: index,
  score: index * 0.5,
  name: NAMES[index & 63]!,
  ok: (index & 1) === 0,
  tag: TAGS[index & 3]!,
})

const numberOfObject = (item: FiveFields): number => {
  const { id } = item
  const isWhole =
    item.score === id * 0.5 && item.name === NAMES[id & 63] && item.ok === ((id & 1) === 0) && item.tag === TAGS[id & 3]
  return isWhole ? id : -1
}

const objectPayload: Payload<FiveFields> = {
  name: 'object',
  make: makeObject,
  makeFresh: makeObject,
  fill(items, length, from, step) {
    for (let i = 0; i < length; i++) items[i] = makeObject(from + i * step)
  },
  transferOf: () => [],
  newCheck: () => new InOrder(numberOfObject),
}

const makeText = (index: number): string => `${index} came down the race and turned the wheel`
const numberOfText = (item: string): number => (item.endsWith(' the wheel') ? Number.parseInt(item, 10) : -1)
const textPayload: Payload<string> = {
  name: 'text',
  make: makeText,
  makeFresh: makeText,
  fill(items, length, from, step) {
    for (let i = 0; i < length; i++) items[i] = makeText(from + i * step)
  },
  transferOf: () => [],
  newCheck: () => new InOrder(numberOfText),
}

const MASK = 0x5a5a5a5a
const WORD = 4
/** Items between two whose every byte is compared; of the others the first and the last word are. */
const FULL_CHECK_EVERY = 64

const bytesPayloads = new Map<number, Payload<Uint8Array>>()

function bytesPayloadOf(size: number): Payload<Uint8Array> {
  const known = bytesPayloads.get(size)
  if (known !== undefined) return known
  const payload = bytesPayload(size)
  bytesPayloads.set(size, payload)
  return payload
}

/** `size` bytes: their number in the first word, its complement of sorts in the last, a fixed pattern between. */
function bytesPayload(size: number): Payload<Uint8Array> {
  if (size < 8 || size % 8 !== 0)
    throw new RangeError(`a payload of ${size} bytes: expected a multiple of 8, at least 8`)
  const template = new Uint8Array(size)
  for (let i = 0; i < size; i++) template[i] = (i * 31) & 255
  const pattern = template.slice(WORD, size - WORD)
  const reused = template.slice()
  const stamp = (bytes: Uint8Array, index: number) => {
    writeWord(bytes, 0, index)
    writeWord(bytes, size - WORD, index ^ MASK)
    return bytes
  }
  const numberOf = (item: Uint8Array): number => {
    const index = readWord(item, 0)
    if (item.length !== size || readWord(item, size - WORD) !== (index ^ MASK) >>> 0) return -1
    if (index % FULL_CHECK_EVERY !== 0) return index
    // In C++, at the speed of memory: a loop over 64 KiB here would be a fifth of what the fastest contenders take.
    const between = Buffer.from(item.buffer, item.byteOffset + WORD, size - 2 * WORD)
    return between.equals(pattern) ? index : -1
  }
  return {
    name: `bytes-${size}`,
    make: (index) => stamp(reused, index),
    makeFresh: (index) => stamp(template.slice(), index),
    fill(items, length, from, step) {
      while (items.length < length) items.push(template.slice())
      for (let i = 0; i < length; i++) stamp(items[i]!, from + i * step)
    },
    transferOf: (item) => [item.buffer as ArrayBuffer],
    newCheck: () => new InOrder(numberOf),
  }
}

export function payloadOf(name: 'number'): Payload<number>
export function payloadOf(name: 'object'): Payload<FiveFields>
export function payloadOf(name: 'text'): Payload<string>
export function payloadOf(name: `bytes-${number}`): Payload<Uint8Array>
export function payloadOf(name: PayloadName): Payload<unknown>
export function payloadOf(name: PayloadName): Payload<never> {
  const payload =
    name === 'number'
      ? numberPayload
      : name === 'object'
        ? objectPayload
        : name === 'text'
          ? textPayload
          : bytesPayloadOf(Number(name.slice('bytes-'.length)))
  return payload as unknown as Payload<never>
}

/** Items whose numbers must come as 0, 1, 2, ...; `numberOf` gives -1 for an item that was changed on the way. */
class InOrder<T> implements ItemCheck<T> {
  next = 0
  sum = 0

  constructor(readonly numberOf: (item: T) => number) {}

  accept(item: T): void {
    const number = this.numberOf(item)
    if (number !== this.next) this.refuse(number, this.next)
    this.next++
    this.sum += number
  }

  accepted(next: number, sum: number): void {
    this.next = next
    this.sum = sum
  }

  refuse(number: number, due: number): never {
    throw new ContentError(
      number === -1 ? `item ${due} was changed on the way` : `${number} arrived where ${due} was due`,
    )
  }

  get digest(): Digest {
    return { count: this.next, sum: this.sum }
  }
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word & 255
  bytes[at + 1] = (word >>> 8) & 255
  bytes[at + 2] = (word >>> 16) & 255
  bytes[at + 3] = word >>> 24
}

function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}
