import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { StateFolder } from '../../src/state-folder.js'
import { filesBelow, temporaryFolder } from '../temporary-folder.js'

const never = new AbortController().signal

test('a picture appears under its name, folders and all, and nothing else is left', async () => {
  const out = await temporaryFolder()
  const state = new StateFolder(out)
  await state.open()
  await state.write(join(out, 'a/b/c.jpg'), Buffer.from('picture'), never)
  await state.close({ keepJournal: false })
  expect(await filesBelow(out)).toEqual([join('a', 'b', 'c.jpg')])
  expect(await readFile(join(out, 'a/b/c.jpg'), 'utf8')).toBe('picture')
})

test('an aborted write leaves neither the picture nor half of it', async () => {
  const out = await temporaryFolder()
  const state = new StateFolder(out)
  await state.open()
  await expect(state.write(join(out, 'a.jpg'), Buffer.alloc(1 << 20), AbortSignal.abort())).rejects.toThrow()
  await state.close({ keepJournal: false })
  expect(await filesBelow(out)).toEqual([])
})

test('what a killed run was writing is cleared away, and its lock taken over', async () => {
  const out = await temporaryFolder()
  const killed = new StateFolder(out)
  await killed.open()
  await writeFile(join(killed.path, 'unfinished/123-0'), 'half a pict')
  // No process has this number: it exceeds what Linux, macOS and Windows give out.
  await writeFile(join(killed.path, 'lock'), '99999999')
  const state = new StateFolder(out)
  await state.open()
  await state.close({ keepJournal: false })
  expect(await filesBelow(out)).toEqual([])
})

test('two runs do not write into one folder at a time', async () => {
  const out = await temporaryFolder()
  const first = new StateFolder(out)
  await first.open()
  await writeFile(join(first.path, 'lock'), String(process.ppid))
  await expect(new StateFolder(out).open()).rejects.toThrow(
    `another run writes into this folder: process ${process.ppid}`,
  )
})

test.runIf(process.platform === 'linux')(
  'the lock of a killed process that nobody has waited for yet is taken over',
  async () => {
    const out = await temporaryFolder()
    const killed = new StateFolder(out)
    await killed.open()
    // A shell that becomes a program which never waits for the shell's child: the child stays a zombie.
    const parent: ChildProcess = spawn('sh', ['-c', 'sh -c "echo \\$\\$" & exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    onTestFinished(() => void parent.kill())
    const [zombie] = (await once(parent.stdout!, 'data')) as [Buffer]
    await vi.waitFor(async () => {
      expect(await readFile(`/proc/${zombie.toString().trim()}/stat`, 'latin1')).toMatch(/\) Z/)
    })
    await writeFile(join(killed.path, 'lock'), zombie.toString().trim())
    await new StateFolder(out).open()
  },
)
