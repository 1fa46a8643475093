import { resolve } from 'node:path'
import { CommanderError } from 'commander'
import { command, type Given } from './command.js'
import { checkTemplate, defaultTemplate } from './naming.js'
import { optional } from './optional.js'
import { parseBytes, parseCount, parseDuration, parseNumber } from './quantity.js'
import type { Recipe } from './recipe.js'
import { toRecipe } from './recipe-options.js'
import { UsageError } from './usage-error.js'

/** Everything one run needs to know. */
export interface Options {
  /** Files, folders, patterns and URLs. */
  readonly inputs: readonly string[]
  /** Files of further inputs; `-` is standard input. */
  readonly lists: readonly string[]
  readonly out: string
  readonly template: string
  readonly recipe: Recipe
  readonly threads: number
  /** Downloads at once. */
  readonly downloads: number
  /** Downloads started a second, at most. */
  readonly rate?: number
  /** Further attempts after a download failed. */
  readonly retries: number
  /** Milliseconds for one attempt at a download, and for one picture in a thread. */
  readonly timeout: number
  /** Bytes that the pictures in work may take together, estimated. */
  readonly maxMemory?: number
  readonly skipExisting: boolean
  readonly dryRun: boolean
  /** Forget what an earlier run has done. */
  readonly fresh: boolean
  /** Largest Hamming distance of two perceptual hashes that counts as a near-duplicate. */
  readonly duplicates: number
  readonly json: boolean
  readonly report?: string
  readonly quiet: boolean
}

export type Request = { readonly run: Options } | { readonly print: string }

/** @throws {UsageError} saying which argument is wrong and what it may be */
export function parseCommandLine(args: readonly string[], version: string): Request {
  const program = command(version)
  let printed = ''
  program.configureOutput({
    writeOut: (text) => {
      printed += text
    },
    writeErr: () => {},
  })
  try {
    program.parse(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { print: printed }
    throw new UsageError(error.message.replace(/^error: /, ''))
  }
  return { run: toOptions(program.args, program.opts<Given>()) }
}

function toOptions(inputs: readonly string[], given: Given): Options {
  const lists = [...(given.list ?? []), ...(inputs.includes('-') ? ['-'] : [])]
  const named = inputs.filter((input) => input !== '-')
  if (named.length === 0 && lists.length === 0) throw new UsageError('name files, folders, patterns or URLs to work on')
  const recipe = toRecipe(given)
  const template = given.name ?? defaultTemplate(recipe.sizes)
  checkTemplate(template, recipe)
  return {
    inputs: named,
    lists,
    out: resolve(given.out),
    template,
    recipe,
    threads: parseCount('threads', given.threads, { max: 256 }),
    downloads: parseCount('downloads', given.downloads, { max: 1000 }),
    retries: parseCount('retries', given.retries, { min: 0, max: 100 }),
    timeout: parseDuration('timeout', given.timeout),
    skipExisting: given.skipExisting,
    dryRun: given.dryRun,
    fresh: given.fresh,
    duplicates: parseCount('duplicates', given.duplicates, { min: 0, max: 32 }),
    json: given.json,
    quiet: given.quiet,
    ...optional('rate', given.rate, (text) => parseNumber('rate', text, { min: 0.001, max: 1e6 })),
    ...optional('maxMemory', given.maxMemory, (text) => parseBytes('max-memory', text)),
    ...optional('report', given.report, (text) => resolve(text)),
  }
}
