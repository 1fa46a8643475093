import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serve } from './server.js'

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
)
if (executablePath === undefined) {
  console.warn(
    'NOT RUN: the bridge in a browser, for want of Chromium (looked at CHROMIUM, /usr/bin/chromium, /usr/bin/google-chrome)',
  )
}

describe.runIf(executablePath !== undefined)('in Chromium', () => {
  let browser: Browser
  let page: Page
  let site: Awaited<ReturnType<typeof serve>>

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath as string, args: ['--no-sandbox'] })
    site = await serve(true)
    page = await browser.newPage()
    await page.goto(site.url)
    await page.evaluate(`
      globalThis.start = (out, program, count) => {
        const worker = new Worker('/test/producer.worker.js', { type: 'module' })
        worker.postMessage({ out, program, count })
        return worker
      }
      globalThis.heard = (worker) => new Promise((resolve) => worker.addEventListener('message', ({ data }) => resolve(data), { once: true }))
      import('/bridge/index.js').then((bridge) => Object.assign(globalThis, bridge))
    `)
  })

  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  test.each(['blocking', 'many', 'await'])(
    'a Web Worker puts (%s) and the page awaits every item in order',
    async (program) => {
      const result = await page.evaluate(`(async () => {
      const queue = new FanInQueue({ capacityBytes: 4096 })
      start(queue.producer(), '${program}', 5000)
      queue.closeWhenIdle()
      let next = 0
      for await (const item of queue) {
        const i = typeof item === 'number' ? item : item.i
        if (i !== next || (typeof item === 'object' && item.text !== 'item ' + i)) return 'out of order at ' + next
        next++
        queue.taskDone()
      }
      await queue.join()
      return next
    })()`)
      expect(result).toBe(5000)
    },
  )

  test('a parked Web Worker is released by a shutdown on the page', async () => {
    const result = await page.evaluate(`(async () => {
      const queue = new FanInQueue({ capacityBytes: 64 })
      const worker = start(queue.producer(), 'flood')
      while (queue.qsize() < 4) await new Promise((resolve) => setTimeout(resolve, 1))
      const told = heard(worker)
      queue.shutdown()
      return [await told, queue.drain()]
    })()`)
    expect(result).toEqual(['QUEUE_SHUT_DOWN', [0, 1, 2, 3]])
  })

  test('the end of a Web Worker is heard of, after what it had put', async () => {
    const result = await page.evaluate(`(async () => {
      const queue = new FanInQueue()
      const worker = start(queue.producer(), 'stay')
      await heard(worker)
      const first = await queue.get()
      await new Promise((resolve) => setTimeout(resolve, 50))
      const second = queue.get().catch((error) => [error.code, error.deliveredItems])
      worker.terminate()
      return [first, await second]
    })()`)
    expect(result).toEqual(['here', ['REMOTE_LOST', 1]])
  })

  test('the page itself must not block (T241)', async () => {
    const result = await page.evaluate(`(async () => {
      const { openProducer } = await import('/bridge/worker.js')
      const queue = new FanInQueue()
      const producer = openProducer(queue.producer())
      try {
        producer.putBlocking(1)
      } catch (error) {
        return error.code
      }
    })()`)
    expect(result).toBe('WRONG_THREAD')
  })

  test('a page without cross-origin isolation is told what is missing, and what to do (T252)', async () => {
    const plain = await serve(false)
    const other = await browser.newPage()
    await other.goto(plain.url)
    const message = await other.evaluate(`import('/bridge/index.js').then(({ FanInQueue }) => {
      try {
        new FanInQueue()
      } catch (error) {
        return error.name + ': ' + error.message
      }
    })`)
    expect(message).toMatch(/^TypeError: .*SharedArrayBuffer.*Cross-Origin-Opener-Policy: same-origin.*require-corp/)
    await other.close()
    await plain.close()
  })
})
