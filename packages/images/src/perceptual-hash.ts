/** Side of the square that a picture is reduced to before it is hashed. */
export const hashedSide = 32
/** Side of the block of low frequencies that is kept. */
const kept = 8
/** A picture whose low frequencies are all weaker than this has nothing to be told apart by. */
const faintest = 8

const cosines = new Float64Array(kept * hashedSide)
for (let frequency = 0; frequency < kept; frequency++) {
  for (let at = 0; at < hashedSide; at++) {
    cosines[frequency * hashedSide + at] = Math.cos((Math.PI * frequency * (2 * at + 1)) / (2 * hashedSide))
  }
}

/**
 * The 64-bit perceptual hash of a picture: which of its 64 lowest frequencies are above their median. Pictures that look
 * alike differ in few bits, whatever their size, format and quality.
 *
 * @param luminance - 32 x 32 values from 0 to 255, row by row
 * @returns 16 hexadecimal digits; undefined for a picture without features, such as one plain colour
 */
export function perceptualHash(luminance: ArrayLike<number>): string | undefined {
  const frequencies = lowFrequencies(luminance)
  // The first is the mean brightness, which says nothing about the picture's shapes.
  const shapes = frequencies.subarray(1)
  if (shapes.every((strength) => Math.abs(strength) < faintest * hashedSide)) return undefined
  const median = shapes.slice().sort()[Math.floor(shapes.length / 2)]!
  let hash = ''
  for (let digit = 0; digit < 16; digit++) {
    let nibble = 0
    for (let bit = 0; bit < 4; bit++) nibble = nibble * 2 + (frequencies[digit * 4 + bit]! > median ? 1 : 0)
    hash += nibble.toString(16)
  }
  return hash
}

/** The lowest 8 x 8 coefficients of the two-dimensional DCT-II, unscaled. */
function lowFrequencies(luminance: ArrayLike<number>): Float64Array {
  const rows = new Float64Array(hashedSide * kept)
  for (let y = 0; y < hashedSide; y++) {
    for (let u = 0; u < kept; u++) {
      let sum = 0
      for (let x = 0; x < hashedSide; x++) sum += luminance[y * hashedSide + x]! * cosines[u * hashedSide + x]!
      rows[y * kept + u] = sum
    }
  }
  const low = new Float64Array(kept * kept)
  for (let v = 0; v < kept; v++) {
    for (let u = 0; u < kept; u++) {
      let sum = 0
      for (let y = 0; y < hashedSide; y++) sum += rows[y * kept + u]! * cosines[v * hashedSide + y]!
      low[v * kept + u] = sum
    }
  }
  return low
}

const bitsOfByte = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length)

/** How many of 64 bits two hashes differ in. */
export function hashDistance(a: HashWords, b: HashWords): number {
  return bitsSet(a.high ^ b.high) + bitsSet(a.low ^ b.low)
}

/** A hash as two words, for fast comparison. */
export interface HashWords {
  readonly high: number
  readonly low: number
}

export function wordsOf(hash: string): HashWords {
  return { high: Number.parseInt(hash.slice(0, 8), 16), low: Number.parseInt(hash.slice(8), 16) }
}

function bitsSet(word: number): number {
  return (
    bitsOfByte[word & 255]! +
    bitsOfByte[(word >>> 8) & 255]! +
    bitsOfByte[(word >>> 16) & 255]! +
    bitsOfByte[word >>> 24]!
  )
}
