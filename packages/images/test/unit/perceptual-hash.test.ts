import { decode } from 'blurhash'
import sharp, { type Sharp } from 'sharp'
import { expect, test } from 'vitest'
import { fingerprintsOf } from '../../src/fingerprints.js'
import { hold } from '../../src/held-picture.js'
import { hashDistance, perceptualHash, wordsOf } from '../../src/perceptual-hash.js'
import { photographs } from '../pictures.js'

const hashOf = async (picture: Sharp): Promise<string> => {
  const held = await hold(picture, 'none')
  const { phash } = await fingerprintsOf(held, held)
  return phash!
}
const distance = (a: string, b: string) => hashDistance(wordsOf(a), wordsOf(b))

test('a photograph keeps its hash when it is resized, compressed hard, or a little brighter', async () => {
  for (const path of photographs.slice(0, 3)) {
    const original = await hashOf(sharp(path))
    for (const change of [
      (image: Sharp) => image.resize(300),
      (image: Sharp) => image.jpeg({ quality: 20 }),
      (image: Sharp) => image.modulate({ brightness: 1.1 }).webp(),
    ]) {
      const changed = await hashOf(sharp(await change(sharp(path)).toBuffer()))
      expect(distance(original, changed)).toBeLessThanOrEqual(6)
    }
  }
})

test('different photographs have hashes far apart', async () => {
  const hashes = await Promise.all(
    photographs.slice(0, 12).map((path) => hashOf(sharp(path).resize(64, 64, { fit: 'fill' }))),
  )
  for (const [at, hash] of hashes.entries()) {
    for (const other of hashes.slice(at + 1)) expect(distance(hash, other)).toBeGreaterThan(6)
  }
})

test("a picture without features has no hash, so that blank pages are not each other's duplicates", () => {
  expect(perceptualHash(new Uint8Array(32 * 32).fill(200))).toBeUndefined()
})

test('a BlurHash has 4 x 3 waves and decodes to the colours of the picture', async () => {
  const canvas = { width: 40, height: 40, channels: 3 as const, background: '#c02010' }
  const lower = { create: { ...canvas, height: 20, background: '#1030d0' } }
  const held = await hold(sharp({ create: canvas }).composite([{ input: lower, left: 0, top: 20 }]), 'none')
  const { blurhash } = await fingerprintsOf(held, held)
  expect(blurhash).toMatch(/^L.{27}$/)
  const decoded = decode(blurhash, 8, 8)
  const pixel = (x: number, y: number) => [...decoded.subarray((y * 8 + x) * 4, (y * 8 + x) * 4 + 3)]
  const [upperRed, , upperBlue] = pixel(4, 1)
  const [lowerRed, , lowerBlue] = pixel(4, 6)
  expect(upperRed!).toBeGreaterThan(upperBlue! + 50)
  expect(lowerBlue!).toBeGreaterThan(lowerRed! + 50)
})
