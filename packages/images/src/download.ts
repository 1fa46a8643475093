import { setTimeout as delay } from 'node:timers/promises'
import { RateLimiter } from '@millrace/queue'
import pRetry, { AbortError, type RetryContext } from 'p-retry'

export interface DownloadOptions {
  /** Further attempts after one that failed. */
  readonly retries: number
  /** Milliseconds for one attempt. */
  readonly timeout: number
  /** Attempts started a second, at most. */
  readonly rate?: number
  /** A longer answer is refused before it is read. */
  readonly maxBytes?: number
}

/** An answer that another attempt would not change. */
const isFinal = (status: number): boolean => status < 500 && status !== 408 && status !== 425 && status !== 429

/** Longer than this no server is waited for, whatever it asks. */
const longestWaitMs = 120_000

/** The server asks to be left alone for a while. */
class Busy extends Error {
  constructor(
    message: string,
    readonly waitMs: number,
  ) {
    super(message)
  }
}

export class Downloader {
  readonly #options: DownloadOptions
  readonly #limiter: RateLimiter | undefined

  constructor(options: DownloadOptions) {
    this.#options = options
    const { rate } = options
    if (rate !== undefined) this.#limiter = new RateLimiter({ limit: rate, interval: 1000 })
  }

  /** @throws {Error} after the last attempt; at once for an answer that will stay the same, such as 404 */
  download(url: string, signal: AbortSignal): Promise<Uint8Array> {
    const { retries, timeout } = this.#options
    return pRetry(
      async () => {
        await this.#limiter?.acquire({ signal })
        const late = AbortSignal.timeout(timeout)
        return this.#attempt(url, AbortSignal.any([signal, late])).catch((error) => {
          throw late.aborted && !signal.aborted ? new Error(`no answer within ${timeout / 1000} s`) : error
        })
      },
      {
        retries,
        signal,
        minTimeout: 250,
        maxTimeout: 10_000,
        randomize: true,
        async onFailedAttempt({ error, retriesLeft }: RetryContext) {
          if (error instanceof Busy && retriesLeft > 0) await delay(error.waitMs, undefined, { signal })
        },
      },
    )
  }

  async #attempt(url: string, signal: AbortSignal): Promise<Uint8Array> {
    const response = await fetch(url, { signal }).catch((error: Error) => {
      throw signal.aborted ? signal.reason : reworded(error)
    })
    if (!response.ok) {
      await response.body?.cancel()
      const message = `HTTP ${response.status} ${response.statusText}`.trimEnd()
      if (isFinal(response.status)) throw new AbortError(message)
      const askedSeconds = Number(response.headers.get('retry-after') ?? 0)
      throw askedSeconds > 0 ? new Busy(message, Math.min(askedSeconds * 1000, longestWaitMs)) : new Error(message)
    }
    return this.#read(response, signal)
  }

  async #read(response: Response, signal: AbortSignal): Promise<Uint8Array> {
    const { maxBytes = Infinity } = this.#options
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of response.body ?? []) {
      length += chunk.byteLength
      if (length > maxBytes) throw new AbortError(`the answer exceeds ${maxBytes} bytes`)
      chunks.push(chunk)
    }
    signal.throwIfAborted()
    return Buffer.concat(chunks, length)
  }
}

/** fetch says "fetch failed" whatever happened; its cause says what did. */
function reworded(error: Error): Error {
  const { cause } = error
  return cause instanceof Error ? new Error(cause.message || String(cause), { cause: error }) : error
}
