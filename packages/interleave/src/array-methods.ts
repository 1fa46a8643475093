// Array methods that call back into functions that touch shared memory: their steps are taken one by one.
import type { Explored, Step } from './steps.js'

/** Array methods whose callback touches shared memory; undefined for those that are not modelled. */
export function arrayMethod(array: readonly unknown[], name: string, args: readonly unknown[]): Step | undefined {
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
