import type { MessagePort } from 'node:worker_threads'
import { unpackThrown } from '../thrown.js'
import { lostThread } from './endpoint.js'
import type { Demand, Supply } from './iterables.js'

/** The port's side of a remote iterator: kept apart from what the reader holds, so that a forgotten reader is noticed. */
class Stock {
  readonly #items: unknown[] = []
  readonly #readers: { resolve: (result: IteratorResult<unknown>) => void; reject: (error: unknown) => void }[] = []
  #asked = 0
  #end: { thrown: unknown } | 'done' | undefined

  constructor(
    private readonly port: MessagePort,
    private readonly ahead: number,
  ) {
    port.on('message', ({ items, done, thrown }: Supply) => {
      this.#asked -= items.length
      this.#items.push(...items)
      if (thrown !== undefined) this.#finish({ thrown: unpackThrown(thrown) })
      else if (done) this.#finish('done')
      this.#serve()
    })
    port.on('close', () => {
      this.#finish({ thrown: lostThread(undefined, undefined, this.#asked) })
      this.#serve()
    })
    port.unref()
  }

  next(): Promise<IteratorResult<unknown>> {
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject })
      this.#serve()
    })
  }

  leave(): void {
    if (this.#end === undefined) this.port.postMessage({ leave: true } satisfies Demand)
    this.#items.length = 0
    this.#finish('done')
    this.#serve()
  }

  #finish(end: { thrown: unknown } | 'done'): void {
    this.#end ??= end
    this.port.close()
  }

  #serve(): void {
    while (this.#readers.length > 0 && (this.#items.length > 0 || this.#end !== undefined)) {
      const { resolve, reject } = this.#readers.shift()!
      if (this.#items.length > 0) {
        resolve({ done: false, value: this.#items.shift() })
      } else if (typeof this.#end === 'object') {
        // An iterator fails once; after that it is at its end.
        reject(this.#end.thrown)
        this.#end = 'done'
      } else {
        resolve({ done: true, value: undefined })
      }
    }
    if (this.#end !== undefined) return
    const wanted = this.#readers.length + this.ahead - this.#items.length - this.#asked
    if (this.#readers.length > 0 && wanted >= Math.max(1, this.ahead / 2)) {
      this.#asked += wanted
      this.port.postMessage({ pull: wanted } satisfies Demand)
    }
    if (this.#readers.length > 0) this.port.ref()
    else this.port.unref()
  }
}

const forgotten = new FinalizationRegistry<Stock>((stock) => stock.leave())

/** An iterator that lives in another thread. It is closed there when the loop is left, and when this object is garbage. */
export class RemoteIterator implements AsyncIterableIterator<unknown> {
  readonly #stock: Stock

  constructor(port: MessagePort, ahead: number) {
    this.#stock = new Stock(port, ahead)
    forgotten.register(this, this.#stock, this)
  }

  next(): Promise<IteratorResult<unknown>> {
    // Holds the iterator, and with it its registration, until the item is there.
    return this.#stock.next().finally(() => this)
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    forgotten.unregister(this)
    this.#stock.leave()
    return { done: true, value }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
