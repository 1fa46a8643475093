import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { proxy, releaseProxy } from 'comlink'
import { describe, expect, it } from 'vitest'
import { nodeEndpoint } from '../../src/comlink/index.js'
import { connect } from './connection.js'

const program = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
const run = promisify(execFile)

describe('a Comlink call whose worker dies', () => {
  it('rejects with RemoteLost when the worker is terminated', async () => {
    const { api, worker } = connect()
    await api.add(1, 1)
    const pending = [api.never(), api.never()]
    void worker.terminate()
    for (const call of pending) await expect(call).rejects.toMatchObject({ name: 'RemoteLost', code: 'REMOTE_LOST' })
  })

  it('rejects when the worker exits, and tells its exit code', async () => {
    const { api } = connect()
    await expect(api.exit(3)).rejects.toMatchObject({ code: 'REMOTE_LOST', exitCode: 3 })
  })

  it('rejects when the worker crashes, and the crash is still the program’s to handle', async () => {
    const { api, worker } = connect()
    const crashed = once(worker, 'error')
    await expect(api.crash()).rejects.toMatchObject({ code: 'REMOTE_LOST', exitCode: 1 })
    expect((await crashed)[0]).toMatchObject({ message: 'crashed' })
  })

  it('a later call rejects at once', async () => {
    const { api, worker } = connect()
    await api.add(1, 1)
    await worker.terminate()
    await expect(api.add(1, 2)).rejects.toMatchObject({ code: 'REMOTE_LOST' })
  })

  it('a call of an object that it returned rejects', async () => {
    const { api, worker } = connect()
    const counter = await api.counter()
    expect(await counter.next()).toBe(1)
    const pending = counter.hang()
    void worker.terminate()
    await expect(pending).rejects.toMatchObject({ code: 'REMOTE_LOST' })
  })

  it('a loop over its generator rejects', async () => {
    const { api, worker } = connect()
    const reading = async () => {
      for await (const _ of await api.stuck()) void worker.terminate()
    }
    await expect(reading()).rejects.toMatchObject({ code: 'REMOTE_LOST' })
  })

  it('an iterable of this thread that it was reading is told to return', async () => {
    const { api, worker } = connect()
    let given = 0
    let returned!: () => void
    const closed = new Promise<void>((resolve) => {
      returned = resolve
    })
    async function* endless() {
      try {
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 1))
          yield 1
          if (++given === 10) void worker.terminate()
        }
      } finally {
        returned()
      }
    }
    await expect(api.sum(endless())).rejects.toMatchObject({ code: 'REMOTE_LOST' })
    await closed
  })
})

describe('a released Comlink connection', () => {
  it('lets the worker end by itself', async () => {
    const { api, worker } = connect()
    expect(
      await api.callBack(
        proxy((n: number) => n * 2),
        21,
      ),
    ).toBe('called: 42')
    api[releaseProxy]()
    await once(worker, 'exit')
  })

  it('a kept callback, an unfinished generator and a signal keep no process alive', async () => {
    const { stdout } = await run(process.execPath, [program('comlink-release.mjs')], { timeout: 20_000 })
    expect(stdout).toBe('released\n')
  })

  it('10,000 calls under forced garbage collection complete', async () => {
    const { stdout } = await run(process.execPath, ['--expose-gc', program('comlink-gc.mjs')], { timeout: 30_000 })
    expect(stdout).toBe('10000 calls, 10000 right\n')
  }, 40_000)
})

it.each([null, undefined, {}])('nodeEndpoint(%s) is refused', (peer) => {
  expect(() => nodeEndpoint(peer as null)).toThrow(TypeError)
})
