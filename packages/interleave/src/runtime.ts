// What transformed code calls in place of its own accesses, calls and `new`s. Everything that is not shared memory is
// done on the spot; everything that is becomes a yielded Operation. Loud rather than silent: what cannot be modelled throws.
import { arrayMethod } from './array-methods.js'
import { InvalidScenario, Unsupported } from './errors.js'
import { ARMED, type AtomicName, type Site, TIMED_OUT, WAIT_ANSWERS } from './operation.js'
import { ExploredPromise, type Microtask } from './promises.js'
import { type Callable, isExplored, isNative, isRunning, type Step } from './steps.js'
import { at, dataViewMethod, indexOf, isSharedView, placeOf, viewMethod } from './views.js'

/** Thrown by `check` in a thread: a failure of the explored program, not of the explorer. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed'
}

/** What belongs to one thread of one run: its notes, its callbacks, what it says about itself. */
export class ThreadContext {
  records: readonly (number | string)[] = []
  readonly callbacks = new Map<number, (answer: number) => Step | undefined>()
  /** Callbacks that were promised and not called yet, whether or not their function is known, and where they were asked for. */
  readonly pending = new Map<number, Site>()
  /** Reactions of promises that are due, in order: they run before any other task. */
  readonly microtasks: Microtask[] = []
  /** Promises that were rejected and that nobody has asked yet. */
  readonly unheard = new Set<ExploredPromise>()
  isDone = false
  /** What setup returned, copied for this thread. */
  shared: unknown

  /** The lowest free number, so that a thread that comes back to where it was looks as it did. */
  reserve(site: Site): number {
    let callback = 1
    while (this.pending.has(callback)) callback++
    this.pending.set(callback, site)
    return callback
  }
  /** What a checkpoint's roots are told apart by; undefined where nobody asks, as in what only runs on to where it was. */
  fingerprint: ((roots: readonly unknown[]) => string) | undefined
  /** What the last checkpoint before the operation had to say: what follows it is a function of that. */
  reached: string | undefined
}

const NOWHERE: Site = { file: '(explorer)', line: 0, column: 0, text: '', functionName: '' }

export class Runtime {
  /** The thread whose code runs at this moment; set by whoever advances its generator. */
  context = new ThreadContext()
  readonly sites: Site[] = []
  /** Where the last call of explored code is. */
  #asking: Site = NOWHERE
  /** What `Promise` is in explored code. */
  readonly Promise: new (
    ...executor: ConstructorParameters<typeof ExploredPromise>
  ) => ExploredPromise

  constructor() {
    const runtime = this
    this.Promise = class ThreadPromise extends ExploredPromise {
      static resolve(value: unknown): ExploredPromise {
        return value instanceof ExploredPromise ? value : new ThreadPromise((resolve) => resolve(value))
      }
      static reject(reason: unknown): ExploredPromise {
        return new ThreadPromise((_, reject) => reject(reason))
      }
      protected override enqueue(job: Microtask): void {
        runtime.context.microtasks.push(job)
      }
      protected override noteUnheard(isUnheard: boolean): void {
        if (isUnheard) runtime.context.unheard.add(this)
        else runtime.context.unheard.delete(this)
      }
    }
  }

  *read(target: unknown, key: unknown, site: number): Step {
    if (isSharedView(target)) {
      const index = indexOf(target, key)
      return index < 0
        ? undefined
        : yield { kind: 'read', place: placeOf(target, index, 1, this.sites[site]!), site: this.sites[site]! }
    }
    return Reflect.get(Object(target), key as PropertyKey, target)
  }

  /** A property that an explored accessor of some class is called like. */
  *property(target: unknown, name: string): Step {
    const accessor: unknown = Reflect.get(Object(target), `__get_${name}`, target)
    if (isExplored(accessor)) return yield* Reflect.apply(accessor, target, [])
    return Reflect.get(Object(target), name, target)
  }

  *write(target: unknown, key: unknown, value: unknown, site: number): Step {
    if (isSharedView(target)) {
      const index = indexOf(target, key)
      if (index >= 0) {
        const where = this.sites[site]!
        yield { kind: 'write', place: placeOf(target, index, 1, where), values: [Number(value)], site: where }
      }
    } else {
      ;(target as Record<PropertyKey, unknown>)[key as PropertyKey] = value
    }
    return value
  }

