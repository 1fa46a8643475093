/** The kinds of views, by the number that stands for them in the bytes; never reorder, only add. */
const names = [
  'Uint8Array',
  'Int8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'DataView',
  'Float16Array',
] as const

interface ViewClass {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayBufferView
  readonly BYTES_PER_ELEMENT?: number
}

const classes = names.map((name) => (globalThis as unknown as Record<string, ViewClass | undefined>)[name])

const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined

/** Subclasses, Buffer among them, and views of other realms count as what they are made of. */
export function viewKind(view: ArrayBufferView): number {
  if (view instanceof Uint8Array) return 0
  return names.indexOf((tagOf.call(view) ?? 'DataView') as (typeof names)[number])
}

export const elementSize = (kind: number): number => classes[kind]?.BYTES_PER_ELEMENT ?? 1

/** @returns undefined when this runtime has no such kind. */
export function createView(
  kind: number,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): ArrayBufferView | undefined {
  const View = classes[kind]
  return View === undefined ? undefined : new View(buffer, byteOffset, length)
}

/** How many elements (a DataView: bytes) a view has. */
export const viewLength = (view: ArrayBufferView, kind: number): number => view.byteLength / elementSize(kind)

/** Shorter views are as quickly copied from anywhere. */
const ALIGNED_FROM = 64

/**
 * How many zeros stand before a view's bytes, which would begin `at` bytes into the item: those of a long one begin on a multiple
 * of 8. Shared memory is copied eight bytes at a time from there, and one by one from anywhere else.
 */
export const paddingBefore = (at: number, byteLength: number): number => (byteLength < ALIGNED_FROM ? 0 : -at & 7)
