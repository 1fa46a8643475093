// Shared memory inside the state. Only words that some thread touched take a slot; the others keep what setup left.
import { InvalidScenario } from './errors.js'
import { BYTES_PER_ELEMENT, type ElementType, type Place } from './operation.js'
import type { StateVector } from './state.js'

interface Buffer {
  readonly id: number
  readonly name: string
  readonly image: Int32Array
  readonly slots: Int32Array
}

/** A place, resolved to the state's slots of the words that it covers. */
export interface Cells {
  readonly slots: readonly number[]
  readonly type: ElementType
  readonly count: number
  /** The first byte within the first word. */
  readonly skew: number
  readonly isWord: boolean
}

/** What a thread never wrote reads as this outside of the model: an access that was not seen shows. */
const POISON = 0x5a

export class Memory {
  readonly #state: StateVector
  readonly #buffers = new Map<SharedArrayBuffer, Buffer>()
  readonly #scratch = new DataView(new ArrayBuffer(64 * 1024))
  readonly #names: string[] = []

  constructor(state: StateVector, buffers: ReadonlyMap<SharedArrayBuffer, string>) {
    this.#state = state
    for (const [buffer, name] of buffers) {
      const bytes = new Uint8Array(buffer)
      const image = new Int32Array(Math.ceil(bytes.length / 4))
      new Uint8Array(image.buffer).set(bytes)
      bytes.fill(POISON)
      this.#buffers.set(buffer, { id: this.#buffers.size, name, image, slots: new Int32Array(image.length).fill(-1) })
    }
  }

  /** The first byte that was written behind the model's back, if any. */
  findUnseenWrite(): string | undefined {
    for (const [buffer, { name }] of this.#buffers) {
      const index = new Uint8Array(buffer).findIndex((byte) => byte !== POISON)
      if (index >= 0) return `${name}+${index}`
    }
    return undefined
  }

  bufferName(buffer: SharedArrayBuffer): string {
    return this.#bufferOf(buffer).name
  }

  describe(place: Place): string {
    const suffix = place.count > 1 ? ` x${place.count}` : ''
    return `${this.bufferName(place.buffer)}+${place.byteOffset}${suffix}`
  }

  slotName(slot: number): string {
    return this.#names[slot] ?? `slot ${slot}`
  }

  resolve(place: Place): Cells {
    const buffer = this.#bufferOf(place.buffer)
    const size = BYTES_PER_ELEMENT[place.type] * place.count
    const [first, last] = [place.byteOffset >> 2, (place.byteOffset + size - 1) >> 2]
    const slots: number[] = []
    for (let word = first; word <= last; word++) {
      if (buffer.slots[word] === -1) {
        buffer.slots[word] = this.#state.allocate(buffer.image[word]!)
        this.#names[buffer.slots[word]!] = `${buffer.name}+${word * 4}`
      }
      slots.push(buffer.slots[word]!)
    }
    const isWord = place.count === 1 && place.type === 'Int32Array'
    return { slots, type: place.type, count: place.count, skew: place.byteOffset & 3, isWord }
  }

  read(cells: Cells): number | readonly number[] {
    if (cells.isWord) return this.#state.get(cells.slots[0]!)
    this.#load(cells)
    if (cells.count === 1) return this.#element(cells, 0)
    return Array.from({ length: cells.count }, (_, i) => this.#element(cells, i))
  }

  write(cells: Cells, values: readonly number[]): void {
    if (cells.isWord) {
      this.#state.set(cells.slots[0]!, values[0]! | 0)
      return
    }
    this.#load(cells)
    for (const [i, value] of values.entries()) this.#setElement(cells, i, value)
    for (const [i, slot] of cells.slots.entries()) this.#state.set(slot, this.#scratch.getInt32(i * 4, true))
  }

  #bufferOf(buffer: SharedArrayBuffer): Buffer {
    const known = this.#buffers.get(buffer)
    if (known) return known
    throw new InvalidScenario('a thread uses a SharedArrayBuffer that setup did not return: make every buffer in setup')
  }

  #load(cells: Cells): void {
    for (const [i, slot] of cells.slots.entries()) this.#scratch.setInt32(i * 4, this.#state.get(slot), true)
  }

  #element(cells: Cells, index: number): number {
    const at = cells.skew + index * BYTES_PER_ELEMENT[cells.type]
    switch (cells.type) {
      case 'Int8Array':
        return this.#scratch.getInt8(at)
      case 'Uint8Array':
      case 'Uint8ClampedArray':
        return this.#scratch.getUint8(at)
      case 'Int16Array':
        return this.#scratch.getInt16(at, true)
      case 'Uint16Array':
        return this.#scratch.getUint16(at, true)
      case 'Int32Array':
        return this.#scratch.getInt32(at, true)
      case 'Uint32Array':
        return this.#scratch.getUint32(at, true)
      case 'Float32Array':
        return this.#scratch.getFloat32(at, true)
      case 'Float64Array':
        return this.#scratch.getFloat64(at, true)
    }
  }

  #setElement(cells: Cells, index: number, value: number): void {
    const at = cells.skew + index * BYTES_PER_ELEMENT[cells.type]
    switch (cells.type) {
      case 'Int8Array':
      case 'Uint8Array':
        this.#scratch.setUint8(at, value)
        break
      case 'Uint8ClampedArray':
        this.#scratch.setUint8(at, new Uint8ClampedArray([value])[0]!)
        break
      case 'Int16Array':
      case 'Uint16Array':
        this.#scratch.setUint16(at, value, true)
        break
      case 'Int32Array':
      case 'Uint32Array':
        this.#scratch.setUint32(at, value, true)
        break
      case 'Float32Array':
        this.#scratch.setFloat32(at, value, true)
        break
      case 'Float64Array':
        this.#scratch.setFloat64(at, value, true)
        break
    }
  }
}
