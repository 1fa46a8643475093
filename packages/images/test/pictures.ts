import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import sharp, { type Sharp } from 'sharp'

/** Real photographs of 1500 pixels, by path. */
const folder = join(dirname(createRequire(import.meta.url).resolve('tabler-ui/package.json')), 'dist/demo/photos')
export const photographs = readdirSync(folder)
  .filter((name) => name.endsWith('-1500.jpg'))
  .sort()
  .map((name) => join(folder, name))

/** A small picture with shapes and colours of its own for every seed. */
export function drawing(seed: number, { width = 96, height = 64 } = {}): Sharp {
  const random = randomNumbers(seed)
  const shapes = Array.from({ length: 8 }, () => {
    const [x, y, size] = [random() * width, random() * height, 5 + random() * (width / 3)]
    return `<rect x="${x}" y="${y}" width="${size}" height="${size * random()}" fill="hsl(${random() * 360},80%,${20 + random() * 60}%)"/>`
  })
  return sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes.join('')}</svg>`),
  ).flatten()
}

/** mulberry32 */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
