import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { mapThreads } from '@millrace/bridge/piscina'
import { Piscina } from 'piscina'
import { document } from './document.js'

const target = join(tmpdir(), `document-${process.pid}.gz`)
const pool = new Piscina({ filename: new URL('./gzip.worker.js', import.meta.url).href })

const original = createHash('sha256')
let originalBytes = 0
let blocks = 0

function* source() {
  for (const block of document(24, 256 * 1024)) {
    original.update(block)
    originalBytes += block.byteLength
    blocks++
    yield block
  }
}

// Each block becomes a gzip member of its own, and members one after the other are a gzip file: pigz works like that.
// `ordered` (the default) gives the results in the order of the blocks, whichever thread is done first.
const file = await open(target, 'w')
for await (const member of mapThreads(pool, source(), { ordered: true })) await file.write(member)
await file.close()
await pool.close()

// Anybody's gunzip reads it.
const restored = createHash('sha256')
for await (const chunk of createReadStream(target).pipe(createGunzip())) restored.update(chunk)

const { size } = await stat(target)
await rm(target)
console.log(`${blocks} blocks, ${originalBytes / 2 ** 20} MiB`)
console.log(`compressed to less than half: ${size < originalBytes / 2}`)
console.log(`restored bit by bit: ${restored.digest('hex') === original.digest('hex')}`)
