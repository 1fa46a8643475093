type ErrorClass = new (message?: string) => Error

/** The platform's classes of errors, by the number that stands for them in the bytes; never reorder, only add. */
const names = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AggregateError',
  'SuppressedError',
  'DOMException',
] as const

const DOM_EXCEPTION = names.indexOf('DOMException')

/** An error taken apart. */
export interface DescribedError {
  /** The platform's class that it is made of, as a number. */
  readonly base: number
  /** The name of its own class, if it has one. */
  readonly className: string | undefined
  readonly name: string | undefined
  /** undefined when it has none of its own. */
  readonly message: string | undefined
  /** key, value, enumerable: stack, cause, AggregateError's errors and everything that somebody added, `code` for one. */
  readonly properties: readonly (readonly [string, unknown, boolean])[]
}

export function describeError(error: Error): DescribedError {
  const base = baseOf(error)
  const ownName: unknown = error.constructor?.name
  const isDomException = base === DOM_EXCEPTION
  const { name, message } = error as { name: unknown; message: unknown }
  const properties: [string, unknown, boolean][] = []
  let hasStack = false
  let ownMessage = isDomException
  for (const key of Object.getOwnPropertyNames(error)) {
    const isEnumerable = Object.prototype.propertyIsEnumerable.call(error, key)
    if (key === 'message' && !isEnumerable && typeof message === 'string') ownMessage = true
    else properties.push([key, (error as unknown as Record<string, unknown>)[key], isEnumerable])
    if (key === 'stack') hasStack = true
  }
  // Some engines keep the stack on the prototype.
  if (!hasStack && typeof error.stack === 'string') properties.push(['stack', error.stack, false])
  return {
    base,
    className: typeof ownName === 'string' && ownName !== '' && ownName !== names[base] ? ownName : undefined,
    name: typeof name === 'string' ? name : undefined,
    message: ownMessage ? String(message) : undefined,
    properties,
  }
}

function baseOf(error: object): number {
  for (let p: object | null = Object.getPrototypeOf(error); p !== null; p = Object.getPrototypeOf(p)) {
    const made: unknown = Object.getOwnPropertyDescriptor(p, 'constructor')?.value
    if (typeof made !== 'function') continue
    const base = names.indexOf(made.name as (typeof names)[number])
    // A class of the program's own may have such a name too; then what it is made of comes further up.
    if (base > 0 && isPlatforms(made, names[base])) return base
  }
  return 0
}

const isPlatforms = (made: Function, name: string): boolean =>
  (globalThis as unknown as Record<string, unknown>)[name] === made ||
  Function.prototype.toString.call(made).includes('[native code]')

/** An error without its properties yet: what they refer to may be the error itself. */
export function createError(described: Omit<DescribedError, 'properties'>): Error {
  const { base, className, name, message } = described
  const error = withoutStack(() => {
    if (base === DOM_EXCEPTION) return new DOMException(message, name)
    const Base = classOf(base)
    if (base >= names.indexOf('AggregateError'))
      return Object.setPrototypeOf(new Error(message), Base.prototype) as Error
    return message === undefined ? new Base() : new Base(message)
  })
  if (className !== undefined) Object.setPrototypeOf(error, prototypeNamed(className, base))
  if (name !== undefined && error.name !== name) defineProperty(error, 'name', name, false)
  return error
}

export function defineProperty(object: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(object, key, { value, enumerable, writable: true, configurable: true })
}

export const isErrorBase = (base: number): boolean => base < names.length

const classOf = (base: number): ErrorClass =>
  (globalThis as unknown as Record<string, ErrorClass | undefined>)[names[base]] ?? Error

const prototypes = new Map<string, object>()

/**
 * The class of an error does not travel, its name does: such errors get a class of that name, so that `constructor.name` and what
 * consoles print stay as they were. One for each name, and only so many.
 */
function prototypeNamed(className: string, base: number): object {
  const Base = classOf(base)
  const key = `${base} ${className}`
  let prototype = prototypes.get(key)
  if (prototype === undefined) {
    if (prototypes.size === 256) return Base.prototype
    const Named = { [className]: class extends Base {} }[className]
    prototype = Named.prototype as object
    prototypes.set(key, prototype)
  }
  return prototype
}

/** The stack that counts comes with the error; taking one here would cost most of decoding it. */
function withoutStack<E>(create: () => E): E {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return create()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
