import { encode as encodeBlurHash } from 'blurhash'
import type { HeldPicture } from './held-picture.js'
import { hashedSide, perceptualHash } from './perceptual-hash.js'

/** What a picture is recognised by. */
export interface Fingerprints {
  /** A placeholder in some 30 characters: https://blurha.sh */
  readonly blurhash: string
  /** 64 bits in hexadecimal; absent for a picture without features. */
  readonly phash?: string
}

/** Enough for 4 x 3 waves; more pixels take longer and change nothing that is seen. */
const placeholderSide = hashedSide / 2

/**
 * @param shown - the picture that the placeholder stands in for
 * @param photograph - the picture that near-duplicates are found by; often the same
 */
export async function fingerprintsOf(shown: HeldPicture, photograph: HeldPicture): Promise<Fingerprints> {
  const pixels = await reduced(photograph)
  const placeholder = halved(shown === photograph ? pixels : await reduced(shown))
  const blurhash = encodeBlurHash(placeholder, placeholderSide, placeholderSide, 4, 3)
  const phash = perceptualHash(luminanceOf(pixels))
  return { blurhash, ...(phash !== undefined && { phash }) }
}

/** RGBA. */
async function reduced(picture: HeldPicture): Promise<Uint8ClampedArray> {
  const pixels = await picture
    .open()
    .resize(hashedSide, hashedSide, { fit: 'fill', kernel: 'linear' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer()
  return new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength)
}

/** The mean of every 2 x 2 pixels. */
function halved(rgba: Uint8ClampedArray): Uint8ClampedArray {
  const row = hashedSide * 4
  const half = new Uint8ClampedArray(rgba.length / 4)
  for (let y = 0, to = 0; y < placeholderSide; y++) {
    for (let x = 0; x < placeholderSide * 4; x++, to++) {
      const from = 2 * y * row + 2 * (x - (x % 4)) + (x % 4)
      half[to] = (rgba[from]! + rgba[from + 4]! + rgba[from + row]! + rgba[from + row + 4]!) / 4
    }
  }
  return half
}

/** As Rec. 601 weighs the colours; transparent pixels are black. */
function luminanceOf(rgba: Uint8ClampedArray): Float64Array {
  const luminance = new Float64Array(rgba.length / 4)
  for (let at = 0; at < luminance.length; at++) {
    const [red, green, blue, alpha] = [rgba[at * 4]!, rgba[at * 4 + 1]!, rgba[at * 4 + 2]!, rgba[at * 4 + 3]!]
    luminance[at] = ((0.299 * red + 0.587 * green + 0.114 * blue) * alpha) / 255
  }
  return luminance
}
