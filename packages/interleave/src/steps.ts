// Functions that touch shared memory, as the rewriting left them: generators of operations.
import type { Answer, Operation } from './operation.js'

export type Step = Generator<Operation, unknown, Answer>
export type Explored = (this: unknown, ...args: readonly unknown[]) => Step
export type Callable = (this: unknown, ...args: readonly unknown[]) => unknown

const GeneratorFunctionPrototype: unknown = Object.getPrototypeOf(function* () {})

export function isExplored(value: unknown): value is Explored {
  return typeof value === 'function' && Object.getPrototypeOf(value) === GeneratorFunctionPrototype
}

/** Whether this is what an explored function gave back: its steps, still to be taken. */
export function isRunning(value: unknown): value is Step {
  return Object.prototype.toString.call(value) === '[object Generator]'
}

export function isNative(value: Callable): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(value))
}
