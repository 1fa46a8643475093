import sharp, { type Sharp, type SharpOptions } from 'sharp'
import { type Encoded, encode } from './encode.js'
import { applyFilter, type Filter } from './filter.js'
import { type Fingerprints, fingerprintsOf } from './fingerprints.js'
import { canMove, type Format } from './format.js'
import { type Geometry, geometryOf, isBaseSize } from './geometry.js'
import { type HeldPicture, hold } from './held-picture.js'
import type { Recipe } from './recipe.js'
import { type Dimensions, labelOf, type Size } from './size.js'

/** One file wanted of a picture. */
export interface WantedOutput {
  /** Index into the recipe's sizes. */
  readonly size: number
  readonly format: Format
}

export interface Rendered {
  /** Of the upright picture, before anything was done to it. */
  readonly width: number
  readonly height: number
  /** In the order of the outputs wanted. */
  readonly outputs: readonly Encoded[]
  readonly fingerprints?: Fingerprints
}

/**
 * Makes all outputs of one picture.
 *
 * The picture is decoded once, at the largest scale that any output needs (decoders skip what is not); sizes are made from
 * that, and formats from their size. Only moving pictures are decoded anew for each moving output.
 *
 * @param source - path of a file, or its bytes
 * @throws {Error} in sharp's words when the picture is corrupt, cut short, too large or of an unknown format
 */
export async function render(
  source: string | Uint8Array,
  recipe: Recipe,
  wanted: readonly WantedOutput[],
  filter?: Filter,
): Promise<Rendered> {
  const limits = { limitInputPixels: recipe.maxPixels } satisfies SharpOptions
  const metadata = await sharp(source, { limitInputPixels: false }).metadata()
  const upright: Dimensions = recipe.autoOrient ? metadata.autoOrient : metadata
  if (upright.width * upright.height > recipe.maxPixels) {
    throw new RangeError(`${upright.width}x${upright.height} pixels are more than --max-pixels ${recipe.maxPixels}`)
  }
  const geometry = geometryOf(upright, recipe)
  const isMoving = recipe.animate && (metadata.pages ?? 1) > 1 && recipe.rotate % 360 === 0
  const outputs: Encoded[] = new Array(wanted.length)
  let fingerprints: Fingerprints | undefined

  const base = await decode(sharp(source, limits), geometry, recipe)
  for (const [index, size] of recipe.sizes.entries()) {
    const isFirst = index === 0
    const still = wanted.filter((output) => output.size === index && !(isMoving && canMove(output.format)))
    if (still.length === 0 && !(isFirst && recipe.hashes)) continue
    const sized = await makeSize(base, size, geometry, recipe, filter)
    // Side by side, so that a core has work while this thread is told that a piece is done.
    await allDone([
      ...still.map(async (output) => {
        outputs[wanted.indexOf(output)] = await encode(sized.open(), output.format, recipe)
      }),
      // The placeholder stands in for what is shown, the perceptual hash for the photograph behind it.
      ...(isFirst && recipe.hashes ? [fingerprintsOf(sized, base).then((made) => (fingerprints = made))] : []),
    ])
  }
  for (const [at, { size, format }] of wanted.entries()) {
    if (outputs[at] !== undefined) continue
    const frames = cropped(sharp(source, { ...limits, animated: true }), geometry)
    outputs[at] = await encode(await changed(frames, recipe.sizes[size]!, geometry, recipe, filter), format, recipe)
  }
  return { width: upright.width, height: upright.height, outputs, ...(fingerprints && { fingerprints }) }
}

/** Waits until all have come to rest, so that none is still at work on a picture that has failed; then throws what the first threw. */
async function allDone(pieces: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(pieces)
  await Promise.all(pieces)
}

/** The picture upright, cropped, turned, and no larger than the largest output needs. */
async function decode(image: Sharp, geometry: Geometry, recipe: Recipe): Promise<HeldPicture> {
  const { base, crop, full } = geometry
  const upright = cropped(recipe.autoOrient ? image.autoOrient() : image, geometry)
  const source: Dimensions = crop ?? full
  const isSmaller = recipe.rotate % 180 !== 0 || base.width < source.width || base.height < source.height
  const held = await hold(isSmaller ? upright.resize({ ...base, fit: 'fill' }) : upright, recipe.metadata)
  if (recipe.rotate % 360 === 0) return held
  // A pipeline of its own, because sharp turns before it resizes.
  return hold(held.open().rotate(recipe.rotate, { background: recipe.background }), recipe.metadata)
}

function cropped(image: Sharp, { crop }: Geometry): Sharp {
  return crop ? image.extract(crop) : image
}

async function makeSize(
  base: HeldPicture,
  size: Size,
  geometry: Geometry,
  recipe: Recipe,
  filter: Filter | undefined,
): Promise<HeldPicture> {
  if (isBaseSize(size, geometry, recipe) && !filter && !isDressed(recipe)) return base
  return hold(await changed(base.open(), size, geometry, recipe, filter), recipe.metadata)
}

/** Whether anything is done to a picture besides resizing and filtering it. */
function isDressed({ flip, flop, blur, sharpen, grayscale }: Recipe): boolean {
  return flip || flop || blur !== undefined || sharpen !== undefined || grayscale
}

/** Resized, mirrored, softened, sharpened, without colours, filtered: whatever of that is asked for. */
async function changed(
  image: Sharp,
  size: Size,
  { full }: Geometry,
  recipe: Recipe,
  filter: Filter | undefined,
): Promise<Sharp> {
  let result = resized(image, size, full, recipe)
  if (recipe.flip) result = result.flip()
  if (recipe.flop) result = result.flop()
  if (recipe.blur !== undefined) result = result.blur(recipe.blur)
  if (recipe.sharpen !== undefined) result = result.sharpen({ sigma: recipe.sharpen })
  if (recipe.grayscale) result = result.grayscale()
  return filter ? applyFilter(filter, result, { size: labelOf(size) }) : result
}

function resized(image: Sharp, size: Size, full: Dimensions, { fit, position, background, enlarge }: Recipe): Sharp {
  const withoutEnlargement = !enlarge
  switch (size.kind) {
    case 'original':
      return image
    case 'scale': {
      const width = Math.max(1, Math.round((full.width * size.percent) / 100))
      return image.resize({ width, withoutEnlargement })
    }
    case 'width':
      return image.resize({ width: size.width, withoutEnlargement })
    case 'height':
      return image.resize({ height: size.height, withoutEnlargement })
    case 'box':
      return image.resize({
        width: size.width,
        height: size.height,
        fit,
        position: position === 'attention' || position === 'entropy' ? sharp.strategy[position] : position,
        background,
        withoutEnlargement,
      })
  }
}