  *atomic(name: AtomicName | 'isLockFree' | 'pause', args: readonly unknown[], site: number): Step {
    const where = this.sites[site]!
    const [view, key, first, second] = args
    if (name === 'pause') return undefined
    if (!isSharedView(view)) return Reflect.apply(Atomics[name] as Callable, Atomics, args)
    const index = indexOf(view, key)
    if (index < 0)
      throw new RangeError(`Atomics.${name}: index ${String(key)} is outside of ${view.length} (${at(where)})`)
    const place = placeOf(view, index, 1, where)
    switch (name) {
      case 'load':
        return yield { kind: 'load', place, site: where }
      case 'store':
        yield { kind: 'store', place, value: Number(first), site: where }
        return Number(first)
      case 'compareExchange':
        return yield { kind: name, place, expected: Number(first), value: Number(second), site: where }
      case 'notify':
        return yield {
          kind: 'notify',
          place,
          count: first === undefined ? Number.POSITIVE_INFINITY : Number(first),
          site: where,
        }
      case 'wait': {
        const timeout = timeoutOf(second)
        const answer = yield { kind: 'wait', place, expected: Number(first), timeout, site: where }
        return WAIT_ANSWERS[answer as number]
      }
      case 'waitAsync': {
        const { context } = this
        const callback = context.reserve(where)
        const answer = (yield {
          kind: 'waitAsync',
          place,
          expected: Number(first),
          timeout: timeoutOf(second),
          callback,
          site: where,
        }) as number
        if (answer === ARMED) {
          const value = new this.Promise((resolve) => {
            context.callbacks.set(callback, (answer) => {
              resolve(WAIT_ANSWERS[answer])
              return undefined
            })
          })
          return { async: true, value }
        }
        context.pending.delete(callback)
        return { async: false, value: WAIT_ANSWERS[answer] }
      }
      case 'isLockFree':
        return true
      default:
        return yield { kind: name, place, value: Number(first), expected: 0, site: where }
    }
  }

  *call(target: unknown, key: unknown, args: readonly unknown[], site: number): Step {
    const where = this.sites[site]!
    if (isSharedView(target)) return yield* viewMethod(target, String(key), args, where)
    if (target instanceof DataView && target.buffer instanceof SharedArrayBuffer) {
      return yield* dataViewMethod(target, String(key), args, where)
    }
    const method: unknown = Reflect.get(Object(target), key as PropertyKey, target)
    if (typeof method !== 'function') throw new TypeError(`${String(key)} is not a function (${at(where)})`)
    return yield* this.apply(method, target, args, site)
  }

  *apply(callee: unknown, self: unknown, args: readonly unknown[], site: number): Step {
    if (isExplored(callee)) {
      this.#asking = this.sites[site]!
      return yield* Reflect.apply(callee, self, args)
    }
    if (typeof callee !== 'function') throw new TypeError(`not a function (${at(this.sites[site]!)})`)
    if (Array.isArray(self) && isExplored(args[0])) {
      const steps = arrayMethod(self, callee.name, args)
      if (steps && callee === Reflect.get(Array.prototype, callee.name)) return yield* steps
    }
    this.#refuseHidden(callee as Callable, args, site)
    return Reflect.apply(callee as Callable, self, args)
  }

  *construct(callee: unknown, args: readonly unknown[], site: number): Step {
    if (typeof callee !== 'function') throw new TypeError(`not a constructor (${at(this.sites[site]!)})`)
    const body: unknown = (callee.prototype as { __construct?: unknown } | undefined)?.__construct
    if (isExplored(body)) {
      const instance: unknown = Reflect.construct(callee, [])
      yield* Reflect.apply(body, instance, args)
      return instance
    }
    this.#refuseHidden(callee as Callable, args, site)
    return Reflect.construct(callee, args)
  }

  /** `super(…)` in a constructor that became a method: the base's constructor is one too, or there is none to run. */
  *superConstruct(base: unknown, self: unknown, args: readonly unknown[], site: number): Step {
    if (isExplored(base)) return yield* Reflect.apply(base, self, args)
    if (args.length > 0) throw new Unsupported(`super(…) of a class that is not explored (${at(this.sites[site]!)})`)
    return undefined
  }

  /** A call in a function that was judged to touch no shared memory. */
  plain(callee: unknown, self: unknown, args: readonly unknown[], site: number): unknown {
    if (isExplored(callee)) {
      throw new Unsupported(
        `${callee.name || 'a function'} touches shared memory and is called where the analysis did not see it: ${at(this.sites[site]!)}`,
      )
    }
    if (typeof callee !== 'function') throw new TypeError(`not a function (${at(this.sites[site]!)})`)
    this.#refuseHidden(callee as Callable, args, site)
    return Reflect.apply(callee as Callable, self, args)
  }

