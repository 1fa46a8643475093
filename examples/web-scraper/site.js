import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

// A small site with the manners of a real one: pages link to each other in circles, some are slow, one moved, one is gone,
// one only answers at the third try and one never does.

const BOOKS = 30

/** @param {string} title @param {string} body */
const page = (title, body) =>
  `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1>${body}</body></html>`

/** @param {number} n */
const book = (n) =>
  page(
    `Book ${n}`,
    `<p class="price">£${(5 + ((n * 7) % 23)).toFixed(2)}</p>
     <a href="/">home</a> <a href="/book/${(n % BOOKS) + 1}#reviews">next</a> <a href="./${((n + 1) % BOOKS) + 1}">and another</a>`,
  )

const index = () =>
  page(
    'Bookshop',
    `<ul>${Array.from({ length: 10 }, (_, n) => `<li><a href="/book/${n * 3 + 1}">Book ${n * 3 + 1}</a>`).join('')}</ul>
     <a href="/old-offers">offers</a> <a href="/lost">lost &amp; found</a> <a href="/shaky">shaky</a> <a href="/broken">broken</a>
     <a href="https://elsewhere.example/">not our site</a> <a href="mailto:shop@example.org">write to us</a>`,
  )

export async function startSite() {
  /** @type {Map<string, number>} */
  const visits = new Map()

  const server = createServer(async (request, response) => {
    const path = request.url ?? '/'
    const visit = (visits.get(path) ?? 0) + 1
    visits.set(path, visit)
    /** @param {number} status @param {string} body @param {Record<string, string>} [headers] */
    const answer = (status, body, headers = {}) =>
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body)

    const number = Number(/^\/book\/(\d+)$/.exec(path)?.[1])
    if (path === '/') answer(200, index())
    else if (path === '/old-offers') answer(301, '', { location: '/offers' })
    else if (path === '/offers') answer(200, page('Offers', '<p class="price">£1.00</p><a href="/book/2">Book 2</a>'))
    else if (path === '/shaky' && visit < 3) answer(503, page('Busy', ''))
    else if (path === '/shaky') answer(200, page('Shaky', '<a href="/book/3">Book 3</a>'))
    else if (path === '/broken') answer(500, page('Broken', ''))
    else if (number >= 1 && number <= BOOKS) {
      if (number % 10 === 0) await sleep(40) // a slow page holds up one worker, not all
      answer(200, book(number))
    } else answer(404, page('Not found', ''))
  })

  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return { url: `http://127.0.0.1:${port}/`, visits, close: () => server.close() }
}
