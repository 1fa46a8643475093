// What transformed code calls in place of its own accesses, calls and `new`s. Everything that is not shared memory is
// done on the spot; everything that is becomes a yielded Operation. Loud rather than silent: what cannot be modelled throws.
import { InvalidScenario, Unsupported } from './errors.js'
import {
  type Answer,
  ARMED,
  type AtomicName,
  BYTES_PER_ELEMENT,
  ELEMENT_TYPES,
  type ElementType,
  type Operation,
  type Place,
  type SharedView,
  type Site,
  TIMED_OUT,
  WAIT_ANSWERS,
} from './operation.js'

export type Step = Generator<Operation, unknown, Answer>
type Explored = (this: unknown, ...args: readonly unknown[]) => Step
type Callable = (this: unknown, ...args: readonly unknown[]) => unknown

const GeneratorFunctionPrototype: unknown = Object.getPrototypeOf(function* () {})

export function isExplored(value: unknown): value is Explored {
  return typeof value === 'function' && Object.getPrototypeOf(value) === GeneratorFunctionPrototype
}

/** Whether this is what an explored function gave back: its steps, still to be taken. */
export function isRunning(value: unknown): value is Step {
  return Object.prototype.toString.call(value) === '[object Generator]'
}

function isNative(value: Callable): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(value))
}

export function isSharedView(value: unknown): value is SharedView {
  return ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer && !(value instanceof DataView)
}

function elementTypeOf(view: SharedView, site: Site): ElementType {
  const name = view[Symbol.toStringTag] as ElementType
  if (!ELEMENT_TYPES.includes(name)) throw new Unsupported(`${name} on shared memory is not modelled (${at(site)})`)
  return name
}

export function at(site: Site): string {
  return `${site.file}:${site.line}`
}

/** Thrown by `check` in a thread: a failure of the explored program, not of the explorer. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed'
}

/** What belongs to one thread of one run: its notes, its callbacks, what it says about itself. */
export class ThreadContext {
  records: readonly (number | string)[] = []
  readonly callbacks = new Map<number, (answer: number) => Step | undefined>()
  /** Callbacks that were promised and not called yet, whether or not their function is known. */
  readonly pending = new Set<number>()
  isDone = false
  /** What setup returned, copied for this thread. */
  shared: unknown

  /** The lowest free number, so that a thread that comes back to where it was looks as it did. */
  reserve(): number {
    let callback = 1
    while (this.pending.has(callback)) callback++
    this.pending.add(callback)
    return callback
  }
  roots: readonly unknown[] | undefined
}

/** The promise of a waitAsync: its continuation is a task of the thread's event loop. */
class WaitAsyncPromise {
  readonly #context: ThreadContext
  readonly #callback: number
  constructor(context: ThreadContext, callback: number) {
    this.#context = context
    this.#callback = callback
  }
  then(continuation: unknown): void {
    this.#context.callbacks.set(this.#callback, (answer) => {
      if (typeof continuation !== 'function') return undefined
      const result: unknown = continuation(WAIT_ANSWERS[answer])
      return isExplored(continuation) ? (result as Step) : undefined
    })
  }
}

