import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { formats } from './format.js'
import { type MetadataKind, metadataKinds } from './recipe.js'
import { type Fit, fits } from './size.js'

export const standardBackground = 'black'

const epilogue = `
Inputs are files, folders (searched through), glob patterns, http(s) URLs, and lists of those: --list FILE, or - for
standard input (one a line, or NUL-separated).

A run that was stopped, even by kill -9, goes on where it was when the same command is given again. Pictures appear under
their names only when they are complete.

Exit codes: 0 all good, 1 some pictures failed, 2 wrong usage, 3 nothing matched, 130 interrupted.

Examples:
  millrace-images photos --size 1600,400 --format webp,jpeg --out web
  millrace-images 'scans/**/*.tif' --crop 5%,5%,90%,90% --format avif --quality avif=55
  find . -name '*.png' -print0 | millrace-images - --format same --grayscale --json > report.json
`

/** The options as they were given, not yet looked at. */
export interface Given {
  list?: string[]
  out: string
  name?: string
  size: string[]
  format: string[]
  quality: string[]
  effort?: string
  lossless: boolean
  fit: Fit
  position: string
  background: string
  enlarge: boolean
  orient: boolean
  crop?: string
  rotate: string
  flip: boolean
  flop: boolean
  grayscale: boolean
  blur?: string
  sharpen?: string | true
  filter?: string
  metadata: MetadataKind
  animation: boolean
  hashes: boolean
  duplicates: string
  threads: string
  downloads: string
  rate?: string
  retries: string
  timeout: string
  maxPixels: string
  maxMemory?: string
  skipExisting: boolean
  dryRun: boolean
  fresh: boolean
  json: boolean
  report?: string
  quiet: boolean
}

/** Repeated or separated by commas; the first use replaces the default. */
function listOption(flags: string, description: string, defaults: readonly string[]): Option {
  const given: string[] = []
  return new Option(flags, description).default([...defaults], defaults.join(',')).argParser((text) => {
    given.push(...text.split(',').map((part) => part.trim()))
    return given
  })
}

/** What the options are called, take and default to; what they mean is read by `parseCommandLine()`. */
export function command(version: string): Command {
  return new Command('millrace-images')
    .description('Resizes, converts and fingerprints photographs in worker threads.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this text')
    .argument('[inputs...]', 'files, folders, patterns, URLs, or - for a list on standard input')
    .exitOverride()
    .configureHelp({ optionDescription: describe })
    .optionsGroup('Input and output:')
    .option('-l, --list <file>', 'inputs from a list, one a line (repeatable)', (text, all: string[] = []) => [
      ...all,
      text,
    ])
    .option('-o, --out <folder>', 'where the pictures go', 'millrace-out')
    .option('--name <template>', 'file names, of {dir} {name} {size} {ext}')
    .addOption(
      listOption('-s, --size <sizes>', 'original, 800 (width), x600 (height), 800x600 (box), 50%', ['original']),
    )
    .addOption(listOption('-f, --format <formats>', `same, ${formats.join(', ')}`, ['same']))
    .option('--skip-existing', 'leave out pictures whose files are there', false)
    .option('--fresh', 'do not go on with an earlier run', false)
    .option('-n, --dry-run', 'say what would be written, write nothing', false)
    .optionsGroup('Picture:')
    .addOption(new Option('--fit <fit>', 'how a box is filled').choices(fits).default('inside'))
    .option('--position <where>', 'what a cover box keeps: attention, entropy, centre, top, ...', 'centre')
    .option(
      '--background <colour>',
      'behind contain boxes, rotations and transparency lost to JPEG',
      standardBackground,
    )
    .option('--enlarge', 'blow up what is smaller than a size', false)
    .option('--crop <l,t,w,h>', 'cut out, in pixels or each in %, before resizing')
    .option('--rotate <degrees>', 'turn clockwise', '0')
    .option('--flip', 'mirror top to bottom', false)
    .option('--flop', 'mirror left to right', false)
    .option('--no-orient', "leave the camera's orientation unapplied")
    .option('--grayscale', 'no colours', false)
    .option('--blur <sigma>', 'Gaussian blur, in pixels of the output')
    .option('--sharpen [sigma]', 'sharpen, in pixels of the output')
    .option('--filter <module>', 'a module whose default export is (image, context) => image, of sharp')
    .optionsGroup('Encoding:')
    .addOption(listOption('-q, --quality <n>', '1 to 100, or by format: jpeg=82,avif=50', []))
    .option('--effort <n>', '0 fastest to 10 smallest')
    .option('--lossless', 'WebP and AVIF without loss', false)
    .addOption(new Option('--metadata <kind>', 'what is kept of it').choices(metadataKinds).default('none'))
    .option('--no-animation', 'only the first frame of moving pictures')
    .optionsGroup('Fingerprints:')
    .option('--no-hashes', 'neither BlurHash nor perceptual hash')
    .option('--duplicates <bits>', 'how many of 64 bits near-duplicates may differ in', '6')
    .optionsGroup('Running:')
    .option('-t, --threads <n>', 'worker threads', String(availableParallelism()))
    .option('--downloads <n>', 'downloads at once', '8')
    .option('--rate <n>', 'downloads started a second, at most')
    .option('--retries <n>', 'further attempts at a download', '3')
    .option('--timeout <time>', 'for one download attempt and for one picture in a thread', '60s')
    .option('--max-pixels <n>', 'refuse larger pictures', '268M')
    .option('--max-memory <bytes>', 'what the pictures in work may take together, such as 512M')
    .optionsGroup('Reporting:')
    .option('--json', 'a report on standard output instead of paths', false)
    .option('--report <file>', 'the same report into a file')
    .option('--quiet', 'no progress', false)
    .addHelpText('after', epilogue)
}

function describe({ description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  const choices = argChoices ? `: ${argChoices.join(', ')}` : ''
  const standard = defaultValueDescription ?? (typeof defaultValue === 'string' ? defaultValue : '')
  return `${description}${choices}${standard === '' ? '' : ` (${standard})`}`
}
