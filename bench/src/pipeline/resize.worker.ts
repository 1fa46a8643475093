import sharp from 'sharp'

export interface Photograph {
  readonly index: number
  readonly path: string
}

export interface Thumbnail {
  readonly index: number
  readonly width: number
  readonly bytes: number
}

export const THUMBNAIL_WIDTH = 320

/** An ordinary module: called directly, and loaded by pools. */
export default async function resize({ index, path }: Photograph): Promise<Thumbnail> {
  const { data, info } = await sharp(path)
    .resize(THUMBNAIL_WIDTH)
    .jpeg({ quality: 80 })
    .toBuffer({ resolveWithObject: true })
  return { index, width: info.width, bytes: data.length }
}
