import type { Sharp } from 'sharp'
import type { Format } from './format.js'
import type { MetadataKind, Recipe } from './recipe.js'

export interface Encoded {
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
}

export async function encode(image: Sharp, format: Format, recipe: Recipe): Promise<Encoded> {
  const { data, info } = await inFormat(keepMetadata(image, recipe.metadata), format, recipe).toBuffer({
    resolveWithObject: true,
  })
  return { bytes: data, width: info.width, height: info.pageHeight ?? info.height }
}

export function keepMetadata(image: Sharp, kind: MetadataKind): Sharp {
  switch (kind) {
    case 'none':
      return image
    case 'icc':
      return image.keepIccProfile()
    case 'exif':
      return image.keepExif()
    case 'all':
      return image.keepMetadata()
  }
}

function inFormat(image: Sharp, format: Format, { quality, effort, lossless, background }: Recipe): Sharp {
  const asked = quality[format] ?? quality.default
  const lossy = asked === undefined ? {} : { quality: asked }
  const effortUpTo = (most: number, least = 0) =>
    effort === undefined ? {} : { effort: Math.max(least, Math.round((effort * most) / 10)) }
  switch (format) {
    case 'jpeg':
      return image.flatten({ background }).jpeg({ ...lossy, mozjpeg: effort !== undefined && effort >= 8 })
    case 'webp':
      return image.webp({ ...lossy, lossless, ...effortUpTo(6) })
    case 'avif':
      return image.avif({ ...lossy, lossless, ...effortUpTo(9) })
    case 'png':
      // Only a quality meant for PNG reduces its colours: PNG is lossless to everybody else.
      return image.png({
        ...(quality.png !== undefined && { quality: quality.png, palette: true, ...effortUpTo(10, 1) }),
        ...(effort !== undefined && { compressionLevel: Math.round((effort * 9) / 10) }),
      })
    case 'gif':
      return image.gif(effortUpTo(10, 1))
    case 'tiff':
      return quality.tiff === undefined
        ? image.tiff({ compression: 'deflate', predictor: 'horizontal' })
        : image.flatten({ background }).tiff({ compression: 'jpeg', quality: quality.tiff })
  }
}
