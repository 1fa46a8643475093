/** What is written, and the extension it is written under. */
export const extensions = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  gif: 'gif',
  tiff: 'tiff',
} as const
export type Format = keyof typeof extensions
export const formats = Object.keys(extensions) as Format[]

const byExtension: Readonly<Record<string, Format>> = {
  jpg: 'jpeg',
  jpeg: 'jpeg',
  jpe: 'jpeg',
  jfif: 'jpeg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  gif: 'gif',
  tif: 'tiff',
  tiff: 'tiff',
}

/** The extensions that a folder is searched for, without dots. */
export const readableExtensions = Object.keys(byExtension)

/** @param extension - without its dot, in any case */
export function formatOfExtension(extension: string): Format | undefined {
  return byExtension[extension.toLowerCase()]
}

/** Formats that can hold moving pictures. */
export function canMove(format: Format): boolean {
  return format === 'gif' || format === 'webp'
}
