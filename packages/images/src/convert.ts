import { access, constants, stat } from 'node:fs/promises'
import { consume, Queue } from '@millrace/queue'
import { areThere } from './are-there.js'
import { Downloader } from './download.js'
import { estimateBytes } from './geometry.js'
import type { FinishedEntry, FinishedOutput, InputVersion, Journal } from './journal.js'
import { MemoryBudget } from './memory-budget.js'
import type { Plan } from './naming.js'
import type { Options } from './options.js'
import type { Failed, Outcome } from './outcome.js'
import { fingerprintOf } from './recipe.js'
import { type RenderResult, RenderThreads } from './render-threads.js'
import { sideBySide } from './side-by-side.js'
import type { StateFolder } from './state-folder.js'

/** A picture between being taken up and having ended. */
interface Job {
  readonly plan: Plan
  readonly version: InputVersion | undefined
  readonly bytesIn: number
  /** Taken from the memory budget. */
  readonly reserved: number
}

export interface ConversionOptions
  extends Pick<Options, 'recipe' | 'template' | 'threads' | 'downloads' | 'retries' | 'timeout' | 'skipExisting'> {
  readonly rate?: number
  readonly maxMemory?: number
}

/**
 * plans -> prepare -> pictures -> render (threads) -> rendered -> finish -> onOutcome
 *
 * Every arrow is a bounded queue. What a picture ended with is told once, and only then is its place in work free again.
 */
export class Conversion {
  readonly #options: ConversionOptions
  readonly #state: StateFolder
  readonly #journal: Journal
  readonly #onOutcome: (outcome: Outcome) => void
  readonly #recipeId: string
  readonly #downloader: Downloader
  readonly #budget: MemoryBudget
  readonly #inWork = new Map<number, Job>()

