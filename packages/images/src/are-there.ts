import { stat } from 'node:fs/promises'

/** Whether every file is there, and of the size that was noted. */
export async function areThere(files: readonly { readonly path: string; readonly bytes?: number }[]): Promise<boolean> {
  for (const { path, bytes } of files) {
    const stats = await stat(path).catch(() => undefined)
    if (!stats?.isFile() || (bytes !== undefined && stats.size !== bytes)) return false
  }
  return true
}
