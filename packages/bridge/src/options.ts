import type { Codec } from './codec.js'
import { auto } from './codecs/index.js'
import { MAX_CAPACITY, MIN_CAPACITY } from './layout.js'

export interface BridgeOptions<T> {
  /** Bytes of a lane, one lane a remote end; rounded up to a power of two. @default 1 MiB; 64 bytes to 1 GiB */
  readonly capacityBytes?: number | undefined
  /** Items in flight over all lanes at most. @default no bound */
  readonly maxItems?: number | undefined
  /** How items become bytes. @default auto() */
  readonly codec?: Codec<T> | undefined
  /** Shows in errors and stats. */
  readonly name?: string | undefined
  /** Milliseconds that always-ready consumers of a thread may hold its event loop, together. Infinity = for ever. @default 1 */
  readonly yieldAfter?: number | undefined
  /** 'producer': first in, first out per producer. 'arrival': over all of them, at the price of a ticket a record. @default 'producer' */
  readonly order?: 'producer' | 'arrival' | undefined
  /** What a remote end that died without close() does: reject the next get after everything it had put, or nothing. @default 'throw' */
  readonly onRemoteLost?: 'throw' | 'continue' | undefined
}

/** Bridge options, read once, with every default in place. */
export interface BridgeSettings<T> {
  readonly capacityBytes: number
  /** 0 = no bound. */
  readonly maxItems: number
  readonly codec: Codec<T>
  readonly name: string | undefined
  readonly yieldAfter: number
  readonly isArrival: boolean
  readonly isLossThrown: boolean
}

const DEFAULT_CAPACITY = 2 ** 20
/** Counts are compared by difference. */
const MAX_ITEMS = 2 ** 30

const known = ['capacityBytes', 'maxItems', 'codec', 'name', 'yieldAfter', 'order', 'onRemoteLost']

/**
 * @param more - names of further options that the caller reads itself
 * @throws {TypeError | RangeError} code INVALID_OPTION: an option that is none, of the wrong type, or out of its range
 */
export function readBridgeOptions<T>(options: BridgeOptions<T> = {}, more: readonly string[] = []): BridgeSettings<T> {
  checkKeys(options, [...known, ...more])
  const { codec = auto() as Codec<unknown> as Codec<T>, name, order = 'producer', onRemoteLost = 'throw' } = options
  const capacity = numberOf('capacityBytes', options.capacityBytes, DEFAULT_CAPACITY)
  if (!Number.isInteger(capacity) || capacity < MIN_CAPACITY || capacity > MAX_CAPACITY) {
    throw refused(
      RangeError,
      `expected capacityBytes to be a whole number from ${MIN_CAPACITY} to ${MAX_CAPACITY}, got ${capacity}`,
    )
  }
  const maxItems = numberOf('maxItems', options.maxItems, Number.POSITIVE_INFINITY)
  if (maxItems !== Number.POSITIVE_INFINITY && (!Number.isInteger(maxItems) || maxItems < 1 || maxItems > MAX_ITEMS)) {
    throw refused(
      RangeError,
      `expected maxItems to be a whole number from 1 to ${MAX_ITEMS}, or Infinity, got ${maxItems}`,
    )
  }
  const yieldAfter = numberOf('yieldAfter', options.yieldAfter, 1)
  if (yieldAfter < 0) throw refused(RangeError, `expected yieldAfter to be at least 0 ms, got ${yieldAfter}`)
  if (
    typeof codec !== 'object' ||
    codec === null ||
    typeof codec.encode !== 'function' ||
    typeof codec.decode !== 'function'
  ) {
    throw refused(TypeError, 'expected codec to be a codec: { name, encode, decode }')
  }
  checkName(name)
  return {
    capacityBytes: 2 ** Math.ceil(Math.log2(capacity)),
    maxItems: maxItems === Number.POSITIVE_INFINITY ? 0 : maxItems,
    codec,
    name,
    yieldAfter,
    isArrival: oneOf('order', order, ['producer', 'arrival']) === 'arrival',
    isLossThrown: oneOf('onRemoteLost', onRemoteLost, ['throw', 'continue']) === 'throw',
  }
}

/** @throws {TypeError} for options of `producer()` or `consumer()` that are none, or a name that is no text */
export function checkEndOptions(options: { readonly name?: string | undefined }, keys: readonly string[]): void {
  checkKeys(options, keys)
  checkName(options.name)
}

/** @throws {TypeError} code INVALID_OPTION: no options, or one that is none */
export function checkKeys(options: object, keys: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw refused(TypeError, `expected options to be an object, got ${String(options)}`)
  }
  for (const key of Object.keys(options)) {
    if (!keys.includes(key)) {
      throw refused(TypeError, `there is no option ${JSON.stringify(key)}: there are ${keys.join(', ')}`)
    }
  }
}

function checkName(name: unknown): void {
  if (name !== undefined && typeof name !== 'string') {
    throw refused(TypeError, `expected name to be a string, got ${typeof name}`)
  }
}

function numberOf(key: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || Number.isNaN(value))
    throw refused(TypeError, `expected ${key} to be a number, got ${String(value)}`)
  return value
}

/** The error of an option that cannot be taken: of the platform's own class, and with a stable `code` to match on. */
export function refused(
  Class: typeof TypeError | typeof RangeError,
  message: string,
): Error & { readonly code: 'INVALID_OPTION' } {
  return Object.assign(new Class(message), { code: 'INVALID_OPTION' as const })
}

export function oneOf<C extends string>(key: string, value: C, choices: readonly C[]): C {
  if (choices.includes(value)) return value
  throw refused(
    TypeError,
    `expected ${key} to be one of ${choices.map((c) => JSON.stringify(c)).join(', ')}, got ${String(value)}`,
  )
}
