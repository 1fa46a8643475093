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
