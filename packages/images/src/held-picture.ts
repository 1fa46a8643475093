import sharp, { type Sharp } from 'sharp'
import { keepMetadata } from './encode.js'
import type { MetadataKind } from './recipe.js'
import type { Dimensions } from './size.js'

/** A decoded picture in memory, from which any number of pipelines can start. */
export interface HeldPicture extends Dimensions {
  open(): Sharp
}

/** Raw pixels carry no metadata; when some is to be kept, PNG that is not compressed does, for the price of a checksum. */
export async function hold(image: Sharp, metadata: MetadataKind): Promise<HeldPicture> {
  if (metadata !== 'none') {
    const { data, info } = await keepMetadata(image, metadata)
      .png({ compressionLevel: 0 })
      .toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, open: () => sharp(data, { limitInputPixels: false }) }
  }
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return { width, height, open: () => sharp(data, { raw: { width, height, channels }, limitInputPixels: false }) }
}
