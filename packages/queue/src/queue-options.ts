import type { Storage } from './storage/storage.js'

/** What a full queue does with a put: make it wait, or make room by dropping an item, told to `onDropped`. */
export type Overflow = 'block' | 'dropOldest' | 'dropNewest'

/** Why an item was dropped. */
export type DropReason = 'overflow' | 'clear' | 'shutdown'

export interface QueueOptions<T> {
  /**
   * How many items the queue holds before a put waits; with `weigh`, how much they may weigh together. 0, a negative
   * number and Infinity mean without limit; a fraction admits while fewer than that are there. @default 0
   */
  maxsize?: number | undefined
  /**
   * What a put does when the queue is full. 'block' waits; 'dropNewest' gives up the item that is being put;
   * 'dropOldest' gives up what has been there longest, whatever the order in which items leave. @default 'block'
   */
  overflow?: Overflow | undefined
  /**
   * Called once for each item that the queue gives up, in order, after the queue has finished changing. What it throws
   * comes out of the call that dropped the item; every other item is told first.
   */
  onDropped?: ((item: T, reason: DropReason) => void) | undefined
  /** The load at which the queue is `paused`: items, or weight with `weigh`; at most `maxsize`, or Infinity for never. @default maxsize */
  highWater?: number | undefined
  /** The load at which a paused queue resumes; below `highWater`. @default floor(highWater / 2) */
  lowWater?: number | undefined
  /** An order of one's own. @default first in, first out */
  storage?: Storage<T> | undefined
  /** What an item counts against `maxsize`: a number, 0 or more. One above `maxsize` is refused. @default 1 each */
  weigh?: ((item: T) => number) | undefined
  /** Capacity 0: nothing is stored, each put waits for its get. Without `maxsize`, `storage`, `weigh`, `overflow`. @default false */
  rendezvous?: boolean | undefined
  /**
   * Fairness, in milliseconds: calls that are served at once for longer than this go on in a new turn of the event
   * loop, so that timers and I/O get their turn. Infinity is never. @default Infinity
   */
  yieldAfter?: number | undefined
  /** Shows in `toString()`, `stats()` and errors. */
  name?: string | undefined
}

/**
 * The error of an option that cannot be taken: of the platform's own class, and with a stable `code` to match on.
 */
export function refused(
  Class: typeof TypeError | typeof RangeError,
  message: string,
): Error & { readonly code: 'INVALID_OPTION' } {
  return Object.assign(new Class(message), { code: 'INVALID_OPTION' as const })
}

type Check = (value: unknown) => string | undefined

const isFunction: Check = (value) => (typeof value === 'function' ? undefined : 'a function')
const isNumber: Check = (value) => (typeof value === 'number' && !Number.isNaN(value) ? undefined : 'a number')
const isOneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string) ? undefined : `one of ${values.join(', ')}`

/** What each option must be; the message's text where it is not. */
const CHECKS: Readonly<Record<keyof QueueOptions<never>, Check>> = {
  maxsize: isNumber,
  overflow: isOneOf('block', 'dropOldest', 'dropNewest'),
  onDropped: isFunction,
  highWater: isNumber,
  lowWater: isNumber,
  storage: (value) => (isStorage(value) ? undefined : 'a Storage with size, push, shift, peek and clear'),
  weigh: isFunction,
  rendezvous: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  yieldAfter: isNumber,
  name: (value) => (typeof value === 'string' ? undefined : 'a string'),
}

/**
 * The options of a queue, checked and frozen; a number is `maxsize`.
 * @throws {TypeError} code INVALID_OPTION: an unknown option, a value of the wrong kind, options that contradict each other
 * @throws {RangeError} code INVALID_OPTION: watermarks out of order or above `maxsize`, a negative `yieldAfter`
 */
