import { availableParallelism } from 'node:os'
import { FanInQueue, FanOutQueue } from '@millrace/bridge'
import { consume, Queue } from '@millrace/queue'
import { Piscina } from 'piscina'
import { allOrNone } from './all-or-none.js'
import type { DevelopTask } from './develop.worker.js'
import { download, listUrls, nameOf } from './download.js'
import type { Developed, Outcome, Photograph } from './photograph.js'
import { save } from './save.js'

export interface PipelineOptions {
  /** Folder of the finished pictures. */
  readonly out: string
  /** Widest picture, in pixels. */
  readonly width: number
  /** @default one a core */
  readonly threads?: number
  readonly signal: AbortSignal
  readonly onListed?: (total: number) => void
  readonly onDownloaded?: (photograph: Photograph) => void
}

/**
 * list -> urls -> download -> photographs -> develop (threads) -> developed -> save -> outcomes
 *
 * Every arrow is a bounded queue, so the slowest stage sets the pace of all: downloads wait while the threads are busy, the
 * threads wait while the disk is. `urls` and `outcomes` live on this event loop; `photographs` and `developed` are rings in
 * shared memory.
 *
 * @param outcomes - receives how each photograph ended, as they end, and is shut down after the last
 * @throws the signal's reason when aborted, else the first error that is not one photograph's own; either way every thread
 *   has stopped and no unfinished file is left
 */
export async function imagePipeline(
  indexUrl: string,
  outcomes: Queue<Outcome>,
  options: PipelineOptions,
): Promise<void> {
  const { out, width, threads = availableParallelism() } = options
  const urls = new Queue<string>({ maxsize: 16, name: 'urls' })
  await using photographs = new FanOutQueue<Photograph>({ name: 'photographs' })
  await using developed = new FanInQueue<Developed>({ name: 'developed' })

  try {
    await allOrNone(options.signal, (signal) => [
      list(signal),
      downloadAll(signal),
      developAll(signal),
      saveAll(signal),
    ])
  } finally {
    outcomes.shutdown()
  }

  async function list(signal: AbortSignal): Promise<void> {
    const listed = await listUrls(indexUrl, signal)
    options.onListed?.(listed.length)
    await urls.putMany(listed, { signal })
    urls.shutdown()
  }

  async function downloadAll(signal: AbortSignal): Promise<void> {
    const downloadOne = async (url: string) => {
      let photograph: Photograph
      try {
        photograph = await download(url, signal)
      } catch (error) {
        signal.throwIfAborted()
        return outcomes.put({ name: nameOf(url), failedAt: 'download', error: messageOf(error) }, { signal })
      }
      options.onDownloaded?.(photograph)
      await photographs.put(photograph, { signal })
    }
    await consume(urls, downloadOne, { concurrency: 8, signal })
    photographs.shutdown()
  }

  async function developAll(signal: AbortSignal): Promise<void> {
    const pool = new Piscina<DevelopTask, void>({
      filename: new URL('./develop.worker.js', import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      execArgv: [],
    })
    try {
      const tasks = Array.from({ length: threads }, () =>
        pool.run({ photographs: photographs.consumer(), developed: developed.producer(), width }, { signal }),
      )
      await Promise.all(tasks)
      developed.shutdown()
    } finally {
      await pool.destroy()
    }
  }

  async function saveAll(signal: AbortSignal): Promise<void> {
    const saveOne = async (result: Developed) => {
      const { name } = result
      if ('error' in result) return outcomes.put({ name, failedAt: 'develop', error: result.error }, { signal })
      try {
        const path = await save(out, name, result.picture, signal)
        await outcomes.put({ name, path, bytes: result.picture.byteLength }, { signal })
      } catch (error) {
        signal.throwIfAborted()
        await outcomes.put({ name, failedAt: 'save', error: messageOf(error) }, { signal })
      }
    }
    await consume(developed, saveOne, { concurrency: 4, signal })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
