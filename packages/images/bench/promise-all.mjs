// The baseline: what a program without threads does. Promise.all over sharp, whose own threads share the cores; the hashes'
// JavaScript runs on the event loop. Prints the same figures as `millrace-images --json`.
//
// node promise-all.mjs OUT WIDTHS FORMATS FILE...
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { encode } from 'blurhash'
import sharp from 'sharp'

const [out, widths, formats, ...files] = process.argv.slice(2)
const startedAt = performance.now()
await mkdir(out, { recursive: true })

async function convert(file) {
  const name = basename(file, '.jpg')
  for (const width of widths.split(',').map(Number)) {
    for (const format of formats.split(',')) {
      await sharp(file)
        .autoOrient()
        .resize({ width })
        .toFormat(format)
        .toFile(join(out, `${name}-${width}w.${format}`))
    }
  }
  const pixels = await sharp(file).resize(32, 32, { fit: 'fill' }).ensureAlpha().raw().toBuffer()
  encode(new Uint8ClampedArray(pixels), 32, 32, 4, 3)
}

await Promise.all(files.map(convert))
const seconds = (performance.now() - startedAt) / 1000
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
const report = {
  totals: { written: files.length },
  seconds,
  imagesPerSecond: files.length / seconds,
  cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  peakMemoryBytes: maxRSS * 1024,
}
console.log(JSON.stringify(report))
