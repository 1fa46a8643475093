import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

export interface PhotoServer extends AsyncDisposable {
  /** Answers with the URLs of all photographs, as JSON. */
  readonly indexUrl: string
}

/** Fifty photographs that a package of the development dependencies brings along. */
const photographs = join(dirname(createRequire(import.meta.url).resolve('tabler-ui/package.json')), 'dist/demo/photos')

/**
 * Serves real photographs on the loopback interface, so that the pipeline downloads without a network.
 *
 * @param withBroken - also lists one photograph that is corrupt, one that is cut short, and one that does not exist (404)
 */
export async function startPhotoServer({ limit = Infinity, withBroken = false } = {}): Promise<PhotoServer> {
  const names = (await readdir(photographs))
    .filter((name) => name.endsWith('-1500.jpg'))
    .sort()
    .slice(0, limit)
  const served = new Set(names)
  const listed = withBroken ? ['corrupt.jpg', 'cut-short.jpg', 'missing.jpg', ...names] : names

  const answer = async (path: string, response: ServerResponse): Promise<void> => {
    const name = path.slice(1)
    if (name === 'index.json')
      return sendJson(
        response,
        listed.map((each) => new URL(each, origin()).href),
      )
    if (withBroken && name === 'corrupt.jpg') return void response.end('this was never a photograph')
    if (withBroken && name === 'cut-short.jpg') {
      const whole = await readFile(join(photographs, names[0]!))
      return void response.end(whole.subarray(0, whole.length / 3))
    }
    if (!served.has(name)) return void response.writeHead(404).end()
    response.setHeader('content-type', 'image/jpeg')
    await pipeline(createReadStream(join(photographs, name)), response)
  }

  // A visitor who hangs up in the middle is no concern of the server's.
  const server = createServer(
    (request, response) => void answer(request.url ?? '/', response).catch(() => response.destroy()),
  )
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))

  return {
    indexUrl: `${origin()}/index.json`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
}
