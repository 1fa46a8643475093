import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { UsageError } from './usage-error.js'

/**
 * Keeps two runs from writing into one folder. The file names the process that holds it; one whose process is gone, as after
 * kill -9, is taken over.
 *
 * The lock is given back by removing the file.
 *
 * @throws {UsageError} when another process holds it
 */
export async function lock(path: string): Promise<void> {
  // Written beforehand and linked, so that whoever finds the lock finds a process in it.
  const own = `${path}-${process.pid}`
  await writeFile(own, String(process.pid))
  try {
    while (!(await isLinked(own, path))) {
      const holder = await readFile(path, 'utf8').catch(() => '')
      if (holder !== String(process.pid) && (await isAlive(Number(holder)))) {
        throw new UsageError(`another run writes into this folder: process ${holder}, says ${path}`)
      }
      await rm(path, { force: true })
    }
  } finally {
    await rm(own, { force: true })
  }
}

async function isLinked(existing: string, path: string): Promise<boolean> {
  // FAT and some network shares know no links: there the file is written in place.
  const inPlace = (error: unknown) => {
    if (isTaken(error)) throw error
    return writeFile(path, String(process.pid), { flag: 'wx' })
  }
  try {
    await link(existing, path).catch(inPlace)
    return true
  } catch (error) {
    if (isTaken(error)) return false
    throw error
  }
}

const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EEXIST'

async function isAlive(pid: number): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return !(await isZombie(pid))
}

/** A killed process keeps its number until its parent has asked how it ended. */
async function isZombie(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // The name in parentheses may hold anything; the state follows its last one.
  return /^\s*[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 1))
}
