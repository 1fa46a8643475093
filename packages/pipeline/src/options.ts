import { availableParallelism } from 'node:os'
import type { ResourceLimits } from 'node:worker_threads'
import { RateLimiter } from '@millrace/queue'
import type { ErrorPolicy } from './failure.js'

export interface RetryOptions {
  /** How often an item is tried in all, the first time included. @default 3 */
  readonly attempts?: number
  /** Wait before the second attempt, in ms. @default 100 */
  readonly delay?: number
  /** Each further wait is this many times the one before. @default 2 */
  readonly factor?: number
  /** The longest wait, in ms. @default 30000 */
  readonly maxDelay?: number
  /** Lengthen each wait by a random share of up to 100 %, so that items that failed together do not return together. @default true */
  readonly jitter?: boolean
  /** Whether this error deserves another attempt. `attempt` counts from 1. @default every error does */
  readonly retryIf?: (error: unknown, attempt: number) => boolean | Promise<boolean>
}

export interface RateOptions {
  readonly limit: number
  readonly interval: number
  readonly burst?: number
}

/** What every stage takes. */
export interface StageOptions {
  /** Items worked on at the same time. @default 1 */
  readonly concurrency?: number
  /** Results leave in the order in which their items came. With `false` as they are ready. @default true */
  readonly ordered?: boolean
  /** Items that may wait in front of the stage before the one above has to. @default max(16, 2 * concurrency) */
  readonly queueSize?: number
  /** Longest time in ms that one attempt may take; the function's signal is aborted then. @default none */
  readonly timeout?: number
  /** A number is `attempts`. @default one attempt */
  readonly retry?: number | RetryOptions
  /** At most `limit` attempts per `interval` ms; or a limiter that several stages share. @default none */
  readonly rate?: RateOptions | RateLimiter
  /** What becomes of an item that failed for good. @default what `run()` was given, which is 'throw' */
  readonly onError?: ErrorPolicy
}

/** What `mapThreads` takes beside: `concurrency` is how many items are in the threads' hands, at work or next in line. */
export interface ThreadStageOptions extends StageOptions {
  /** Worker threads of the stage. @default the machine's parallelism */
  readonly threads?: number
  /**
   * How many items a thread has in hand, so that it need not wait for the next; `concurrency` is `threads` times this.
   * @default 2, and up to 64 as long as items are so quick that waking a thread for two of them would cost more than the work
   */
  readonly prefetch?: number
  /** How many threads an item may take down before it fails with RemoteLost; the first times it is tried again. @default 3 */
  readonly maxDeliveries?: number
  /** Of each thread's two rings, in bytes; larger items go in pieces. @default 1 MiB */
  readonly capacityBytes?: number
  /** As of a Worker: `maxOldGenerationSizeMb` ends a thread before it takes the process down. */
  readonly resourceLimits?: ResourceLimits
}

export interface ResolvedRetry {
  readonly attempts: number
  readonly delay: number
  readonly factor: number
  readonly maxDelay: number
  readonly jitter: boolean
  readonly retryIf: (error: unknown, attempt: number) => boolean | Promise<boolean>
}

export interface ResolvedStageOptions {
  readonly concurrency: number
  readonly ordered: boolean
  readonly queueSize: number
  readonly timeout: number
  readonly retry: ResolvedRetry
  readonly rate: RateLimiter | undefined
  readonly onError: ErrorPolicy | undefined
}

export interface ResolvedThreadOptions {
  readonly threads: number
  readonly prefetch: number
  readonly maxDeliveries: number
  readonly capacityBytes: number | undefined
  readonly resourceLimits: ResourceLimits | undefined
  readonly stage: ResolvedStageOptions
  /** What the stage's concurrency may grow to while its items are quick. */
  readonly mostAtOnce: number
  /** Whether an attempt's results wait until all are there. */
  readonly isWhole: boolean
}

/** Items that a thread has in hand where nothing is asked for: at first, and at most. */
const standardPrefetch = 2
const mostPrefetch = 64

const threadKeys = ['threads', 'prefetch', 'maxDeliveries', 'capacityBytes', 'resourceLimits']
const stageKeys = ['concurrency', 'ordered', 'queueSize', 'timeout', 'retry', 'rate', 'onError']

function withCode<E extends Error>(error: E): E & { code: string } {
  return Object.assign(error, { code: 'INVALID_OPTION' })
}

export function checkKeys(options: object, known: readonly string[], where: string): void {
  if (typeof options !== 'object' || options === null) {
    throw withCode(new TypeError(`${where}: expects an object of options, got ${String(options)}`))
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw withCode(new TypeError(`${where}: unknown option '${key}'; known are ${known.join(', ')}`))
    }
  }
}

/** A number between `min` and `max`, whole unless `fraction`; anything else throws with the value and the limit. */
export function checkNumber(
  name: string,
  value: unknown,
  where: string,
  { min = 1, max = Number.MAX_SAFE_INTEGER, fraction = false } = {},
): number {
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw withCode(new TypeError(`${where}: ${name} is a number, got ${String(value)}`))
  }
  if (value < min || value > max || !(fraction || value === Number.POSITIVE_INFINITY || Number.isInteger(value))) {
    const kind = fraction ? 'a number' : 'a whole number'
    throw withCode(new RangeError(`${where}: ${name} is ${kind} from ${min} to ${max}, got ${value}`))
  }
  return value
}

