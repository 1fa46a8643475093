import { createHash } from 'node:crypto'
import { join, normalize, resolve, sep } from 'node:path'
import { extensions, type Format, formatOfExtension } from './format.js'
import type { Input } from './inputs.js'
import { labelOf, type Size } from './size.js'
import { UsageError } from './usage-error.js'

/** One file to be written from a picture. */
export interface PlannedOutput {
  /** Absolute. */
  readonly path: string
  /** Index into the recipe's sizes. */
  readonly size: number
  readonly format: Format
}

/** A picture and the files that it becomes. */
export interface Plan {
  readonly input: Input
  readonly outputs: readonly PlannedOutput[]
}

export interface NamingOptions {
  readonly out: string
  /** @see {defaultTemplate} */
  readonly template: string
  readonly sizes: readonly Size[]
  readonly formats: readonly (Format | 'same')[]
}

const placeholders = ['dir', 'name', 'size', 'ext'] as const

export function defaultTemplate(sizes: readonly Size[]): string {
  return sizes.length > 1 ? '{dir}/{name}-{size}.{ext}' : '{dir}/{name}.{ext}'
}

/** @throws {UsageError} when the template would give two outputs of one picture the same name */
export function checkTemplate(template: string, { sizes, formats }: Pick<NamingOptions, 'sizes' | 'formats'>): void {
  for (const [, placeholder] of template.matchAll(/\{([^}]*)\}/g)) {
    if (!placeholders.some((known) => known === placeholder)) {
      throw new UsageError(`--name knows ${placeholders.map((each) => `{${each}}`).join(' ')}, not {${placeholder}}`)
    }
  }
  const needed = ['name', ...(sizes.length > 1 ? ['size'] : []), ...(formats.length > 1 ? ['ext'] : [])]
  for (const placeholder of needed) {
    if (!template.includes(`{${placeholder}}`)) {
      throw new UsageError(`--name '${template}' lacks {${placeholder}}: outputs would overwrite each other`)
    }
  }
}

/**
 * Gives every output its path. Two inputs that would write the same file do not: the later one's name gets a suffix made
 * from where it comes from, so that it is the same in every run over the same inputs.
 *
 * @throws {UsageError} when an output would replace one of the inputs or lie outside of the output folder
 */
export function planOutputs(inputs: readonly Input[], options: NamingOptions): Plan[] {
  // In lower case: many file systems take A.jpg and a.jpg for one file.
  const taken = new Set<string>()
  const sources = new Set(inputs.map((input) => input.key))
  return inputs.map((input) => {
    const digest = createHash('sha256').update(input.key).digest('hex')
    let outputs = outputsOf(input, input.name, options)
    for (let length = 6; outputs.some(({ path }) => taken.has(path.toLowerCase())); length += 6) {
      outputs = outputsOf(input, `${input.name}-${digest.slice(0, length)}`, options)
    }
    for (const { path } of outputs) {
      if (sources.has(path)) throw new UsageError(`${path} is an input and would be overwritten: choose another --out`)
      taken.add(path.toLowerCase())
    }
    return { input, outputs }
  })
}

function outputsOf(input: Input, name: string, { out, template, sizes, formats }: NamingOptions): PlannedOutput[] {
  const root = resolve(out)
  // `same` and an explicit format may mean one file.
  const wanted = [...new Set(formats.map((format) => (format === 'same' ? sameFormat(input) : format)))]
  return sizes.flatMap((size, index) =>
    wanted.map((format) => {
      const values = { dir: input.folder, name, size: labelOf(size), ext: extensions[format] }
      const file = template.replace(/\{(dir|name|size|ext)\}/g, (_, key: keyof typeof values) => values[key])
      const path = join(root, normalize(file))
      if (!path.startsWith(root + sep)) throw new UsageError(`${file} lies outside of ${root}`)
      return { path, size: index, format }
    }),
  )
}

/** Known before anything is read, so that a file that is there already can be skipped unread. */
function sameFormat(input: Input): Format {
  return formatOfExtension(input.extension) ?? 'jpeg'
}
