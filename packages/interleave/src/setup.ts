// The scenario's start: setup runs alone on real memory; what it returns is what each thread gets a copy of.
import { InvalidScenario } from './errors.js'
import { type Answer, OK, type Operation, type Place, type SharedView } from './operation.js'
import { type Runtime, ThreadContext } from './runtime.js'
import { isRunning } from './steps.js'
import { isSharedView } from './views.js'

/** Runs an explored function to its end with nobody else around. */
export function runAlone<T>(runtime: Runtime, body: () => T): T {
  runtime.context = new ThreadContext()
  const generator: unknown = body()
  if (!isRunning(generator)) return generator as T
  let result = generator.next(0)
  while (!result.done) result = generator.next(perform(result.value))
  return result.value as T
}

function perform(operation: Operation): Answer {
  switch (operation.kind) {
    case 'loop':
    case 'choose':
    case 'onExit':
    case 'post':
    case 'wait':
    case 'waitAsync':
      throw new InvalidScenario(`setup runs alone: ${operation.kind} has no meaning there`)
    case 'notify':
      return 0
  }
  const view = viewOf(operation.place)
  switch (operation.kind) {
    case 'read':
      return operation.place.count === 1 ? view[0]! : Array.from(view)
    case 'write':
      view.set(operation.values)
      return OK
    case 'load':
      return view[0]!
    case 'store':
      view[0] = operation.value
      return OK
    default: {
      const integers = view as Int32Array
      const before = integers[0]!
      if (operation.kind === 'compareExchange')
        Atomics.compareExchange(integers, 0, operation.expected, operation.value)
      else Atomics[operation.kind](integers, 0, operation.value)
      return before
    }
  }
}

const VIEWS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
}

function viewOf(place: Place): SharedView {
  return Reflect.construct(VIEWS[place.type], [place.buffer, place.byteOffset, place.count])
}

/** The shared buffers in what setup returned, named by where they stand. */
export function sharedBuffers(shared: unknown): Map<SharedArrayBuffer, string> {
  const found = new Map<SharedArrayBuffer, string>()
  const visit = (value: unknown, path: string): void => {
    if (value instanceof SharedArrayBuffer) {
      if (!found.has(value)) found.set(value, path || 'shared')
    } else if (isSharedView(value)) visit(value.buffer, path)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) visit(member, path ? `${path}.${key}` : key)
    }
  }
  visit(shared, '')
  return found
}

/** As structuredClone gives it to another thread: plain data is copied, shared memory stays the same. */
export function copyHandle(value: unknown): unknown {
  if (typeof value === 'function') throw new InvalidScenario('setup returned a function: threads get plain data')
  if (typeof value !== 'object' || value === null || value instanceof SharedArrayBuffer) return value
  if (isSharedView(value)) {
    return Reflect.construct(value.constructor, [value.buffer, value.byteOffset, value.length])
  }
  if (Array.isArray(value)) return value.map(copyHandle)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new InvalidScenario(`setup returned a ${value.constructor.name}: threads get plain data`)
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copyHandle(member)]))
}
