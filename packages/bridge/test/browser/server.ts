import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const roots: Record<string, URL> = {
  '/bridge/': new URL('../../dist/', import.meta.url),
  '/queue/': new URL('../../../queue/dist/', import.meta.url),
  '/test/': new URL('./', import.meta.url),
}

/** Serves the built packages to a page, as it would be on a site; `isolated`: with the headers that give it shared memory. */
export async function serve(isolated: boolean): Promise<{ url: string; close: () => Promise<void> }> {
  const server: Server = createServer(async (request, response) => {
    const path = request.url ?? '/'
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    }
    if (path === '/') {
      response.setHeader('Content-Type', 'text/html')
      response.end('<!doctype html><title>millrace</title>')
      return
    }
    const root = Object.keys(roots).find((prefix) => path.startsWith(prefix))
    try {
      if (root === undefined) throw new Error('not found')
      const source = await readFile(new URL(path.slice(root.length), roots[root]), 'utf8')
      response.setHeader('Content-Type', 'text/javascript')
      // A worker has no import map: what a bundler does is done here.
      response.end(
        source
          .replaceAll("'@millrace/queue/waiting'", "'/queue/waiting.js'")
          .replaceAll('"@millrace/queue/waiting"', '"/queue/waiting.js"')
          .replaceAll('"@millrace/queue"', '"/queue/index.js"'),
      )
    } catch {
      response.statusCode = 404
      response.end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
