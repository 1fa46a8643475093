import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type * as Millrace from '../../src/index.js'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
if (executablePath === undefined) {
  console.error('\n*** NOT RUN: the browser tests of @millrace/queue. No Chromium found in /usr/bin. ***\n')
}

/** What the page loads: the built file, as any web server would serve it. */
declare global {
  var millrace: typeof Millrace
}

describe.skipIf(executablePath === undefined)('the built ESM file in Chromium', () => {
  let server: Server
  let browser: Browser
  let page: Page
  const uncaught: string[] = []

  beforeAll(async () => {
    const bundle = await readFile(fileURLToPath(new URL('../../dist/index.js', import.meta.url)))
    server = createServer((request, response) => {
      const script = request.url === '/index.js'
      response.setHeader('content-type', script ? 'text/javascript' : 'text/html')
      response.end(script ? bundle : '<!doctype html><title>queue</title>')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    browser = await chromium.launch({ executablePath: executablePath as string, args: ['--no-sandbox'] })
    page = await browser.newPage()
    page.on('pageerror', (error) => uncaught.push(String(error)))
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await page.addScriptTag({
      type: 'module',
      content: `import * as millrace from '/index.js'; globalThis.millrace = millrace`,
    })
    await page.waitForFunction('globalThis.millrace !== undefined')
  })

  afterAll(async () => {
    await browser?.close()
    await new Promise((resolve) => server?.close(resolve))
  })

  it('T150 puts, gets, waits, times out, aborts and ends', async () => {
    const seen = await page.evaluate(async () => {
      const { Queue } = globalThis.millrace
      const queue = new Queue<number>({ maxsize: 2, name: 'browser' })
      const producer = (async () => {
        for (let i = 0; i < 100; i++) await queue.put(i)
        queue.shutdown()
      })()
      let sum = 0
      for await (const item of queue) {
        sum += item
        queue.taskDone()
      }
      await producer
      await queue.join()
      const idle = new Queue<number>()
      const timedOut = await idle.get({ timeout: 20 }).catch((error) => error.name)
      const controller = new AbortController()
      const aborted = idle.get({ signal: controller.signal }).catch((reason) => reason)
      controller.abort('left the page')
      return { sum, timedOut, aborted: await aborted, waiters: idle.stats().waiters.get, text: `${queue}` }
    })
    expect(seen).toEqual({
      sum: 4950,
      timedOut: 'TimeoutError',
      aborted: 'left the page',
      waiters: 0,
      text: '<Queue "browser" maxsize=2 size=0 shutdown>',
    })
  })

  it('T150 select, merge, consume, priorities, rates and streams work there', async () => {
    const seen = await page.evaluate(async () => {
      const { consume, merge, PriorityQueue, Queue, RateLimiter, select, toReadableStream } = globalThis.millrace
      const [one, other] = [new Queue<number>(), new Queue<number>()]
      const selected = select([one, other])
      other.putNowait(7)
      const merged: number[] = []
      for await (const item of merge(Queue.from([1, 2]), Queue.from([3]))) merged.push(item)
      const priority = new PriorityQueue<[number, string]>()
      for (const item of [
        [2, 'b'],
        [1, 'a'],
      ] as [number, string][]) {
        priority.putNowait(item)
      }
      const limiter = new RateLimiter({ limit: 100, interval: 1000 })
      const startedAt = performance.now()
      for (let i = 0; i < 4; i++) await limiter.acquire()
      const streamed: number[] = []
      const reader = toReadableStream(Queue.from([1, 2, 3])).getReader()
      for (let read = await reader.read(); !read.done; read = await reader.read()) streamed.push(read.value)
      const consumed = await consume(Queue.from([1, 2, 3]), () => {})
      const { index, item } = await selected
      const paced = performance.now() - startedAt >= 29
      return { index, item, merged: merged.sort(), first: priority.getNowait(), paced, streamed, consumed }
    })
    expect(seen).toEqual({
      index: 1,
      item: 7,
      merged: [1, 2, 3],
      first: [1, 'a'],
      paced: true,
      streamed: [1, 2, 3],
      consumed: { done: 3, failed: 0 },
    })
  })

  it('T148 yieldAfter lets the page’s timers have their turn, without setImmediate', async () => {
    const turned = await page.evaluate(async () => {
      const queue = new globalThis.millrace.Queue<number>({ yieldAfter: 2 })
      for (let i = 0; i < 300_000; i++) queue.putNowait(i)
      queue.shutdown()
      let during = false
      let taken = 0
      setTimeout(() => {
        during = taken > 0 && taken < 300_000
      }, 0)
      for await (const _ of queue) taken++
      return { during, taken, setImmediate: typeof setImmediate }
    })
    expect(turned).toEqual({ during: true, taken: 300_000, setImmediate: 'undefined' })
  })

  it('T140 no error goes uncaught in the page', () => {
    expect(uncaught).toEqual([])
  })
})
