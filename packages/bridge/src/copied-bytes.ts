import { kindOf } from './codecs/auto/kinds.js'
import type { Transferable } from './handle.js'

/** What a value takes that has no parts: what it is, and eight bytes. */
const VALUE_BYTES = 9
/** What an object takes besides its parts, and a text besides its characters: what it is, and its lengths. */
const OBJECT_BYTES = 24
const TEXT_BYTES = 8
/** An array longer than this is gone through by its keys: it may be nearly all holes, which a clone leaves out. */
const LONGEST_BY_INDEX = 2 ** 20

/**
 * How many bytes a structured clone of `item` carries besides what is in `transfer`: as many at most, by the format in which V8 clones.
 * A text counts with two bytes a character, although most take one. Calls the item's getters, as cloning does.
 *
 * Cost: each object and value of the item is visited; what is long, texts and buffers, is not read
 */
export function copiedBytes(item: unknown, transfer: readonly Transferable[]): number {
  // The record in the ring stands for it.
  if (transfer.includes(item as Transferable)) return 0
  return new CopyCount(transfer).of(item)
}

class CopyCount {
  private bytes = 0
  private readonly known: Set<unknown>
  /** Objects that were counted without their parts. */
  private readonly open: object[] = []

  constructor(transfer: readonly Transferable[]) {
    this.known = new Set<unknown>(transfer)
  }

  of(item: unknown): number {
    this.add(item)
    for (let next = this.open.pop(); next !== undefined; next = this.open.pop()) this.addParts(next)
    return this.bytes
  }

  private add(value: unknown): void {
    this.bytes += VALUE_BYTES
    if (typeof value === 'string') this.addText(value)
    else if (typeof value === 'bigint') this.bytes += value.toString(16).length
    else if (typeof value === 'object' && value !== null && !this.known.has(value)) {
      this.known.add(value)
      this.bytes += OBJECT_BYTES
      this.open.push(value)
    }
  }

  private addText(text: string): void {
    this.bytes += TEXT_BYTES + 2 * text.length
  }

  private addParts(value: object): void {
    switch (kindOf(value)) {
      case 'object':
        this.addProperties(value)
        return
      case 'array':
        this.addElements(value as unknown[])
        return
      case 'arrayBuffer':
        this.bytes += (value as ArrayBuffer).byteLength
        return
      case 'view':
        // A clone takes the whole buffer along.
        this.add((value as ArrayBufferView).buffer)
        return
      case 'map':
        for (const [key, part] of value as Map<unknown, unknown>) {
          this.add(key)
          this.add(part)
        }
        return
      case 'set':
        for (const part of value as Set<unknown>) this.add(part)
        return
      case 'regexp':
        this.addText((value as RegExp).source)
        return
      case 'boxed':
        this.add(value.valueOf())
        return
      case 'error': {
        const { name, message, stack, cause } = value as Error
        for (const part of [name, message, stack, cause]) this.add(part)
        return
      }
      case 'date':
      case 'refused':
    }
  }

  private addProperties(value: object): void {
    for (const [key, part] of Object.entries(value)) {
      this.addText(key)
      this.add(part)
    }
  }

  private addElements(value: unknown[]): void {
    if (value.length > LONGEST_BY_INDEX) this.addProperties(value)
    else for (let i = 0; i < value.length; i++) this.add(value[i])
  }
}
