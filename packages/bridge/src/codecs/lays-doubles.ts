import type { Codec } from '../codec.js'
import { auto } from './auto.js'
import { float64 } from './float64.js'

/** Whether the codec is one that lays every number, and nothing else in eight bytes, as the double that it is. */
export function laysDoubles<T>(codec: Codec<T>): boolean {
  const known: object = codec
  return known === float64() || known === auto()
}
