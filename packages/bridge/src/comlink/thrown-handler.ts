import type { TransferHandler } from 'comlink'
import { packThrown, unpackThrown } from '../thrown.js'

interface Thrown {
  readonly value: unknown
}

/** Comlink's own form, for a side that has no handlers installed, and beside it the bytes that keep everything. */
interface CarriedThrow {
  readonly isError: boolean
  readonly value: unknown
  readonly thrown?: Uint8Array
}

/** Errors keep the name of their class, code, cause and own properties; whatever else was thrown arrives as a clone. */
export function thrownHandler(original: TransferHandler<Thrown, CarriedThrow>): TransferHandler<Thrown, CarriedThrow> {
  return {
    canHandle: original.canHandle,
    serialize(marked) {
      const [carried, transfer] = original.serialize(marked)
      const { value } = marked
      return value instanceof Error ? [{ ...carried, thrown: packThrown(value) }, transfer] : [carried, transfer]
    },
    deserialize(carried) {
      if (carried.thrown !== undefined) throw unpackThrown(carried.thrown)
      return original.deserialize(carried)
    },
  }
}
