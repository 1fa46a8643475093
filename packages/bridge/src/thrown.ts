// Not from an entry: what throws is loaded beside either of them, and would load the other one too.
import { auto } from './codecs/auto.js'

/**
 * What was thrown in one thread, for another one. Structured cloning strips errors of their class, code and properties, so they
 * travel as bytes of the default codec, which keeps them.
 */
export function packThrown(thrown: unknown): Uint8Array {
  try {
    return encoded(thrown)
  } catch {
    // A thrown function, or an object that cannot be cloned: say what it was rather than nothing.
    return encoded(new Error(`another thread threw what cannot be carried to this one: ${described(thrown)}`))
  }
}

/** Its text is made by code of its own, where it has any. */
function described(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return Object.prototype.toString.call(thrown)
  }
}

export function unpackThrown(bytes: Uint8Array): unknown {
  return auto().decode(bytes, 0, bytes.length)
}

function encoded(value: unknown): Uint8Array {
  for (let size = 2048; ; size *= 4) {
    const bytes = new Uint8Array(size)
    const end = auto().encode(value, bytes, 0, size)
    if (end >= 0) return bytes.slice(0, end)
  }
}
