import { setTimeout as sleep } from 'node:timers/promises'
import { consume, Queue, RateLimiter } from '@millrace/queue'
import { load } from 'cheerio/slim'
import { startSite } from './site.js'

const WORKERS = 5
const ATTEMPTS = 3

const site = await startSite()
const politeness = new RateLimiter({ limit: 10, interval: 50, burst: 5 }) // for all workers together

/** @typedef {{ url: string, title: string, price: string }} Page */
/** @typedef {{ url: string, error: string, attempts: number }} Miss */

// The workers fill this queue themselves, so it has no limit: if all of them waited for room in it, nobody would make any.
/** @type {Queue<{ url: string, attempt: number }>} */
const frontier = new Queue()

// This one is emptied by somebody else, so it is bounded: a slow reader slows the scraper down.
/** @type {Queue<Page | Miss>} */
const results = new Queue(10)

const seen = new Set()

/** @param {string} href @param {string} base */
function enqueue(href, base) {
  const url = new URL(href, base)
  url.hash = '' // /book/2#reviews is the same page as /book/2
  if (url.origin !== new URL(site.url).origin || seen.has(url.href)) return
  seen.add(url.href)
  frontier.putNowait({ url: url.href, attempt: 1 })
}

class HttpError extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`status ${status}`)
    this.status = status
  }
}

/** @param {string} requested @param {AbortSignal} signal */
async function visit(requested, signal) {
  await politeness.acquire({ signal })
  const response = await fetch(requested, { signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]) })
  const html = await response.text()
  if (!response.ok) throw new HttpError(response.status)
  const { url } = response // where the redirects ended
  seen.add(url)
  const $ = load(html)
  for (const link of $('a[href]')) enqueue($(link).attr('href') ?? '', url)
  return { url, title: $('title').text(), price: $('.price').first().text() }
}

const scraping = consume(
  frontier,
  async ({ url, attempt }, { signal }) => {
    try {
      await results.put(await visit(url, signal))
    } catch (error) {
      if (signal.aborted) throw error
      const permanent = error instanceof HttpError && error.status < 500
      if (permanent || attempt === ATTEMPTS) {
        await results.put({ url, error: `${error}`, attempts: attempt })
      } else {
        await sleep(10 * 2 ** attempt)
        // Put before this job counts as done: the number of unfinished jobs must not touch zero in between.
        frontier.putNowait({ url, attempt: attempt + 1 })
      }
    }
  },
  { concurrency: WORKERS },
)

async function finish() {
  await frontier.join() // every page that was ever put is done, so nobody can find another one
  frontier.shutdown()
  await scraping
  results.shutdown()
}

enqueue('/', site.url)
const finishing = finish()

const pages = /** @type {Page[]} */ ([])
const misses = /** @type {Miss[]} */ ([])
for await (const result of results) {
  if ('error' in result) misses.push(result)
  else pages.push(result)
}
await finishing
site.close()

const prices = pages.filter(({ price }) => price).map(({ price }) => Number(price.slice(1)))
const average = prices.reduce((sum, price) => sum + price) / prices.length
console.log(`${pages.length} pages, ${prices.length} prices, on average £${average.toFixed(2)}`)
for (const { url, error, attempts } of misses.sort((a, b) => a.url.localeCompare(b.url))) {
  console.log(`${new URL(url).pathname}: ${error}, attempts: ${attempts}`)
}

const moved = pages.find(({ title }) => title === 'Offers')
console.log(`/old-offers has moved to ${moved && new URL(moved.url).pathname}`)
console.log(`/shaky answered at visit ${site.visits.get('/shaky')}`)
const books = [...site.visits].filter(([path]) => path.startsWith('/book/'))
console.log(`${books.length} books, none fetched twice: ${books.every(([, visits]) => visits === 1)}`)
