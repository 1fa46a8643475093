import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { lock } from './lock.js'

/**
 * The hidden folder inside the output folder that holds what is not finished: pictures being written, and the journal.
 * It lies on the same file system as the pictures, so that a rename makes a picture appear whole or not at all.
 */
export class StateFolder {
  readonly path: string
  readonly journalPath: string
  readonly #unfinished: string
  readonly #out: string
  #count = 0

  constructor(out: string) {
    this.#out = out
    this.path = join(out, '.millrace-images')
    this.journalPath = join(this.path, 'journal.jsonl')
    this.#unfinished = join(this.path, 'unfinished')
  }

  /**
   * Makes the folder, and clears away what a killed run was writing.
   *
   * @throws {UsageError} when another run is at work in it
   */
  async open(): Promise<void> {
    await mkdir(this.path, { recursive: true })
    await lock(join(this.path, 'lock'))
    await rm(this.#unfinished, { recursive: true, force: true })
    await mkdir(this.#unfinished, { recursive: true })
  }

  /** Writes a file so that its name never shows half of it. Aborted or failed, it leaves nothing behind. */
  async write(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const unfinished = join(this.#unfinished, `${process.pid}-${this.#count++}`)
    try {
      await writeFile(unfinished, bytes, { signal })
      await mkdir(dirname(path), { recursive: true })
      await rename(unfinished, path)
    } catch (error) {
      await rm(unfinished, { force: true })
      throw error
    }
  }

  /**
   * Gives the folder free again.
   *
   * @param keepJournal - whether there is something left for another run to go on with
   */
  async close({ keepJournal }: { keepJournal: boolean }): Promise<void> {
    for (const name of await readdir(this.path)) {
      if (keepJournal && name === basename(this.journalPath)) continue
      await rm(join(this.path, name), { recursive: true, force: true })
    }
    // Where nothing was written at all, nothing is left behind.
    for (const folder of [this.path, this.#out]) await rmdir(folder).catch(() => {})
  }
}
