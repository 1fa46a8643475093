import { numbers } from './numbers.js'
import { objectOf } from './object.js'
import { type Part, wrongSchema } from './parts.js'
import { type Field, isField, type Schema } from './schema.js'
import { arrayPart, listPart, oneOfPart, optionalPart, textPart } from './tails.js'

/** Refuses a schema that holds itself, of which no item would come to an end. */
export function refuseCycle(
  node: Field<unknown> | Schema | undefined,
  path = '',
  around: readonly unknown[] = [],
): void {
  if (typeof node !== 'object' || node === null) return
  if (around.includes(node)) throw wrongSchema(path, node, 'a schema that does not hold itself')
  const within = [...around, node]
  if (isField(node)) {
    refuseCycle(node.of, node.kind === 'list' ? `${path}[]` : path, within)
    return
  }
  for (const [name, each] of Object.entries(node)) refuseCycle(each, path === '' ? name : `${path}.${name}`, within)
}

/** Compiles a schema, or what a field of it holds. `depth` counts the lists around it; `compiles` is for tests. */
export function layOut(node: Field<unknown> | Schema, path = '', depth = 0, compiles = true): Part {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) {
    throw wrongSchema(path, node, 'a field (u32, text, listOf(...) ...) or an object of fields')
  }
  if (!isField(node)) return objectPart(node as Schema, path, depth, compiles)
  const inner = (suffix: string, more: number): Part => {
    if (node.of === undefined) throw wrongSchema(path, node.of, `what ${node.kind} is of`)
    return layOut(node.of, path + suffix, depth + more, compiles)
  }
  switch (node.kind) {
    case 'text':
      return textPart(path)
    case 'optional':
      return optionalPart(inner('', 0))
    case 'list':
      return listPart(inner('[]', 1), path, depth)
    case 'oneOf': {
      const { values } = node
      const isList = Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === 'string')
      if (!isList || values.length > 65536 || new Set(values).size !== values.length) {
        throw wrongSchema(path, values, '1 to 65536 different strings')
      }
      return oneOfPart(values, path)
    }
    default: {
      const part = Object.hasOwn(numbers, node.kind) ? numbers[node.kind](path) : arrayPart(node.kind, path)
      if (part === undefined) throw wrongSchema(path, node.kind, 'a kind of field')
      return part
    }
  }
}

function objectPart(schema: Schema, path: string, depth: number, compiles: boolean): Part {
  const names = Object.keys(schema)
  if (names.length === 0) throw wrongSchema(path, schema, 'an object of at least one field')
  if (names.includes('__proto__')) throw wrongSchema(path, '__proto__', 'a name that a plain object can have')
  let size = 0
  const members = names.map((name) => {
    const node = schema[name]
    const part = layOut(node, path === '' ? name : `${path}.${name}`, depth, compiles)
    const member = { name, part, offset: size, mayLack: isField(node) && node.kind === 'optional' }
    size += part.size
    return member
  })
  return objectOf(members, path, compiles)
}
