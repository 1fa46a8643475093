import { createHash } from 'node:crypto'
import type { Format } from './format.js'
import type { Fit, Size } from './size.js'

/** A rectangle in pixels or in per cent of the upright picture. */
export interface Crop {
  readonly unit: 'px' | '%'
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export const metadataKinds = ['none', 'icc', 'exif', 'all'] as const
export type MetadataKind = (typeof metadataKinds)[number]

/** What is made of every picture: plain data, so that it travels to the threads and can be fingerprinted. */
export interface Recipe {
  readonly sizes: readonly Size[]
  readonly formats: readonly (Format | 'same')[]
  readonly fit: Fit
  /** Which part a `cover` box keeps: a side or corner, `centre`, `entropy` or `attention`. */
  readonly position: string
  readonly background: string
  /** Whether a picture smaller than a size is blown up to it. */
  readonly enlarge: boolean
  readonly autoOrient: boolean
  readonly crop?: Crop
  /** Degrees clockwise, after orientation and crop. */
  readonly rotate: number
  readonly flip: boolean
  readonly flop: boolean
  readonly grayscale: boolean
  /** Gaussian sigma in pixels of the output. */
  readonly blur?: number
  /** Gaussian sigma of the sharpening mask in pixels of the output. */
  readonly sharpen?: number
  /** File URL of a module whose default export takes and returns a sharp image. */
  readonly filter?: string
  /** SHA-256 of that module, so that an edited filter makes another recipe. */
  readonly filterDigest?: string
  readonly quality: Readonly<Partial<Record<Format | 'default', number>>>
  /** 0 fastest to 10 smallest; each encoder's own scale is derived from it. */
  readonly effort?: number
  readonly lossless: boolean
  readonly metadata: MetadataKind
  /** Whether moving pictures go on moving in formats that can. */
  readonly animate: boolean
  /** Whether a BlurHash and a perceptual hash are computed. */
  readonly hashes: boolean
  /** Pictures of more pixels are refused. */
  readonly maxPixels: number
}

/** Tells recipes apart in the journal: equal exactly when the same input gives the same files. */
export function fingerprintOf(recipe: Recipe, nameTemplate: string): string {
  return createHash('sha256')
    .update(JSON.stringify([recipe, nameTemplate]))
    .digest('hex')
    .slice(0, 16)
}
