import { type Dirent, readdir } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, relative, resolve, sep } from 'node:path'
import { addAbortSignal, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type GlobOptions, glob, isDynamicPattern } from 'tinyglobby'
import { readableExtensions } from './format.js'
import { UsageError } from './usage-error.js'

/** One picture to work on, before anything of it was read. */
export interface Input {
  /** Absolute path or URL; what the journal knows the picture by. */
  readonly key: string
  readonly kind: 'file' | 'url'
  /** Folder of the picture below the input it was found under, with `/`; '' at its top. */
  readonly folder: string
  /** File name without extension. */
  readonly name: string
  /** Without its dot, in lower case; '' without one. */
  readonly extension: string
}

export interface FoundInputs {
  readonly inputs: readonly Input[]
  /**
   * Folders and patterns that hold no picture, files that do not exist, and what only begins like a URL; also each folder on the way
   * that could not be read, with the reason.
   */
  readonly unmatched: readonly string[]
}

/**
 * Finds the pictures behind what the user named: files, folders (searched through), glob patterns, and http(s) URLs.
 * Each picture is listed once, however often it is named; a folder's pictures come in the order of their paths.
 *
 * @param exclude - the output's folder, left out where it lies in one that is searched
 * @throws {UsageError} when that folder itself is to be searched
 */
export async function findInputs(named: Iterable<string>, exclude: string): Promise<FoundInputs> {
  const inputs = new Map<string, Input>()
  const unmatched: string[] = []
  for (const name of named) {
    const unreadable: string[] = []
    const found = isUrl(name) ? urlInputs(name) : await findFiles(name, resolve(exclude), unreadable)
    if (found.length === 0 && unreadable.length === 0) unmatched.push(name)
    unmatched.push(...unreadable)
    for (const input of found) if (!inputs.has(input.key)) inputs.set(input.key, input)
  }
  return { inputs: [...inputs.values()], unmatched }
}

function isUrl(named: string): boolean {
  return /^https?:\/\//i.test(named)
}

function urlInputs(named: string): Input[] {
  if (!URL.canParse(named)) return []
  const url = new URL(named)
  const file = basename(decoded(url.pathname)) || url.hostname
  return [{ key: url.href, kind: 'url', folder: '', ...nameParts(file) }]
}

/** A server may well use a path that is no encoding of anything, such as `/100%.jpg`. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

async function findFiles(named: string, exclude: string, unreadable: string[]): Promise<Input[]> {
  const path = resolve(named)
  const stats = await stat(path).catch(() => undefined)
  if (stats?.isFile()) return [fileInput(path, dirname(path))]
  if (stats?.isDirectory()) return searchFolder(path, exclude, unreadable)
  // A file may well be named `photo[1].jpg`, so a pattern is only what is not a file.
  if (isDynamicPattern(named)) return searchPattern(named, exclude, unreadable)
  return []
}

async function searchFolder(folder: string, exclude: string, unreadable: string[]): Promise<Input[]> {
  const pattern = `**/*.{${readableExtensions.join(',')}}`
  const paths = await glob(pattern, {
    cwd: folder,
    absolute: true,
    caseSensitiveMatch: false,
    expandDirectories: false,
    fs: tellingReader(unreadable),
  })
  return sortedInputs(paths, folder, exclude)
}

async function searchPattern(pattern: string, exclude: string, unreadable: string[]): Promise<Input[]> {
  const slashed = sep === '\\' ? pattern.replaceAll('\\', '/') : pattern
  const fixed = slashed.split('/').slice(0, -1)
  const magic = fixed.findIndex((part) => isDynamicPattern(part))
  const base = (magic < 0 ? fixed : fixed.slice(0, magic)).join('/')
  const root = resolve(slashed.startsWith('/') ? `/${base}` : base)
  const paths = await glob(slashed, { absolute: true, expandDirectories: false, fs: tellingReader(unreadable) })
  return sortedInputs(paths, root, exclude)
}

/** The search passes over a folder that it cannot read, and says nothing: what lies in it would be missing without a word. */
function tellingReader(unreadable: string[]): NonNullable<GlobOptions['fs']> {
  type Callback = (error: NodeJS.ErrnoException | null, entries: Dirent[]) => void
  const read = (path: string, options: { withFileTypes: true }, callback: Callback) =>
    readdir(path, options, (error, entries) => {
      // What is not there, or no folder, matches nothing.
      if (error && error.code !== 'ENOENT' && error.code !== 'ENOTDIR') {
        unreadable.push(`${resolve(path)} (${error.message})`)
      }
      callback(error, entries)
    })
  return { readdir: read as typeof readdir }
}

function sortedInputs(paths: string[], root: string, exclude: string): Input[] {
  if (root === exclude) {
    throw new UsageError(`${root} is searched for pictures and cannot be where they go: choose another --out`)
  }
  const isWithin = exclude.startsWith(withSeparator(root))
  return paths
    .map((path) => resolve(path))
    .filter((path) => !isWithin || !path.startsWith(withSeparator(exclude)))
    .sort()
    .map((path) => fileInput(path, root))
}

/** The root of a file system ends with it already. */
function withSeparator(folder: string): string {
  return folder.endsWith(sep) ? folder : folder + sep
}

function fileInput(path: string, root: string): Input {
  const folder = relative(root, dirname(path)).split(sep).join('/')
  return { key: path, kind: 'file', folder, ...nameParts(basename(path)) }
}

function nameParts(file: string): Pick<Input, 'name' | 'extension'> {
  const extension = extname(file)
  return { name: basename(file, extension), extension: extension.slice(1).toLowerCase() }
}

/**
 * The inputs a list names: one a line, where blank lines and lines that start with `#` do not count; or NUL-separated if the
 * list holds a NUL, and then every name as it is, for that is what programs write.
 */
export function parseList(list: string): string[] {
  if (list.includes('\0')) return list.split('\0').filter((name) => name !== '')
  return list
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/**
 * Reads a list from a file, or from standard input when it is named `-`.
 *
 * @throws {UsageError} when the file cannot be read
 */
export async function readList(from: string, stdin: Readable, signal: AbortSignal): Promise<string[]> {
  if (from === '-') return parseList(await text(addAbortSignal(signal, stdin)))
  try {
    return parseList(await readFile(from, 'utf8'))
  } catch (error) {
    throw new UsageError(`--list ${from} cannot be read: ${(error as Error).message}`)
  }
}
