import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { drawing } from '../pictures.js'
import { filesBelow, temporaryFolder } from '../temporary-folder.js'
import { reportOf, runTool } from './run-tool.js'

/** Serves a drawing at every path, each in the manner that the path says; counts the requests. */
async function startServer(): Promise<{ origin: string; requests: Map<string, number> }> {
  const picture = await drawing(5).jpeg().toBuffer()
  const requests = new Map<string, number>()
  const server = createServer((request, response) => {
    const path = request.url!
    const count = (requests.get(path) ?? 0) + 1
    requests.set(path, count)
    if (path.startsWith('/missing')) response.writeHead(404).end()
    else if (path.startsWith('/flaky') && count < 3) response.writeHead(503).end()
    else if (path.startsWith('/broken-off') && count === 1)
      response.write(picture.subarray(0, 100), () => response.destroy())
    else if (path.startsWith('/busy') && count === 1) response.writeHead(429, { 'retry-after': '1' }).end()
    else if (path.startsWith('/silent')) response.flushHeaders()
    else response.end(picture)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

test('URLs are downloaded, and tried again where that may help', async () => {
  const { origin, requests } = await startServer()
  const out = join(await temporaryFolder(), 'out')
  const paths = ['/good.jpg?v=1', '/flaky.jpg', '/broken-off.jpg', '/missing.jpg']
  const { code, stderr } = await runTool(
    ['-', '-o', out, '--retries', '2'],
    paths.map((path) => origin + path).join('\n'),
  )
  expect(code).toBe(1)
  expect(stderr).toMatch(/failed: http:.*missing\.jpg: HTTP 404/)
  expect((await filesBelow(out)).filter((file) => file.endsWith('.jpg'))).toEqual([
    'broken-off.jpg',
    'flaky.jpg',
    'good.jpg',
  ])
  expect(Object.fromEntries(requests)).toEqual({
    [paths[0]!]: 1,
    '/flaky.jpg': 3,
    '/broken-off.jpg': 2,
    '/missing.jpg': 1,
  })
})

test('a server that says nothing is given up after the timeout', async () => {
  const { origin } = await startServer()
  const out = join(await temporaryFolder(), 'out')
  const report = await reportOf(
    `${origin}/silent.jpg`,
    `${origin}/a.jpg`,
    '-o',
    out,
    '--timeout',
    '300ms',
    '--retries',
    '0',
  )
  expect(report).toMatchObject({ exitCode: 1, totals: { written: 1, failed: 1 } })
  expect(JSON.stringify(report.images)).toContain('no answer within 0.3 s')
})

test('a server that asks for a pause gets it', async () => {
  const { origin, requests } = await startServer()
  const out = join(await temporaryFolder(), 'out')
  const report = await reportOf(`${origin}/busy.jpg`, '-o', out)
  expect(report.totals.written).toBe(1)
  expect(requests.get('/busy.jpg')).toBe(2)
  expect(report.seconds).toBeGreaterThan(0.99)
})

test('--rate spaces the downloads out', async () => {
  const { origin, requests } = await startServer()
  const out = join(await temporaryFolder(), 'out')
  const urls = [1, 2, 3, 4, 5].map((n) => `${origin}/${n}.jpg`)
  const report = await reportOf(...urls, '-o', out, '--rate', '4')
  expect(report.totals.written).toBe(5)
  expect(requests.size).toBe(5)
  // The first is free to go, four more come a quarter of a second apart: never sooner, however slow the machine.
  expect(report.seconds).toBeGreaterThan(0.99)
})