export class Runtime {
  /** The thread whose code runs at this moment; set by whoever advances its generator. */
  context = new ThreadContext()
  readonly sites: Site[] = [];

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
        const callback = context.reserve()
        const answer = (yield {
          kind: 'waitAsync',
          place,
          expected: Number(first),
          timeout: timeoutOf(second),
          callback,
          site: where,
        }) as number
        if (answer === ARMED) return { async: true, value: new WaitAsyncPromise(context, callback) }
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
    if (isExplored(callee)) return yield* Reflect.apply(callee, self, args)
    if (typeof callee !== 'function') throw new TypeError(`not a function (${at(this.sites[site]!)})`)
    if (Array.isArray(self) && isExplored(args[0])) {
      const steps = arrayMethod(self, callee.name, args)
      if (steps && callee === Reflect.get(Array.prototype, callee.name)) return yield* steps
    }
    if (!(self instanceof WaitAsyncPromise)) this.#refuseHidden(callee as Callable, args, site)
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
    const site: Site = { file: '(explorer)', line: 0, column: 0, text: '', functionName: '' }
    return {
      record(value: number | string): void {
        runtime.context.records = [...runtime.context.records, value]
      },
      checkpoint(...roots: readonly unknown[]): void {
        runtime.context.roots = roots
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
    const callback = this.context.reserve()
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
    const site: Site = { file: '(event loop)', line: 0, column: 0, text: 'in the event loop', functionName: '' }
    while (context.callbacks.size > 0) {
      const answer = (yield { kind: 'loop', site }) as number
      const callback = answer >> 1
      const continuation = context.callbacks.get(callback)
      context.callbacks.delete(callback)
      context.pending.delete(callback)
      const body = continuation?.((answer & 1) === 1 ? TIMED_OUT : 0)
      if (body) yield* body
    }
    return undefined
  }
}

function indexOf(view: SharedView, key: unknown): number {
  const index = Number(key)
  return Number.isInteger(index) && index >= 0 && index < view.length ? index : -1
}

function placeOf(view: SharedView, index: number, count: number, site: Site): Place {
  const type = elementTypeOf(view, site)
  return {
    buffer: view.buffer as unknown as SharedArrayBuffer,
    byteOffset: view.byteOffset + index * BYTES_PER_ELEMENT[type],
    type,
    count,
  }
}

function timeoutOf(value: unknown): number {
  const timeout = value === undefined ? Number.POSITIVE_INFINITY : Number(value)
  return Number.isNaN(timeout) ? Number.POSITIVE_INFINITY : Math.max(timeout, 0)
}

function* readRange(view: SharedView, start: number, end: number, site: Site): Generator<Operation, number[], Answer> {
  if (end <= start) return []
  const answer = yield { kind: 'read', place: placeOf(view, start, end - start, site), site }
  return typeof answer === 'number' ? [answer] : [...answer]
}

function* writeRange(view: SharedView, start: number, values: readonly number[], site: Site): Step {
  if (values.length > 0) yield { kind: 'write', place: placeOf(view, start, values.length, site), values, site }
  return undefined
}

function rangeOf(length: number, from: unknown, to: unknown): readonly [number, number] {
  const clamp = (value: unknown, fallback: number) => {
    if (value === undefined) return fallback
    const integer = Math.trunc(Number(value)) || 0
    return integer < 0 ? Math.max(length + integer, 0) : Math.min(integer, length)
  }
  return [clamp(from, 0), clamp(to, length)]
}

/** Array methods whose callback touches shared memory; undefined for those that are not modelled. */
function arrayMethod(array: readonly unknown[], name: string, args: readonly unknown[]): Step | undefined {
  const [callback, self] = args as [Explored, unknown]
  const call = (index: number): Step => Reflect.apply(callback, self, [array[index], index, array])
  switch (name) {
    case 'forEach':
    case 'map':
      return mapped(array, call, name === 'map')
    case 'filter':
      return filtered(array, call)
    case 'some':
    case 'every':
    case 'find':
    case 'findIndex':
      return searched(array, call, name)
    default:
      return undefined
  }
}

function* mapped(array: readonly unknown[], call: (index: number) => Step, isKept: boolean): Step {
  const results: unknown[] = []
  for (const index of array.keys()) results.push(yield* call(index))
  return isKept ? results : undefined
}

function* filtered(array: readonly unknown[], call: (index: number) => Step): Step {
  const kept: unknown[] = []
  for (const [index, element] of array.entries()) if (yield* call(index)) kept.push(element)
  return kept
}

function* searched(
  array: readonly unknown[],
  call: (index: number) => Step,
  name: 'some' | 'every' | 'find' | 'findIndex',
): Step {
  for (const index of array.keys()) {
    const isFound = Boolean(yield* call(index)) !== (name === 'every')
    if (isFound) return name === 'find' ? array[index] : name === 'findIndex' ? index : name === 'some'
  }
  return name === 'find' ? undefined : name === 'findIndex' ? -1 : name === 'every'
}

/** The typed array methods that move memory; a range is one access of all its elements. */
function* viewMethod(view: SharedView, name: string, args: readonly unknown[], site: Site): Step {
  switch (name) {
    case 'subarray':
      return Reflect.apply(view.subarray as Callable, view, args)
    case 'set': {
      const [source, offset] = args
      const values = isSharedView(source)
        ? yield* readRange(source, 0, source.length, site)
        : Array.from(source as ArrayLike<number>)
      const start = Number(offset ?? 0)
      if (start < 0 || start + values.length > view.length)
        throw new RangeError(`set: offset is out of bounds (${at(site)})`)
      return yield* writeRange(view, start, values, site)
    }
    case 'fill': {
      const [start, end] = rangeOf(view.length, args[1], args[2])
      yield* writeRange(view, start, new Array<number>(Math.max(end - start, 0)).fill(Number(args[0])), site)
      return view
    }
    case 'copyWithin': {
      const [target] = rangeOf(view.length, args[0], undefined)
      const [start, end] = rangeOf(view.length, args[1], args[2])
      const values = yield* readRange(view, start, Math.min(end, start + view.length - target), site)
      yield* writeRange(view, target, values, site)
      return view
    }
    case 'slice': {
      const [start, end] = rangeOf(view.length, args[0], args[1])
      const values = yield* readRange(view, start, end, site)
      return Reflect.construct(view.constructor, [values])
    }
    default:
      throw new Unsupported(`${name}() on shared memory is not modelled (${at(site)})`)
  }
}

/** DataView accessors, as the bytes that they touch. */
function* dataViewMethod(view: DataView, name: string, args: readonly unknown[], site: Site): Step {
  const match = /^([gs])et(Int8|Uint8|Int16|Uint16|Int32|Uint32|Float32|Float64)$/.exec(name)
  if (!match) throw new Unsupported(`DataView.${name} on shared memory is not modelled (${at(site)})`)
  const type = `${match[2]}Array` as ElementType
  const size = BYTES_PER_ELEMENT[type]
  const offset = Number(args[0])
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  if (!(offset >= 0 && offset + size <= bytes.length))
    throw new RangeError(`DataView.${name}: offset ${offset} (${at(site)})`)
  const scratch = new DataView(new ArrayBuffer(8))
  const method = Reflect.get(scratch, name) as Callable
  if (match[1] === 'g') {
    const values = yield* readRange(bytes, offset, offset + size, site)
    for (const [i, value] of values.entries()) scratch.setUint8(i, value)
    return Reflect.apply(method, scratch, [0, args[1]])
  }
  Reflect.apply(method, scratch, [0, args[1], args[2]])
  const values = Array.from({ length: size }, (_, i) => scratch.getUint8(i))
  return yield* writeRange(bytes, offset, values, site)
}
