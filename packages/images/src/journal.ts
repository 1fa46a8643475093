import { type FileHandle, open, readFile, truncate } from 'node:fs/promises'
import type { Fingerprints } from './fingerprints.js'

/** What tells that an input is still the one that was worked on; a URL has nothing of the kind. */
export interface InputVersion {
  readonly bytes: number
  readonly modifiedMs: number
}

export interface FinishedOutput {
  /** Absolute. */
  readonly path: string
  readonly width: number
  readonly height: number
  readonly bytes: number
}

interface Entry {
  /** The input's key. */
  readonly input: string
  /** Of the recipe: another recipe makes an entry void. */
  readonly recipe: string
}

export interface FinishedEntry extends Entry {
  readonly event: 'finished'
  readonly version?: InputVersion
  readonly width: number
  readonly height: number
  readonly outputs: readonly FinishedOutput[]
  readonly fingerprints?: Fingerprints
}

/** The picture killed its thread as often as is allowed. */
export interface QuarantinedEntry extends Entry {
  readonly event: 'quarantined'
  readonly version?: InputVersion
  readonly reason: string
}

export type JournalEntry = FinishedEntry | QuarantinedEntry

/**
 * What was finished, a line of JSON each, so that a run can be stopped at any instant and gone on with.
 *
 * An entry is appended after its pictures have their names. Killed between the two, a run makes those pictures again, the
 * same; killed in the middle of a line, it leaves a line that does not parse, which does not count.
 */
export class Journal implements AsyncDisposable {
  readonly #file: FileHandle
  readonly #entries: Map<string, JournalEntry>
  #appending: Promise<void> = Promise.resolve()

  private constructor(file: FileHandle, entries: Map<string, JournalEntry>) {
    this.#file = file
    this.#entries = entries
  }

  /** @param fresh - forgets what the file holds */
  static async open(path: string, { fresh }: { fresh: boolean }): Promise<Journal> {
    const text = fresh ? '' : await readIfThere(path)
    const entries = new Map<string, JournalEntry>()
    const complete = text.slice(0, text.lastIndexOf('\n') + 1)
    for (const line of complete.split('\n')) {
      const entry = parseEntry(line)
      if (entry) entries.set(entry.input, entry)
    }
    const file = await open(path, 'a')
    // Whatever a torn line held, the next one must not be glued to it.
    await truncate(path, Buffer.byteLength(complete))
    return new Journal(file, entries)
  }

  /** What an earlier run with the same recipe noted about an input that has not changed since. */
  find(input: string, recipe: string, version: InputVersion | undefined): JournalEntry | undefined {
    const entry = this.#entries.get(input)
    if (entry?.recipe !== recipe) return undefined
    const { version: noted } = entry
    const isSame = noted?.bytes === version?.bytes && noted?.modifiedMs === version?.modifiedMs
    return isSame ? entry : undefined
  }

  /** Resolves when the line is in the file; lines keep the order of their calls. */
  append(entry: JournalEntry): Promise<void> {
    const written = this.#appending.then(() => this.#file.appendFile(`${JSON.stringify(entry)}\n`))
    this.#appending = written.catch(() => {})
    return written
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#appending
    await this.#file.close()
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<JournalEntry> | null
    const isEntry = entry?.event === 'finished' || entry?.event === 'quarantined'
    return isEntry && typeof entry.input === 'string' ? (entry as JournalEntry) : undefined
  } catch {
    return undefined
  }
}
