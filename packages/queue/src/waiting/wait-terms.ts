/** How long a wait may last. Both ways of ending it leave the queue as though the call had never been made. */
export interface WaitOptions {
  /** Ends the wait: it rejects with exactly `signal.reason`. A signal that is already aborted beats everything else. */
  signal?: AbortSignal | undefined
  /** Milliseconds until the wait rejects with `QueueTimeout`. 0 tries once. @default Infinity */
  timeout?: number | undefined
}

/** Wait options that were read once and found good, or the reason why the call is refused before it touches anything. */
export class WaitTerms {
  readonly signal: AbortSignal | undefined
  /** Milliseconds; Infinity when there is no limit. */
  readonly timeout: number
  /** Set when the call must reject at once. A box, because a signal's reason may be undefined or null. */
  readonly refusal: { readonly reason: unknown } | undefined

  constructor(signal: AbortSignal | undefined, timeout: number, refusal?: { readonly reason: unknown }) {
    this.signal = signal
    this.timeout = timeout
    this.refusal = refusal
  }
}

/** The terms of a call without options. */
export const UNLIMITED = new WaitTerms(undefined, Number.POSITIVE_INFINITY)

/**
 * Reads and validates the options of a waiting call; never throws, because waiting calls answer by rejection.
 *
 * Each option is read exactly once, so that an option with a getter cannot change between the check and the wait.
 * Refused: a timeout that is no number or NaN (TypeError), a negative one (RangeError), a signal that is none
 * (TypeError), a signal already aborted (its reason).
 */
export function readTerms(options: WaitOptions | undefined): WaitTerms {
  if (options === undefined) return UNLIMITED
  try {
    return readGiven(options)
  } catch (error) {
    return new WaitTerms(undefined, 0, { reason: error })
  }
}

function readGiven(options: WaitOptions): WaitTerms {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`expected wait options { signal, timeout }, got ${String(options)}`)
  }
  const { signal, timeout = Number.POSITIVE_INFINITY } = options
  if (typeof timeout !== 'number' || Number.isNaN(timeout)) {
    throw new TypeError(`expected timeout to be a number of milliseconds, got ${shown(timeout)}`)
  }
  if (timeout < 0) throw new RangeError(`expected timeout to be at least 0 ms, got ${timeout}`)
  if (signal === undefined) return new WaitTerms(undefined, timeout)
  // Duck-typed: a polyfilled signal, or one of another realm, is as good as the platform's.
  if (typeof signal !== 'object' || signal === null || typeof signal.addEventListener !== 'function') {
    throw new TypeError(`expected signal to be an AbortSignal, got ${shown(signal)}`)
  }
  return new WaitTerms(signal, timeout, signal.aborted ? { reason: signal.reason } : undefined)
}

const shown = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))
