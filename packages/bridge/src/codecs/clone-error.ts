/** The platform's DataCloneError, with its words. */
export function cloneError(value: unknown, why = 'could not be cloned.'): DOMException {
  return new DOMException(`${named(value)} ${why}`, 'DataCloneError')
}

export const isCloneError = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'DataCloneError'

function named(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`
  if (typeof value !== 'object' || value === null) return String(value)
  try {
    const name: unknown = value.constructor?.name
    return typeof name === 'string' && name !== '' ? `#<${name}>` : '#<Object>'
  } catch {
    return '#<Object>'
  }
}

const { keys } = Uint8Array.prototype

/**
 * The bytes of a view that is to be copied.
 *
 * @throws {DOMException} name DataCloneError where its memory is gone, by a transfer, or has become too short for it: such a view says
 *   that it is empty
 */
export function byteLengthOf(view: ArrayBufferView): number {
  try {
    // A DataView throws here, any other view when its items are asked for.
    const { byteLength } = view
    if (byteLength === 0 && 'length' in view) keys.call(view as Uint8Array)
    return byteLength
  } catch {
    throw cloneError(view, 'lies on memory that is gone and could not be cloned.')
  }
}
