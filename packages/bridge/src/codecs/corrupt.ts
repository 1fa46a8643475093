import { CodecError } from '../errors.js'

/** Bytes that no `encode` of this codec writes. */
export function corrupt(codec: string, what: string): CodecError {
  return new CodecError(
    `${codec}: these bytes are none that it wrote (${what}); do both ends use the same codec?`,
    'CODEC_CORRUPT',
  )
}

/** A value in the words of an error message: short, and never by calling code of the value's own. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}...` : JSON.stringify(value)
    case 'bigint':
      return `${value}n`
    case 'function':
      return `the function ${value.name || '(anonymous)'}`
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? `an array of ${value.length}` : 'an object'
    default:
      return String(value)
  }
}

/** A value that this codec, or this field of it, does not carry. */
export function refused(codec: string, path: string, value: unknown, limit: string): CodecError {
  return new CodecError(
    `${codec}: ${path === '' ? 'the item' : path} is ${shown(value)}, not ${limit}`,
    'CODEC_VALUE',
    {
      path,
      value,
      limit,
    },
  )
}
