import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Given } from './command.js'
import { type Format, formats } from './format.js'
import { optional } from './optional.js'
import { parseCount, parseNumber } from './quantity.js'
import type { Crop, Recipe } from './recipe.js'
import { parseSize } from './size.js'
import { UsageError } from './usage-error.js'

/** @throws {UsageError} saying which option is wrong and what it may be */
export function toRecipe(given: Given): Recipe {
  return {
    sizes: [...new Set(given.size)].map(parseSize),
    formats: [...new Set(given.format.map(parseFormat))],
    fit: given.fit,
    position: parsePosition(given.position),
    background: given.background,
    enlarge: given.enlarge,
    autoOrient: given.orient,
    rotate: parseNumber('rotate', given.rotate, { min: -360, max: 360 }),
    flip: given.flip,
    flop: given.flop,
    grayscale: given.grayscale,
    quality: parseQuality(given.quality),
    lossless: given.lossless,
    metadata: given.metadata,
    animate: given.animation,
    hashes: given.hashes,
    maxPixels: parseCount('max-pixels', given.maxPixels),
    ...optional('crop', given.crop, parseCrop),
    ...optional('blur', given.blur, (text) => parseNumber('blur', text, { min: 0.3, max: 1000 })),
    ...optional('sharpen', given.sharpen, (text) =>
      text === true ? 1 : parseNumber('sharpen', text, { min: 0.01, max: 10 }),
    ),
    ...optional('effort', given.effort, (text) => parseCount('effort', text, { min: 0, max: 10 })),
    ...(given.filter === undefined ? {} : parseFilter(given.filter)),
  }
}

function parseFormat(text: string): Format | 'same' {
  const name = text.toLowerCase()
  const format = name === 'jpg' ? 'jpeg' : name === 'tif' ? 'tiff' : name
  if (format !== 'same' && !formats.some((known) => known === format)) {
    throw new UsageError(`--format is one of same, ${formats.join(', ')}, not '${text}'`)
  }
  return format as Format | 'same'
}

const positions = [
  ...['attention', 'entropy', 'centre', 'center', 'top', 'right', 'bottom', 'left'],
  ...['right top', 'right bottom', 'left bottom', 'left top'],
]

function parsePosition(text: string): string {
  if (!positions.includes(text)) throw new UsageError(`--position is one of ${positions.join(', ')}, not '${text}'`)
  return text
}

function parseQuality(parts: readonly string[]): Recipe['quality'] {
  const quality: Partial<Record<Format | 'default', number>> = {}
  for (const part of parts) {
    const [left, right] = part.split('=')
    const format = right === undefined ? 'default' : parseFormat(left!)
    if (format === 'same') throw new UsageError(`--quality is given by format: jpeg=82, not '${part}'`)
    quality[format] = parseCount('quality', right ?? left!, { max: 100 })
  }
  return quality
}

function parseCrop(text: string): Crop {
  const parts = text.split(',').map((part) => part.trim())
  const unit = parts.every((part) => part.endsWith('%')) ? '%' : 'px'
  const numbers = parts.map((part) => Number(unit === '%' ? part.slice(0, -1) : part))
  const [left, top, width, height] = numbers as [number, number, number, number]
  const inRange = numbers.every((each) => each >= 0 && (unit === '%' ? each <= 100 : Number.isInteger(each)))
  const inside = unit === 'px' || (left + width <= 100 && top + height <= 100)
  if (numbers.length !== 4 || !inRange || !inside || width === 0 || height === 0) {
    throw new UsageError(`--crop takes left,top,width,height in pixels, or each in %, not '${text}'`)
  }
  return { unit, left, top, width, height }
}

function parseFilter(path: string): Pick<Recipe, 'filter' | 'filterDigest'> {
  const file = resolve(path)
  try {
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex')
    return { filter: pathToFileURL(file).href, filterDigest: digest }
  } catch (error) {
    throw new UsageError(`--filter ${path} cannot be read: ${(error as Error).message}`)
  }
}
