import { mkdir } from 'node:fs/promises'
import { Queue } from '@millrace/queue'
import { imagePipeline } from './image-pipeline.js'
import { type Options, parseOptions, usage } from './options.js'
import { startPhotoServer } from './photo-server.js'
import type { Outcome } from './photograph.js'
import { progressOn } from './progress.js'
import { Tally } from './tally.js'

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  let options: Options | 'help'
  try {
    options = parseOptions(args)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`)
    return 2
  }
  if (options === 'help') {
    process.stdout.write(usage)
    return 0
  }
  try {
    await mkdir(options.out, { recursive: true })
  } catch (error) {
    process.stderr.write(`--out cannot be made: ${(error as Error).message}\n`)
    return 2
  }

  const interruption = new AbortController()
  const interrupt = () => interruption.abort()
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  try {
    return await run(options, interruption.signal)
  } catch (error) {
    if (!interruption.signal.aborted) throw error
    process.stderr.write('interrupted: the threads have stopped, no unfinished file is left\n')
    return 130
  }
}

/** @returns the exit code */
async function run({ out, width, threads, limit, withBroken }: Options, signal: AbortSignal): Promise<number> {
  await using server = await startPhotoServer({ limit, withBroken })
  const outcomes = new Queue<Outcome>({ maxsize: 64, name: 'outcomes' })
  const tally = new Tally()
  const progress = progressOn(process.stderr)

  const report = async () => {
    for await (const outcome of outcomes) {
      tally.addOutcome(outcome)
      if ('error' in outcome) progress.say(`failed at ${outcome.failedAt}: ${outcome.name}: ${outcome.error}`)
      progress.advance(tally.done, tally.total, outcome.name)
    }
  }
  try {
    const running = imagePipeline(server.indexUrl, outcomes, {
      out,
      width,
      threads,
      signal,
      onListed: (total) => {
        tally.total = total
      },
      onDownloaded: (photograph) => tally.addDownload(photograph),
    })
    await Promise.all([running, report()])
  } finally {
    progress.end()
  }
  process.stdout.write(tally.toString())
  return tally.failed === 0 ? 0 : 1
}
