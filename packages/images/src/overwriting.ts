import { lstatSync, statSync } from 'node:fs'
import type { Plan } from './naming.js'
import { UsageError } from './usage-error.js'

/**
 * Looks for an output that is an input by another name: over a link to its folder, or in other letters where those make no difference.
 * Asked of the file system, because paths do not tell.
 *
 * @throws {UsageError} when an output would replace an input
 */
export function refuseOverwriting(plans: readonly Plan[]): void {
  const files = new Map<string, string>()
  for (const { outputs } of plans) {
    for (const { path } of outputs) {
      // Not what a link leads to: a rename replaces the link.
      const file = identityOf(path, lstatSync)
      if (file !== undefined) files.set(file, path)
    }
  }
  if (files.size === 0) return
  for (const { input } of plans) {
    const file = input.kind === 'file' ? identityOf(input.key, statSync) : undefined
    const path = file && files.get(file)
    if (path) throw new UsageError(`${path} is the input ${input.key} and would be overwritten: choose another --out`)
  }
}

function identityOf(path: string, look: typeof statSync): string | undefined {
  try {
    const { dev, ino } = look(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}
