import type { Crop, Recipe } from './recipe.js'
import { type Dimensions, type Size, scaleFor } from './size.js'

/** A rectangle in whole pixels of the upright picture. */
export interface Rectangle extends Dimensions {
  readonly left: number
  readonly top: number
}

/** @throws {RangeError} when the rectangle does not lie within the picture */
export function cropRectangle(crop: Crop, upright: Dimensions): Rectangle {
  const scale = (value: number, side: number): number => (crop.unit === '%' ? Math.round((value * side) / 100) : value)
  const left = scale(crop.left, upright.width)
  const top = scale(crop.top, upright.height)
  const width = Math.max(1, scale(crop.width, upright.width))
  const height = Math.max(1, scale(crop.height, upright.height))
  // Rounded shares may exceed the picture by a pixel, pixels that the user named may not.
  const [right, bottom] = [left + width, top + height]
  if (crop.unit === 'px' && (right > upright.width || bottom > upright.height)) {
    throw new RangeError(
      `the crop ${left},${top},${width},${height} exceeds the picture of ${upright.width}x${upright.height} pixels`,
    )
  }
  return {
    left: Math.min(left, upright.width - 1),
    top: Math.min(top, upright.height - 1),
    width: Math.min(width, upright.width - Math.min(left, upright.width - 1)),
    height: Math.min(height, upright.height - Math.min(top, upright.height - 1)),
  }
}

/** The box around a turned picture. */
export function turnedDimensions({ width, height }: Dimensions, degrees: number): Dimensions {
  const quarter = ((degrees % 360) + 360) % 360
  if (quarter === 0 || quarter === 180) return { width, height }
  if (quarter === 90 || quarter === 270) return { width: height, height: width }
  const angle = (quarter * Math.PI) / 180
  const [cosine, sine] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))]
  return { width: Math.round(width * cosine + height * sine), height: Math.round(width * sine + height * cosine) }
}

/** Where a picture is decoded to, and what its sizes are counted from. */
export interface Geometry {
  readonly crop: Rectangle | undefined
  /** The smallest picture, before turning, that every size can be made from without enlarging it. */
  readonly base: Dimensions
  /** Of `base` to the original, at most 1. */
  readonly scale: number
  /** The picture at its original scale, after crop and turn: what percentages and proportions refer to. */
  readonly full: Dimensions
}

/** Whether `size` is what the picture is decoded to, so that nothing has to be resized any more. */
export function isBaseSize(size: Size, { full, scale }: Geometry, { fit, enlarge }: Recipe): boolean {
  const wanted = scaleFor(size, fit, full)
  const keepsShape = size.kind !== 'box' || fit === 'inside' || fit === 'outside'
  return keepsShape && (enlarge ? wanted : Math.min(1, wanted)) === scale
}

export function geometryOf(upright: Dimensions, recipe: Recipe): Geometry {
  const crop = recipe.crop && cropRectangle(recipe.crop, upright)
  const cropped: Dimensions = crop ?? upright
  const full = turnedDimensions(cropped, recipe.rotate)
  const scale = Math.min(1, Math.max(...recipe.sizes.map((size) => scaleFor(size, recipe.fit, full))))
  const base = {
    width: Math.max(1, Math.round(cropped.width * scale)),
    height: Math.max(1, Math.round(cropped.height * scale)),
  }
  return { crop, base, scale, full }
}

/**
 * What a picture takes in memory while it is worked on, estimated from its header: one decoded copy at full scale, two at
 * the scale of its largest output, and its file.
 *
 * @param channels - as in the header
 */
export function estimateBytes(upright: Dimensions, channels: number, fileBytes: number, recipe: Recipe): number {
  const { base } = geometryOf(upright, recipe)
  return channels * (upright.width * upright.height + 2 * base.width * base.height) + fileBytes
}
