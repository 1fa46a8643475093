import type { Operation, Place } from './operation.js'

/** What an atomic operation leaves in its word; undefined when it writes nothing. */
export function afterAtomic(operation: Operation, before: number): number | undefined {
  switch (operation.kind) {
    case 'store':
    case 'exchange':
      return operation.value
    case 'add':
      return before + operation.value
    case 'sub':
      return before - operation.value
    case 'and':
      return before & operation.value
    case 'or':
      return before | operation.value
    case 'xor':
      return before ^ operation.value
    case 'compareExchange':
      return before === coerce(operation.place, operation.expected) ? operation.value : undefined
    default:
      return undefined
  }
}

function coerce(place: Place, value: number): number {
  switch (place.type) {
    case 'Int32Array':
      return value | 0
    case 'Uint32Array':
      return value >>> 0
    case 'Int16Array':
      return (value << 16) >> 16
    case 'Uint16Array':
      return value & 0xffff
    case 'Int8Array':
      return (value << 24) >> 24
    default:
      return value & 0xff
  }
}
