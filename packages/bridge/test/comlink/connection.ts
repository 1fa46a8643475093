import { Worker } from 'node:worker_threads'
import { releaseProxy, wrap } from 'comlink'
import { onTestFinished } from 'vitest'
import { installTransferHandlers, nodeEndpoint } from '../../src/comlink/index.js'

installTransferHandlers()

interface Counter {
  next(): Promise<number>
  hang(): Promise<never>
}

/** What the worker of the fixture answers, as seen from here. */
export interface Api {
  add(a: number, b: number): Promise<number>
  state(): Promise<{ closed: number; pulled: number }>
  fail(): Promise<never>
  failWith(value: unknown): Promise<never>
  never(): Promise<never>
  exit(code: number): Promise<never>
  crash(): Promise<never>
  countTo(n: number): Promise<AsyncIterableIterator<number>>
  squares(n: number): Promise<AsyncIterableIterator<number>>
  failing(): Promise<AsyncIterableIterator<number>>
  stuck(): Promise<AsyncIterableIterator<number>>
  uncloneable(): Promise<AsyncIterableIterator<number>>
  sum(numbers: AsyncIterable<number> | Generator<number>): Promise<number>
  firstOf<T>(items: AsyncIterable<T>): Promise<T>
  throwOf(items: AsyncIterable<unknown>): Promise<{ className: string; code: string }>
  untilAbortEvent(signal: AbortSignal): Promise<unknown>
  untilAborted(signal: AbortSignal): Promise<{ name: string; message: string; code: unknown }>
  sameSignal(a: AbortSignal, b: AbortSignal): Promise<boolean>
  timeoutSignal(ms: number): Promise<AbortSignal>
  callBack(callback: (n: number) => number, n: number): Promise<string>
  counter(): Promise<Counter>
  produce(handle: unknown, items: readonly unknown[]): Promise<void>
  produceTransferred(handle: unknown, length: number): Promise<void>
  consume(handle: unknown): Promise<unknown[]>
  [releaseProxy](): void
}

export const fixture = new URL('../fixtures/comlink-api.worker.mjs', import.meta.url)

export function connect(): { api: Api; worker: Worker } {
  const worker = new Worker(fixture)
  onTestFinished(async () => {
    await worker.terminate()
  })
  return { api: wrap<Api>(nodeEndpoint(worker)) as unknown as Api, worker }
}