export function readQueueOptions<T>(given: number | QueueOptions<T> | undefined): QueueOptions<T> {
  if (given === undefined) return {}
  const options: QueueOptions<T> = typeof given === 'number' ? { maxsize: given } : { ...given }
  if (typeof given !== 'number' && (typeof given !== 'object' || given === null)) {
    throw refused(TypeError, `expected maxsize or an object of queue options, got ${shown(given)}`)
  }
  for (const [key, value] of Object.entries(options)) {
    const check = CHECKS[key as keyof QueueOptions<T>]
    if (check === undefined)
      throw refused(TypeError, `unknown queue option ${key}: known are ${Object.keys(CHECKS).join(', ')}`)
    const wanted = value === undefined ? undefined : check(value)
    if (wanted !== undefined) throw refused(TypeError, `expected ${key} to be ${wanted}, got ${shown(value)}`)
  }
  checkTogether(options)
  return Object.freeze(options)
}

function checkTogether<T>({
  rendezvous,
  maxsize,
  overflow,
  weigh,
  storage,
  yieldAfter = 0,
  ...marks
}: QueueOptions<T>): void {
  const limits =
    maxsize !== undefined || weigh !== undefined || storage !== undefined || (overflow ?? 'block') !== 'block'
  if (rendezvous && limits) {
    throw refused(TypeError, 'a rendezvous queue holds nothing: it takes no maxsize, storage, weigh or overflow policy')
  }
  if (yieldAfter < 0) throw refused(RangeError, `expected yieldAfter to be at least 0 ms, got ${yieldAfter}`)
  const { highWater = Number.POSITIVE_INFINITY, lowWater = 0 } = marks
  if (highWater <= 0) throw refused(RangeError, `expected highWater to be above 0, got ${highWater}`)
  const capacity = capacityOf(maxsize ?? 0)
  if (highWater < Number.POSITIVE_INFINITY && highWater > capacity && !rendezvous) {
    throw refused(RangeError, `expected highWater to be at most maxsize ${capacity}, got ${highWater}`)
  }
  if (lowWater < 0) throw refused(RangeError, `expected lowWater to be at least 0, got ${lowWater}`)
  if (lowWater >= highWater)
    throw refused(RangeError, `expected lowWater ${lowWater} to be below highWater ${highWater}`)
}

/**
 * What is misspelt would be the default without a word.
 * @throws {TypeError} code INVALID_OPTION: no object, or one with an option that is not among `known`
 */
export function checkOptions(options: unknown, known: readonly string[], whose: string): void {
  if (typeof options !== 'object' || options === null) {
    throw refused(TypeError, `expected ${whose} to get an object of options, got ${shown(options)}`)
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw refused(TypeError, `unknown option ${key} of ${whose}: known are ${known.join(', ')}`)
    }
  }
}

/** The options of a queue that has an order of its own. */
export type OrderedQueueOptions<T> = Omit<QueueOptions<T>, 'storage'>

/** The options of a queue whose order is that of `storage`. @throws {TypeError} if they bring a storage besides */
export function orderedBy<T>(
  storage: Storage<T>,
  options: number | OrderedQueueOptions<T> | undefined,
): number | QueueOptions<T> {
  if (options === undefined) return { storage }
  if (typeof options === 'number') return { storage, maxsize: options }
  if (typeof options !== 'object' || options === null) return options
  if ((options as QueueOptions<T>).storage !== undefined) {
    throw refused(TypeError, 'this queue has an order of its own: give a storage to Queue instead')
  }
  return { ...options, storage }
}

/** `maxsize` as it was given. NaN would silently mean without limit, so it is refused. */
export function checkedMaxsize(maxsize: unknown): number {
  const wanted = isNumber(maxsize)
  if (wanted !== undefined) throw refused(TypeError, `expected maxsize to be ${wanted}, got ${shown(maxsize)}`)
  return maxsize as number
}

/** How much `maxsize` admits: a put is admitted while fewer than `maxsize` are there, so a fraction rounds up. */
export function capacityOf(maxsize: number): number {
  return maxsize <= 0 ? Number.POSITIVE_INFINITY : Math.ceil(maxsize)
}

function isStorage(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('size' in value)) return false
  return (['push', 'shift', 'peek', 'clear'] as const).every(
    (method) => typeof (value as Storage<unknown>)[method] === 'function',
  )
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'object' && value !== null ? `an object` : String(value)
}
