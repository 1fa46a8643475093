import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import prettyBytes from 'pretty-bytes'
import type { Options } from './options.js'
import { parseCommandLine } from './options.js'
import { type Progress, progressOn } from './progress.js'
import type { Report } from './report.js'
import { exitCodes, run } from './run.js'
import { UsageError } from './usage-error.js'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const request = parseCommandLine(args, version)
    if ('print' in request) {
      process.stdout.write(request.print)
      return exitCodes.good
    }
    return await convert(request.run)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`millrace-images: ${error.message}\nmillrace-images --help lists all options\n`)
    return exitCodes.usage
  }
}

async function convert(options: Options): Promise<number> {
  if (options.report !== undefined) checkReport(options.report)
  const interruption = new AbortController()
  const interrupt = () => interruption.abort()
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt)
  // Whoever read the paths has gone, as `| head` does.
  process.stdout.on('error', interrupt)

  const progress = progressOn(process.stderr, options)
  // A terminal shows the bar; a pipe gets the path of every finished file.
  const listsPaths = !options.json && !process.stdout.isTTY
  const startedAt = performance.now()
  let total = 0
  let written = 0
  let report: Report
  try {
    report = await run(
      options,
      { signal: interruption.signal, stdin: process.stdin, version },
      {
        onPlanned(plans, unmatched) {
          total = plans.length
          for (const name of unmatched) progress.say(`nothing matches ${name}`)
        },
        onOutcome(outcome, done, duplicates) {
          if (outcome.status === 'planned' && !options.json) {
            for (const { path } of outcome.outputs) process.stdout.write(`${shown(outcome.input)} -> ${shown(path)}\n`)
          }
          if (options.dryRun) return
          if (outcome.status === 'written') {
            written++
            if (listsPaths) for (const { path } of outcome.outputs) process.stdout.write(`${shown(path)}\n`)
          }
          if ('error' in outcome) progress.say(`${outcome.status}: ${shown(outcome.input)}: ${outcome.error}`)
          for (const { first, second, distance } of duplicates) {
            progress.say(`look alike (${distance} of 64 bits differ): ${shown(first)} and ${shown(second)}`)
          }
          progress.advance(done, total, written / ((performance.now() - startedAt) / 1000))
        },
      },
    )
  } catch (error) {
    if (!interruption.signal.aborted) throw error
    progress.say('interrupted')
    return exitCodes.interrupted
  } finally {
    progress.end()
  }
  conclude(report, options, progress)
  return report.exitCode
}

/** Finds out before the first picture what would otherwise show after the last. Its folder may be one that the run makes. */
function checkReport(path: string): void {
  let there = path
  while (!existsSync(there)) there = dirname(there)
  try {
    accessSync(there, constants.W_OK)
  } catch (error) {
    throw new UsageError(`--report cannot be written: ${(error as Error).message}`)
  }
  const isFolder = statSync(there).isDirectory()
  if (isFolder && there === path) throw new UsageError(`--report cannot be written: ${path} is a folder`)
  if (!isFolder && there !== path) throw new UsageError(`--report cannot be written: ${there} is no folder`)
}

function conclude(report: Report, options: Options, progress: Progress): void {
  const json = `${JSON.stringify(report, null, 2)}\n`
  if (options.json) process.stdout.write(json)
  if (options.report !== undefined) {
    mkdirSync(dirname(options.report), { recursive: true })
    writeFileSync(options.report, json)
  }
  if (options.dryRun) return
  if (report.exitCode === exitCodes.nothingMatched) {
    progress.say('nothing matched')
    return
  }
  progress.say(summaryOf(report))
  if (report.interrupted) progress.say('interrupted: the same command goes on from here')
  else if (report.totals.failed > 0) progress.say('the same command tries only what failed; --fresh starts over')
}

function summaryOf({ totals, seconds, imagesPerSecond }: Report): string {
  const { written, resumed, skipped, failed, quarantined, files, bytesIn, bytesOut } = totals
  return [
    `${written} written (${files} files)`,
    ...(resumed > 0 ? [`${resumed} done before`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    `${failed} failed${quarantined > 0 ? ` (${quarantined} quarantined)` : ''}`,
    `${seconds.toFixed(2)} s`,
    `${imagesPerSecond.toFixed(1)} images/s`,
    `${prettyBytes(bytesIn)} in, ${prettyBytes(bytesOut)} out`,
  ].join(' · ')
}

function shown(path: string): string {
  if (/^https?:/.test(path)) return path
  const near = relative('', path)
  return near.startsWith('..') ? path : near
}
