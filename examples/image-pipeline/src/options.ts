import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export interface Options {
  readonly out: string
  readonly threads: number
  readonly width: number
  readonly limit: number
  readonly withBroken: boolean
}

export const usage = `Downloads photographs, develops them in worker threads and saves them.

  npm start -- [options]

  --out <folder>     where the pictures go         (examples/image-pipeline/out)
  --threads <n>      worker threads                (one a core)
  --width <pixels>   widest picture                (900)
  --limit <n>        only the first n photographs  (all 50)
  --with-broken      plants a corrupt, a cut short and a missing photograph
  --help             this text

Exit code: 0 all developed, 1 some failed, 2 wrong usage, 130 interrupted.
`

/** @returns 'help' when that was asked for; throws a TypeError that says what is wrong with the arguments. */
export function parseOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string', default: fileURLToPath(new URL('../out', import.meta.url)) },
      threads: { type: 'string', default: String(availableParallelism()) },
      width: { type: 'string', default: '900' },
      limit: { type: 'string', default: '50' },
      'with-broken': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    out: values.out,
    threads: wholeNumber('threads', values.threads),
    width: wholeNumber('width', values.width),
    limit: wholeNumber('limit', values.limit),
    withBroken: values['with-broken'],
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new TypeError(`--${name} takes a whole number from 1, not '${text}'`)
  return value
}