  plainCall(target: unknown, key: PropertyKey, args: readonly unknown[], site: number): unknown {
    const isView = isSharedView(target) || (target instanceof DataView && target.buffer instanceof SharedArrayBuffer)
    if (isView && key !== 'subarray') {
      throw new Unsupported(
        `${String(key)}() on shared memory where the analysis did not see it: ${at(this.sites[site]!)}`,
      )
    }
    return this.plain(Reflect.get(Object(target), key, target), target, args, site)
  }

  /** In place of a function that cannot be explored: async, a generator, an accessor that touches shared memory. */
  unsupported(what: string, site: number): never {
    throw new Unsupported(`${what} cannot be explored (${at(this.sites[site]!)})`)
  }

  /** A callback that touches shared memory must not go to code that would call it unseen. */
  #refuseHidden(callee: Callable, args: readonly unknown[], site: number): void {
    for (const arg of args) {
      if (isExplored(arg) && isNative(callee)) {
        throw new Unsupported(
          `a callback that touches shared memory goes to ${callee.name || 'native code'}, which calls it unseen: ${at(this.sites[site]!)}`,
        )
      }
    }
  }

  /** What `@millrace/interleave/thread` is inside explored code. */
  intrinsics(): Record<string, unknown> {
    const runtime = this
    const site = NOWHERE
    return {
      record(value: number | string): void {
        runtime.context.records = [...runtime.context.records, value]
      },
      checkpoint(...roots: readonly unknown[]): void {
        runtime.context.reached = runtime.context.fingerprint?.(roots)
      },
      shared(): unknown {
        return runtime.context.shared
      },
      check(condition: unknown, message: string): void {
        if (!condition) throw new CheckFailed(message)
      },
      done(): void {
        runtime.context.isDone = true
      },
      *choose(count: number): Step {
        if (!Number.isInteger(count) || count < 1)
          throw new InvalidScenario(`choose(${count}): want an integer from 1 on`)
        return yield { kind: 'choose', count, site: { ...site, text: `choose(${count})` } }
      },
      *onExit(thread: string, continuation: unknown): Step {
        const callback = runtime.#register(continuation)
        return yield { kind: 'onExit', thread, callback, site: { ...site, text: `onExit('${thread}')` } }
      },
      *post(continuation: unknown): Step {
        const callback = runtime.#register(continuation)
        return yield { kind: 'post', callback, site: { ...site, text: 'post()' } }
      },
    }
  }

  #register(continuation: unknown): number {
    if (typeof continuation !== 'function') throw new TypeError('a callback must be a function')
    const callback = this.context.reserve(this.#asking)
    this.context.callbacks.set(callback, () => {
      const result: unknown = continuation()
      return isExplored(continuation) ? (result as Step) : undefined
    })
    return callback
  }

  /** A whole thread: its function, then its event loop until no callback is left. */
  *thread(main: unknown, shared: unknown, context: ThreadContext): Step {
    context.shared = shared
    const body: unknown = (main as Callable)(shared)
    if (isRunning(body)) yield* body
    yield* this.#runMicrotasks(context)
    const site: Site = { file: '(event loop)', line: 0, column: 0, text: 'in the event loop', functionName: '' }
    while (context.callbacks.size > 0) {
      const answer = (yield { kind: 'loop', site }) as number
      const callback = answer >> 1
      const continuation = context.callbacks.get(callback)
      context.callbacks.delete(callback)
      context.pending.delete(callback)
      const body = continuation?.((answer & 1) === 1 ? TIMED_OUT : 0)
      if (body) yield* body
      yield* this.#runMicrotasks(context)
    }
    return undefined
  }

  *#runMicrotasks(context: ThreadContext): Step {
    for (let job = context.microtasks.shift(); job !== undefined; job = context.microtasks.shift()) {
      const steps = job()
      if (steps) yield* steps
    }
    const [unheard] = context.unheard
    if (unheard) throw unheard.value
    return undefined
  }
}

function timeoutOf(value: unknown): number {
  const timeout = value === undefined ? Number.POSITIVE_INFINITY : Number(value)
  return Number.isNaN(timeout) ? Number.POSITIVE_INFINITY : Math.max(timeout, 0)
}
