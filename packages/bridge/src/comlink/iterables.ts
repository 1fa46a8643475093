export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  // A ReadableStream is transferable itself; Comlink's transfer() takes care of it.
  return (
    typeof value === 'object' && value !== null && Symbol.asyncIterator in value && !(value instanceof ReadableStream)
  )
}

export function isGenerator(value: unknown): value is Generator<unknown> {
  return Object.prototype.toString.call(value) === '[object Generator]'
}

/** From the side that reads: more may be sent; or it has left. */
export type Demand = { readonly pull: number } | { readonly leave: true }

/** From the side that has the iterator: items, and perhaps how it ended. */
export interface Supply {
  readonly items: readonly unknown[]
  readonly done?: true
  /** Thrown by the iterator; bytes of the default codec. */
  readonly thrown?: Uint8Array
}