export function checkFunction(value: unknown, where: string): void {
  if (typeof value !== 'function') throw withCode(new TypeError(`${where}: expects a function, got ${String(value)}`))
}

function checkBoolean(name: string, value: unknown, where: string): void {
  if (typeof value !== 'boolean')
    throw withCode(new TypeError(`${where}: ${name} is true or false, got ${String(value)}`))
}

export function checkSignal(value: unknown, where: string): void {
  // Duck-typed: one of another realm is as good as the platform's.
  if (value === undefined || typeof (value as Partial<AbortSignal> | null)?.addEventListener === 'function') return
  throw withCode(new TypeError(`${where}: signal is an AbortSignal, got ${String(value)}`))
}

export function checkPolicy(value: unknown, where: string): void {
  if (value === undefined || value === 'throw' || value === 'skip' || value === 'collect') return
  if (typeof value !== 'function') {
    throw withCode(new TypeError(`${where}: onError is 'throw', 'skip', 'collect' or a function, got ${String(value)}`))
  }
}

function resolveRetry(retry: number | RetryOptions | undefined, where: string): ResolvedRetry {
  const given = typeof retry === 'object' ? retry : { attempts: retry ?? 1 }
  checkKeys(given, ['attempts', 'delay', 'factor', 'maxDelay', 'jitter', 'retryIf'], `${where}: retry`)
  const { attempts = 3, delay = 100, factor = 2, maxDelay = 30_000, jitter = true, retryIf = () => true } = given
  checkFunction(retryIf, `${where}: retryIf`)
  checkBoolean('jitter', jitter, where)
  return Object.freeze({
    attempts: checkNumber('attempts', attempts, where, { max: Number.POSITIVE_INFINITY }),
    delay: checkNumber('delay', delay, where, { min: 0, fraction: true }),
    factor: checkNumber('factor', factor, where, { min: 1, fraction: true }),
    maxDelay: checkNumber('maxDelay', maxDelay, where, { min: 0, max: 2 ** 31 - 1, fraction: true }),
    jitter,
    retryIf,
  })
}

function resolveRate(rate: RateOptions | RateLimiter | undefined, where: string): RateLimiter | undefined {
  if (rate === undefined) return undefined
  // A limiter may come from another copy of its package.
  if (typeof rate === 'object' && rate !== null && 'acquire' in rate) return rate
  checkKeys(rate, ['limit', 'interval', 'burst'], `${where}: rate`)
  try {
    return new RateLimiter(rate)
  } catch (error) {
    const { message } = error as Error
    throw withCode(new (error instanceof RangeError ? RangeError : TypeError)(`${where}: rate: ${message}`))
  }
}

export function resolveStageOptions(options: StageOptions, name: string): ResolvedStageOptions {
  const where = `stage '${name}'`
  checkKeys(options, stageKeys, where)
  checkPolicy(options.onError, where)
  const ordered = options.ordered ?? true
  checkBoolean('ordered', ordered, where)
  const concurrency = checkNumber('concurrency', options.concurrency ?? 1, where)
  return Object.freeze({
    concurrency,
    ordered,
    queueSize: checkNumber('queueSize', options.queueSize ?? Math.max(16, 2 * concurrency), where),
    // A timer holds at most 2^31 - 1 ms; beyond, it would fire at once.
    timeout: checkNumber('timeout', options.timeout ?? Number.POSITIVE_INFINITY, where, {
      min: 1,
      max: Number.POSITIVE_INFINITY,
      fraction: true,
    }),
    retry: resolveRetry(options.retry, where),
    rate: resolveRate(options.rate, where),
    onError: options.onError,
  })
}

export function resolveThreadOptions(options: ThreadStageOptions, name: string): ResolvedThreadOptions {
  const where = `stage '${name}'`
  checkKeys(options, [...stageKeys, ...threadKeys], where)
  const { threads = availableParallelism(), maxDeliveries = 3, capacityBytes, resourceLimits, ...rest } = options
  checkNumber('threads', threads, where)
  checkNumber('maxDeliveries', maxDeliveries, where)
  if (capacityBytes !== undefined) checkNumber('capacityBytes', capacityBytes, where)
  const { prefetch = standardPrefetch, ...shared } = rest
  checkNumber('prefetch', prefetch, where)
  const stage = resolveStageOptions({ concurrency: threads * prefetch, ...shared }, name)
  const isFixed = rest.prefetch !== undefined || rest.concurrency !== undefined
  const mostAtOnce = isFixed ? stage.concurrency : threads * mostPrefetch
  return Object.freeze({
    threads,
    prefetch: Math.max(1, Math.ceil(mostAtOnce / threads)),
    mostAtOnce,
    maxDeliveries,
    capacityBytes,
    resourceLimits,
    stage,
    isWhole: stage.timeout !== Number.POSITIVE_INFINITY || stage.retry.attempts > 1,
  })
}
