export type Kind =
  | 'object'
  | 'array'
  | 'view'
  | 'arrayBuffer'
  | 'map'
  | 'set'
  | 'date'
  | 'regexp'
  | 'error'
  | 'boxed'
  | 'refused'

type Class = abstract new (...args: never[]) => object

const brands: readonly (readonly [Kind, readonly string[]])[] = [
  ['map', ['Map']],
  ['set', ['Set']],
  ['date', ['Date']],
  ['regexp', ['RegExp']],
  ['error', ['Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError']],
  ['error', ['AggregateError', 'SuppressedError', 'DOMException']],
  ['arrayBuffer', ['ArrayBuffer']],
  ['boxed', ['Number', 'String', 'Boolean', 'BigInt']],
  ['refused', ['Symbol', 'SharedArrayBuffer', 'Promise', 'WeakMap', 'WeakSet', 'WeakRef', 'FinalizationRegistry']],
]

const kindOfClass = new Map<string, Kind>(brands.flatMap(([kind, names]) => names.map((name) => [name, kind] as const)))

const judged = new WeakMap<object, Kind>()

/** What an object is to structured cloning, by its chain of prototypes; judged once for each prototype. */
export function kindOf(value: object): Kind {
  const prototype: object | null = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return 'object'
  if (Array.isArray(value)) return 'array'
  if (ArrayBuffer.isView(value)) return 'view'
  let kind = judged.get(prototype)
  if (kind === undefined) {
    kind = judge(prototype)
    judged.set(prototype, kind)
  }
  return kind
}

function judge(prototype: object): Kind {
  for (let p: object | null = prototype; p !== null; p = Object.getPrototypeOf(p)) {
    const name = platformName(p)
    if (name === 'Object') return 'object'
    if (name !== undefined) return kindOfClass.get(name) ?? 'refused'
    // Node's cloneable host objects (KeyObject, X509Certificate ...) say so by a symbol; their state is not in their properties.
    if (Object.getOwnPropertySymbols(p).some((symbol) => symbol.description === 'messaging_clone_symbol'))
      return 'refused'
  }
  return 'object'
}

/**
 * The name under which the platform, of this realm or another, made this prototype; undefined for the prototype of a class of the
 * program's own. A platform's class that is not in the list above keeps its state where its properties do not show it: to copy those
 * would lose it silently.
 */
function platformName(prototype: object): string | undefined {
  const own = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as Class | undefined
  if (typeof own !== 'function') {
    const tag = Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag)?.value as unknown
    return typeof tag === 'string' && /(Generator|Iterator)$/.test(tag) ? 'Iterator' : undefined
  }
  const name = Object.getOwnPropertyDescriptor(own, 'name')?.value as unknown
  if (typeof name !== 'string') return undefined
  if (isNative(own)) return name
  // What a program itself hangs on globalThis is enumerable; what the platform puts there is not.
  const global = Object.getOwnPropertyDescriptor(globalThis, name)
  if (global === undefined || global.enumerable) return undefined
  return Reflect.get(globalThis, name) === own ? name : undefined
}

const isNative = (f: Class): boolean => /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(f))
