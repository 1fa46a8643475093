import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Writes a file so that its name never shows half of it: under a temporary name first, then renamed. Aborted or failed, it
 * leaves nothing behind.
 *
 * @returns the path of the finished file
 */
export async function save(folder: string, name: string, bytes: Uint8Array, signal: AbortSignal): Promise<string> {
  const path = join(folder, name)
  const unfinished = join(folder, `.${name}.${process.pid}.part`)
  try {
    await writeFile(unfinished, bytes, { signal })
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
  return path
}
