// What the methods of every end that takes have in common: the home end of a fan-in, and a consumer of a fan-out.
import type { GetManyOptions } from '@millrace/queue'
import type { WaitTerms } from '@millrace/queue/waiting'
import { ItemGetter, ManyGetter } from './getters.js'
import type { Intake } from './intake.js'
import { NOTHING } from './item-source.js'

/** `get()`: takes the next item, or waits for it. */
export function get<T>(intake: Intake<T>, terms: WaitTerms): Promise<T> {
  if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
  try {
    const item = intake.takeNext()
    if (item !== NOTHING) return Promise.resolve(item)
    // A timeout of 0 asks what is there, however long the loop has been busy with this.
    if (intake.mayServe(1) || (terms.timeout === 0 && intake.serveEarlier())) {
      const report = terms.timeout === 0 ? intake.report() : undefined
      if (report !== undefined) return Promise.reject(report.error)
      if (intake.ready()) return Promise.resolve(intake.take())
      const end = intake.endOf('get()')
      if (end !== undefined) return Promise.reject(end.error)
    }
  } catch (error) {
    return Promise.reject(error)
  }
  if (terms.timeout === 0) return Promise.reject(intake.getters.timedOut(0))
  return intake.wait(new ItemGetter<T>(intake), terms)
}

/** `getMany()`: takes what is there up to `max`, once it is `min`. */
export function getMany<T>(intake: Intake<T>, options: GetManyOptions, terms: WaitTerms): Promise<T[]> {
  if (terms.refusal !== undefined) return Promise.reject(terms.refusal.reason)
  const refusal = refusalOfMany(options)
  if (refusal !== undefined) return Promise.reject(refusal)
  const { min = 1, max = Number.POSITIVE_INFINITY } = options
  if (min === 0 || terms.timeout === 0) {
    // As at any timeout, what is there, however few: asked now, however long the loop has been busy with this.
    try {
      if (intake.serveEarlier()) {
        const report = intake.report()
        if (report !== undefined) return Promise.reject(report.error)
        if (intake.ready()) return Promise.resolve(intake.takeMany(max))
        const end = min === 0 ? undefined : intake.endOf('getMany()')
        if (end !== undefined) return Promise.reject(end.error)
      }
    } catch (error) {
      return Promise.reject(error)
    }
    return min === 0 ? Promise.resolve([]) : Promise.reject(intake.getters.timedOut(0, 'getMany()'))
  }
  if (intake.mayServe(1) && !intake.ready()) {
    const end = intake.endOf('getMany()')
    if (end !== undefined) return Promise.reject(end.error)
  }
  return intake.wait(new ManyGetter<T>(intake, min, max), terms)
}

/** @returns why `getMany()` cannot give so many: for a caller that does something before it, which must not be done in vain */
export function refusalOfMany({ min = 1, max = Number.POSITIVE_INFINITY }: GetManyOptions): RangeError | undefined {
  if (!Number.isInteger(min) || min < 0) return new RangeError(`expected min to be a whole number, got ${min}`)
  if (Number.isNaN(max) || max < Math.max(1, min)) {
    return new RangeError(`expected max to be at least min (${min}) and 1, got ${max}`)
  }
  return undefined
}

/** @returns `max` of `batches()`, as a whole number or Infinity */
export function batchLimit(max: number = Number.POSITIVE_INFINITY): number {
  if (typeof max !== 'number' || Number.isNaN(max) || max < 1) {
    throw new RangeError(`expected max to be a number of items of at least 1, got ${String(max)}`)
  }
  return Math.floor(max)
}

/** @returns how many items `taskDone()` counts off */
export function doneCount(count: number): number {
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`expected taskDone() to get a whole number of items, got ${String(count)}`)
  }
  return count
}
