/**
 * The order that items have by themselves, smallest first: numbers, bigints, strings (by UTF-16 code unit) and Dates
 * among their own kind, and arrays of those element by element, a shorter array before a longer one that it begins.
 *
 * NaN and an invalid Date come after all others of their kind. In an array what has no order of its own (an object, a
 * function, null) ends the comparison undecided from its second element on, so that `[priority, payload]` compares by
 * priority whatever the payload is.
 *
 * @returns below 0, 0 or above 0, as for `Array.prototype.sort`
 * @throws {TypeError} two kinds that have no order between them, or a kind that has none
 */
export function naturalOrder(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return numberOrder(a, b)
  const kind = kindOf(a)
  if (kind === undefined || kind !== kindOf(b)) {
    throw new TypeError(`no order between ${described(a)} and ${described(b)}; give the queue a compare function`)
  }
  if (kind === 'Array') return arrayOrder(a as readonly unknown[], b as readonly unknown[])
  if (kind === 'Date') return numberOrder((a as Date).getTime(), (b as Date).getTime())
  if (kind === 'number') return numberOrder(a as number, b as number)
  return (a as string | bigint) < (b as string | bigint) ? -1 : (a as string | bigint) > (b as string | bigint) ? 1 : 0
}

function numberOrder(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

function arrayOrder(a: readonly unknown[], b: readonly unknown[]): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    if (i > 0 && (kindOf(a[i]) === undefined || kindOf(b[i]) === undefined)) return 0
    const order = naturalOrder(a[i], b[i])
    if (order !== 0) return order
  }
  return a.length - b.length
}

function kindOf(value: unknown): 'number' | 'bigint' | 'string' | 'Date' | 'Array' | undefined {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string') {
    return typeof value as 'number' | 'bigint' | 'string'
  }
  if (Array.isArray(value)) return 'Array'
  return value instanceof Date ? 'Date' : undefined
}

function described(value: unknown): string {
  const kind = kindOf(value) ?? (value === null ? 'null' : typeof value)
  return kind === 'object' || kind === 'Array' ? `an ${kind.toLowerCase()}` : `a ${kind}`
}
