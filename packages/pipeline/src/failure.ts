/** An item that a stage gave up on: what went in, which error came out, and after how many attempts. */
export interface StageFailure {
  /** The name of the stage. */
  readonly stage: string
  /** Position in the source, from 0, of the item that this one came from (of the first of them after a `batch`). */
  readonly index: number
  /** What the stage was given. */
  readonly input: unknown
  /** What it threw last. */
  readonly error: unknown
  /** How often it was tried, the first time included. */
  readonly attempts: number
}

export type ErrorAction = 'throw' | 'skip' | 'collect'

/**
 * What becomes of an item that failed for good: `'throw'` ends the run with its error, `'skip'` only counts it, `'collect'` keeps it
 * for the report. A function is told of every failure and may answer with one of the three; no answer means `'skip'`.
 */
export type ErrorPolicy = ErrorAction | ((failure: StageFailure) => ErrorAction | void | Promise<ErrorAction | void>)

/** Where an error that ended a run came from. Kept beside the error, so that what the stage threw stays what the caller catches. */
const origins = new WeakMap<object, StageFailure>()

export function rememberFailure(failure: StageFailure): void {
  const { error } = failure
  if ((typeof error === 'object' && error !== null) || typeof error === 'function') origins.set(error, failure)
}

/** The stage, index, input and attempts behind an error that a pipeline threw; `undefined` for any other error and for primitives. */
export function failureOf(error: unknown): StageFailure | undefined {
  return typeof error === 'object' && error !== null ? origins.get(error) : undefined
}
