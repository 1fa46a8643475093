// How fast millrace-images is against Promise.all over sharp, and how much of the machine it uses: medians of interleaved
// pairs, each in a process of its own, over the 50 photographs of the development dependency.
//
// node bench/throughput.mjs [PAIRS=5] [TIMES=1] [WIDTHS=800,400] [FORMATS=jpeg,webp]     TIMES lists each photograph that often
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [pairs = 5, times = 1] = process.argv.slice(2, 4).map(Number)
const [widths = '800,400', formats = 'jpeg,webp'] = process.argv.slice(4)
const here = dirname(fileURLToPath(import.meta.url))
const source = join(dirname(createRequire(import.meta.url).resolve('tabler-ui/package.json')), 'dist/demo/photos')
const root = mkdtempSync(join(tmpdir(), 'millrace-images-bench-'))
process.on('exit', () => rmSync(root, { recursive: true, force: true }))
const photos = join(root, 'photos')
mkdirSync(photos)
for (const name of readdirSync(source).filter((each) => each.endsWith('-1500.jpg'))) {
  for (let copy = 0; copy < times; copy++) copyFileSync(join(source, name), join(photos, `${copy}-${name}`))
}
const files = readdirSync(photos).map((name) => join(photos, name))

const out = join(root, 'out')
const run = (...args) => {
  rmSync(out, { recursive: true, force: true })
  return JSON.parse(
    execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 28 }),
  )
}
const contenders = {
  'millrace-images': () =>
    run(join(here, '../bin/millrace-images.cjs'), photos, '-o', out, '-s', widths, '-f', formats, '--json', '--quiet'),
  'Promise.all': () => run(join(here, 'promise-all.mjs'), out, widths, formats, ...files),
}
const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
for (let pair = 0; pair < pairs; pair++) {
  const names = Object.keys(contenders)
  for (const name of pair % 2 ? names.reverse() : names) results[name].push(contenders[name]())
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const cores = availableParallelism()
console.log(
  `${files.length} photographs, ${widths} pixels wide, ${formats}; ${cores} cores, ${cpus()[0].model}, Node ${process.version}`,
)
for (const [name, runs] of Object.entries(results)) {
  const of = (pick) => median(runs.map(pick))
  console.log(
    [
      name.padEnd(16),
      `${of((r) => r.imagesPerSecond).toFixed(1)} images/s`,
      `processor ${of((r) => r.cpuSeconds / r.seconds / cores).toFixed(2)} of ${cores} cores`,
      `${of((r) => r.cpuSeconds).toFixed(1)} s of it`,
      `peak ${(of((r) => r.peakMemoryBytes) / 2 ** 20).toFixed(0)} MiB`,
    ].join('   '),
  )
}
const ratios = results['millrace-images'].map((r, at) => r.imagesPerSecond / results['Promise.all'][at].imagesPerSecond)
console.log(`millrace-images / Promise.all, median of ${pairs} interleaved pairs: ${median(ratios).toFixed(2)}`)
