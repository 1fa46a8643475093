// What a thread asks for at a scheduling point. A thread's control state is the operation that it is about to execute.

/** A place in a source file, with the line's text for the report. */
export interface Site {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly text: string
  readonly functionName: string
}

export type SharedView =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array

export const ELEMENT_TYPES = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
] as const
export type ElementType = (typeof ELEMENT_TYPES)[number]
export const BYTES_PER_ELEMENT: Readonly<Record<ElementType, number>> = {
  Int8Array: 1,
  Uint8Array: 1,
  Uint8ClampedArray: 1,
  Int16Array: 2,
  Uint16Array: 2,
  Int32Array: 4,
  Uint32Array: 4,
  Float32Array: 4,
  Float64Array: 8,
}

export type ReadModifyWrite = 'add' | 'sub' | 'and' | 'or' | 'xor' | 'exchange' | 'compareExchange'
export type AtomicName = ReadModifyWrite | 'load' | 'store' | 'wait' | 'waitAsync' | 'notify'

/** Where an access goes: `count` elements of `type` from `byteOffset` on. */
export interface Place {
  readonly buffer: SharedArrayBuffer
  readonly byteOffset: number
  readonly type: ElementType
  readonly count: number
}

export type Operation =
  | { readonly kind: 'read'; readonly place: Place; readonly site: Site }
  | { readonly kind: 'write'; readonly place: Place; readonly values: readonly number[]; readonly site: Site }
  | { readonly kind: 'load'; readonly place: Place; readonly site: Site }
  | { readonly kind: 'store'; readonly place: Place; readonly value: number; readonly site: Site }
  | {
      readonly kind: ReadModifyWrite
      readonly place: Place
      readonly value: number
      readonly expected: number
      readonly site: Site
    }
  | {
      readonly kind: 'wait'
      readonly place: Place
      readonly expected: number
      readonly timeout: number
      readonly site: Site
    }
  | {
      readonly kind: 'waitAsync'
      readonly place: Place
      readonly expected: number
      readonly timeout: number
      readonly callback: number
      readonly site: Site
    }
  | { readonly kind: 'notify'; readonly place: Place; readonly count: number; readonly site: Site }
  /** The thread is back in its event loop: it goes on when a task of its own is there. */
  | { readonly kind: 'loop'; readonly site: Site }
  /** Any of `count` answers may come. */
  | { readonly kind: 'choose'; readonly count: number; readonly site: Site }
  /** From now on the end of `thread` arrives as a task. */
  | { readonly kind: 'onExit'; readonly thread: string; readonly callback: number; readonly site: Site }
  /** A task of the thread's own, to be run from its event loop. */
  | { readonly kind: 'post'; readonly callback: number; readonly site: Site }

/** What an operation answers; numbers for memory, a code for waits. */
export type Answer = number | readonly number[]

/** Answers of 'wait' and 'waitAsync'. */
export const OK = 0
export const NOT_EQUAL = 1
export const TIMED_OUT = 2
export const ARMED = 3
export const WAIT_ANSWERS = ['ok', 'not-equal', 'timed-out', 'armed'] as const
