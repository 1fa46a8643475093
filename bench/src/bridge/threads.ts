import { Worker } from 'node:worker_threads'
import { workerFile } from '../harness/worker-file.js'

/**
 * Starts a thread of ours and waits until it says that it is ready. A thread that dies or throws ends this process with
 * its error: a figure from a run that lost a thread would mean nothing.
 */
export async function startThread(name: string, workerData: unknown): Promise<Worker> {
  const worker = new Worker(workerFile(name), { workerData, execArgv: [] })
  worker.on('error', (error) => {
    throw new Error(`thread ${name} failed`, { cause: error })
  })
  await new Promise<void>((resolve) => worker.once('message', () => resolve()))
  return worker
}

/** What a thread of ours answers to: "send this many items". */
export interface SendCommand {
  readonly items: number
  /** First number and step, where several producers share one sequence. */
  readonly first?: number
  readonly step?: number
}
