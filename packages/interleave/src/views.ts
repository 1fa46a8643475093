// Views of shared memory: where their elements are, and the methods that move more than one of them.
import { Unsupported } from './errors.js'
import {
  type Answer,
  BYTES_PER_ELEMENT,
  ELEMENT_TYPES,
  type ElementType,
  type Operation,
  type Place,
  type SharedView,
  type Site,
} from './operation.js'
import type { Callable, Step } from './steps.js'

export function isSharedView(value: unknown): value is SharedView {
  return ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer && !(value instanceof DataView)
}

function elementTypeOf(view: SharedView, site: Site): ElementType {
  const name = view[Symbol.toStringTag] as ElementType
  if (!ELEMENT_TYPES.includes(name)) throw new Unsupported(`${name} on shared memory is not modelled (${at(site)})`)
  return name
}

export function at(site: Site): string {
  return `${site.file}:${site.line}`
}

export function indexOf(view: SharedView, key: unknown): number {
  const index = Number(key)
  return Number.isInteger(index) && index >= 0 && index < view.length ? index : -1
}

export function placeOf(view: SharedView, index: number, count: number, site: Site): Place {
  const type = elementTypeOf(view, site)
  return {
    buffer: view.buffer as unknown as SharedArrayBuffer,
    byteOffset: view.byteOffset + index * BYTES_PER_ELEMENT[type],
    type,
    count,
  }
}

function* readRange(view: SharedView, start: number, end: number, site: Site): Generator<Operation, number[], Answer> {
  if (end <= start) return []
  const answer = yield { kind: 'read', place: placeOf(view, start, end - start, site), site }
  return typeof answer === 'number' ? [answer] : [...answer]
}

function* writeRange(view: SharedView, start: number, values: readonly number[], site: Site): Step {
  if (values.length > 0) yield { kind: 'write', place: placeOf(view, start, values.length, site), values, site }
  return undefined
}

function rangeOf(length: number, from: unknown, to: unknown): readonly [number, number] {
  const clamp = (value: unknown, fallback: number) => {
    if (value === undefined) return fallback
    const integer = Math.trunc(Number(value)) || 0
    return integer < 0 ? Math.max(length + integer, 0) : Math.min(integer, length)
  }
  return [clamp(from, 0), clamp(to, length)]
}

/** The typed array methods that move memory; a range is one access of all its elements. */
export function* viewMethod(view: SharedView, name: string, args: readonly unknown[], site: Site): Step {
  switch (name) {
    case 'subarray':
      return Reflect.apply(view.subarray as Callable, view, args)
    case 'set': {
      const [source, offset] = args
      const values = isSharedView(source)
        ? yield* readRange(source, 0, source.length, site)
        : Array.from(source as ArrayLike<number>)
      const start = Number(offset ?? 0)
      if (start < 0 || start + values.length > view.length)
        throw new RangeError(`set: offset is out of bounds (${at(site)})`)
      return yield* writeRange(view, start, values, site)
    }
    case 'fill': {
      const [start, end] = rangeOf(view.length, args[1], args[2])
      yield* writeRange(view, start, new Array<number>(Math.max(end - start, 0)).fill(Number(args[0])), site)
      return view
    }
    case 'copyWithin': {
      const [target] = rangeOf(view.length, args[0], undefined)
      const [start, end] = rangeOf(view.length, args[1], args[2])
      const values = yield* readRange(view, start, Math.min(end, start + view.length - target), site)
      yield* writeRange(view, target, values, site)
      return view
    }
    case 'slice': {
      const [start, end] = rangeOf(view.length, args[0], args[1])
      const values = yield* readRange(view, start, end, site)
      return Reflect.construct(view.constructor, [values])
    }
    default:
      throw new Unsupported(`${name}() on shared memory is not modelled (${at(site)})`)
  }
}

/** DataView accessors, as the bytes that they touch. */
export function* dataViewMethod(view: DataView, name: string, args: readonly unknown[], site: Site): Step {
  const match = /^([gs])et(Int8|Uint8|Int16|Uint16|Int32|Uint32|Float32|Float64)$/.exec(name)
  if (!match) throw new Unsupported(`DataView.${name} on shared memory is not modelled (${at(site)})`)
  const type = `${match[2]}Array` as ElementType
  const size = BYTES_PER_ELEMENT[type]
  const offset = Number(args[0])
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  if (!(offset >= 0 && offset + size <= bytes.length))
    throw new RangeError(`DataView.${name}: offset ${offset} (${at(site)})`)
  const scratch = new DataView(new ArrayBuffer(8))
  const method = Reflect.get(scratch, name) as Callable
  if (match[1] === 'g') {
    const values = yield* readRange(bytes, offset, offset + size, site)
    for (const [i, value] of values.entries()) scratch.setUint8(i, value)
    return Reflect.apply(method, scratch, [0, args[1]])
  }
  Reflect.apply(method, scratch, [0, args[1], args[2]])
  const values = Array.from({ length: size }, (_, i) => scratch.getUint8(i))
  return yield* writeRange(bytes, offset, values, site)
}
