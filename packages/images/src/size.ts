import { UsageError } from './usage-error.js'

/** One size of the output, as the user wrote it. */
export type Size =
  | { readonly kind: 'original' }
  | { readonly kind: 'scale'; readonly percent: number }
  | { readonly kind: 'width'; readonly width: number }
  | { readonly kind: 'height'; readonly height: number }
  | { readonly kind: 'box'; readonly width: number; readonly height: number }

/** How a box is filled, in CSS's words. */
export const fits = ['inside', 'outside', 'cover', 'contain', 'fill'] as const
export type Fit = (typeof fits)[number]

export interface Dimensions {
  readonly width: number
  readonly height: number
}

const grammar = 'original, 800 (width), x600 (height), 800x600 (box) or 50%'
const longestSide = 65_535

/** @throws {UsageError} when the text is none of `original`, `800`, `x600`, `800x600`, `50%` */
export function parseSize(text: string): Size {
  if (text === 'original') return { kind: 'original' }
  const scale = /^(\d+(?:\.\d+)?)%$/.exec(text)
  if (scale) {
    const percent = Number(scale[1])
    if (percent <= 0 || percent > 1000) throw new UsageError(`a scale lies above 0% and up to 1000%, not '${text}'`)
    return { kind: 'scale', percent }
  }
  const sides = /^(\d*)(?:x(\d*))?$/.exec(text)
  const [width, height] = [sides?.[1], sides?.[2]].map((side) => (side ? Number(side) : undefined))
  for (const side of [width, height]) {
    if (side !== undefined && (side < 1 || side > longestSide)) {
      throw new UsageError(`a side lies between 1 and ${longestSide} pixels, not '${text}'`)
    }
  }
  if (width !== undefined && height !== undefined) return { kind: 'box', width, height }
  if (width !== undefined) return { kind: 'width', width }
  if (height !== undefined) return { kind: 'height', height }
  throw new UsageError(`a size is ${grammar}, not '${text}'`)
}

/** The size's part of a file name. */
export function labelOf(size: Size): string {
  switch (size.kind) {
    case 'original':
      return 'original'
    case 'scale':
      return `${size.percent}pct`
    case 'width':
      return `${size.width}w`
    case 'height':
      return `${size.height}h`
    case 'box':
      return `${size.width}x${size.height}`
  }
}

/** By how much `source` is scaled, at most, to fill `size`; 1 = not at all. */
export function scaleFor(size: Size, fit: Fit, source: Dimensions): number {
  switch (size.kind) {
    case 'original':
      return 1
    case 'scale':
      return size.percent / 100
    case 'width':
      return size.width / source.width
    case 'height':
      return size.height / source.height
    case 'box': {
      const scales = [size.width / source.width, size.height / source.height]
      return fit === 'inside' || fit === 'contain' ? Math.min(...scales) : Math.max(...scales)
    }
  }
}