  constructor(options: ConversionOptions, state: StateFolder, journal: Journal, onOutcome: (outcome: Outcome) => void) {
    const { recipe, template, retries, timeout, rate, maxMemory } = options
    this.#options = options
    this.#state = state
    this.#journal = journal
    this.#onOutcome = onOutcome
    this.#recipeId = fingerprintOf(recipe, template)
    this.#downloader = new Downloader({
      retries,
      timeout,
      ...(rate !== undefined && { rate }),
      ...(maxMemory !== undefined && { maxBytes: maxMemory }),
    })
    this.#budget = new MemoryBudget(maxMemory ?? Infinity)
  }

  /** @throws the signal's reason when aborted; every thread has stopped then, and no unfinished file is left */
  async run(plans: readonly Plan[], outer: AbortSignal): Promise<void> {
    const { threads, recipe, timeout, downloads } = this.#options
    const waiting = new Queue<number>({ maxsize: 64, name: 'plans' })
    const quarantining: Promise<void>[] = []
    await using renderers = new RenderThreads({
      threads: Math.min(threads, plans.length),
      recipe,
      timeout,
      onQuarantined: ({ id }, reason) => void quarantining.push(this.#quarantine(id, reason)),
    })
    await sideBySide(outer, (signal) => {
      const prepare = async () => {
        const prepareOne = (id: number) => this.#prepare(id, plans[id]!, renderers, signal)
        const hasUrls = plans.some(({ input }) => input.kind === 'url')
        await consume(waiting, prepareOne, { concurrency: hasUrls ? downloads : 4, signal })
        renderers.work.shutdown()
      }
      const list = async () => {
        await waiting.putMany(plans.keys(), { signal })
        waiting.shutdown()
      }
      const finish = () =>
        consume(renderers.results, (result) => this.#finish(result, signal), { concurrency: 4, signal })
      return [list(), prepare(), renderers.run(signal), finish()]
    })
    await Promise.all(quarantining)
  }

  /** Finds out what is left to do about a picture, and hands it to the threads when it is their turn. */
  async #prepare(id: number, plan: Plan, { work }: RenderThreads, signal: AbortSignal): Promise<void> {
    const { input, outputs } = plan
    const { skipExisting } = this.#options
    try {
      const version = input.kind === 'file' ? await versionOf(input.key) : undefined
      const noted = this.#journal.find(input.key, this.#recipeId, version)
      if (noted?.event === 'finished' && (await areThere(noted.outputs))) return this.#onOutcome(resumed(noted))
      if (noted?.event === 'quarantined') return this.#fail(plan, noted.reason, 'quarantined')
      if (skipExisting && (await areThere(outputs))) return this.#onOutcome({ status: 'skipped', input: input.key })

      const source = input.kind === 'file' ? input.key : await this.#downloader.download(input.key, signal)
      const bytesIn = version?.bytes ?? source.length
      const reserved = this.#budget.limit === Infinity ? 0 : await this.#needs(source, bytesIn)
      await this.#budget.take(reserved, signal)
      this.#inWork.set(id, { plan, version, bytesIn, reserved })
      await work.put({ id, source, wanted: outputs.map(({ size, format }) => ({ size, format })) }, { signal })
    } catch (error) {
      signal.throwIfAborted()
      this.#leaveWork(id)
      this.#fail(plan, messageOf(error))
    }
  }

  /**
   * Estimates from a picture's header what it takes while it is worked on.
   *
   * @throws {RangeError} when that exceeds the whole budget
   */
  async #needs(source: string | Uint8Array, bytesIn: number): Promise<number> {
    const { recipe } = this.#options
    const { default: sharp } = await import('sharp')
    const header = await sharp(source, { limitInputPixels: false }).metadata()
    const { channels, depth, pages = 1 } = header
    const upright = recipe.autoOrient ? header.autoOrient : header
    const samples = channels * (depth === 'uchar' || depth === undefined ? 1 : 2) * (recipe.animate ? pages : 1)
    const needed = estimateBytes(upright, samples, bytesIn, recipe)
    if (needed > this.#budget.limit) {
      throw new RangeError(`needs about ${needed} bytes, more than --max-memory ${this.#budget.limit}`)
    }
    return needed
  }

  async #finish(result: RenderResult, signal: AbortSignal): Promise<void> {
    const job = this.#inWork.get(result.id)
    // A thread may have died after it handed in its result: the picture was done again.
    if (!job) return
    const { plan, version, bytesIn } = job
    try {
      if ('error' in result) return this.#fail(plan, result.error)
      const { width, height, fingerprints } = result.rendered
      const outputs: FinishedOutput[] = []
      for (const [at, rendered] of result.rendered.outputs.entries()) {
        const { path } = plan.outputs[at]!
        await this.#state.write(path, rendered.bytes, signal)
        outputs.push({ path, width: rendered.width, height: rendered.height, bytes: rendered.bytes.byteLength })
      }
      const made = { input: plan.input.key, width, height, outputs, ...(fingerprints && { fingerprints }) }
      await this.#journal.append({ event: 'finished', recipe: this.#recipeId, ...(version && { version }), ...made })
      this.#onOutcome({ status: 'written', ...made, bytesIn, renderMs: result.renderMs })
    } catch (error) {
      signal.throwIfAborted()
      this.#fail(plan, messageOf(error))
    } finally {
      this.#leaveWork(result.id)
    }
  }

  async #quarantine(id: number, reason: string): Promise<void> {
    const job = this.#leaveWork(id)
    if (!job) return
    const { plan, version } = job
    const entry = { input: plan.input.key, recipe: this.#recipeId, reason, ...(version && { version }) }
    await this.#journal.append({ event: 'quarantined', ...entry })
    this.#fail(plan, reason, 'quarantined')
  }

  #leaveWork(id: number): Job | undefined {
    const job = this.#inWork.get(id)
    if (!job) return undefined
    this.#inWork.delete(id)
    this.#budget.give(job.reserved)
    return job
  }

  #fail({ input }: Plan, error: string, status: Failed['status'] = 'failed'): void {
    this.#onOutcome({ status, input: input.key, error })
  }
}

async function versionOf(path: string): Promise<InputVersion> {
  // libvips takes a file that it may not read for one of an unknown format.
  await access(path, constants.R_OK)
  const { size, mtimeMs } = await stat(path)
  return { bytes: size, modifiedMs: mtimeMs }
}

function resumed({ input, width, height, outputs, fingerprints }: FinishedEntry): Outcome {
  return { status: 'resumed', input, width, height, outputs, ...(fingerprints && { fingerprints }) }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
