import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { loadFilter } from '../../src/filter.js'
import { type Format, formats } from '../../src/format.js'
import { type Options, parseCommandLine } from '../../src/options.js'
import { render } from '../../src/render.js'
import { drawing, photographs } from '../pictures.js'
import { temporaryFolder } from '../temporary-folder.js'

function recipeOf(...args: string[]) {
  const { run } = parseCommandLine(['x', ...args], '1') as { run: Options }
  return run.recipe
}

async function rendered(source: string | Uint8Array, ...args: string[]) {
  const recipe = recipeOf(...args)
  const wanted = recipe.sizes.flatMap((_, size) =>
    recipe.formats.map((format) => ({ size, format: format === 'same' ? ('png' as Format) : format })),
  )
  return render(source, recipe, wanted)
}

async function metadataOf(source: string | Uint8Array, ...args: string[]) {
  const { outputs } = await rendered(source, ...args)
  return Promise.all(outputs.map(({ bytes }) => sharp(bytes, { animated: true }).metadata()))
}

/** The colour of one pixel. */
async function pixel(bytes: Uint8Array, left: number, top: number): Promise<number[]> {
  return [...(await sharp(bytes).removeAlpha().extract({ left, top, width: 1, height: 1 }).raw().toBuffer())]
}

/** Left half red, right half blue. */
const halves = (width = 60, height = 40) =>
  sharp({ create: { width, height, channels: 3, background: 'red' } }).composite([
    { input: { create: { width: width / 2, height, channels: 3, background: 'blue' } }, left: width / 2, top: 0 },
  ])
const [red, blue] = [
  [255, 0, 0],
  [0, 0, 255],
]

test('one picture becomes every size in every format, and all of them open', async () => {
  const all = await metadataOf(photographs[0]!, '-s', '300,x100,80x80', '-f', formats.join(','))
  expect(all.map(({ format, width, height }) => [format === 'heif' ? 'avif' : format, width, height])).toEqual(
    [
      [300, 200],
      [150, 100],
      [80, 53],
    ].flatMap(([width, height]) => formats.map((format) => [format, width, height])),
  )
})

describe('sizes', () => {
  test.each([
    [['-s', '30'], 30, 20],
    [['-s', 'x10'], 15, 10],
    [['-s', '50%'], 30, 20],
    [['-s', '30x30'], 30, 20],
    [['-s', '30x30', '--fit', 'cover'], 30, 30],
    [['-s', '30x30', '--fit', 'contain'], 30, 30],
    [['-s', '30x30', '--fit', 'outside'], 45, 30],
    [['-s', '30x30', '--fit', 'fill'], 30, 30],
    [['-s', '600'], 60, 40],
    [['-s', '600', '--enlarge'], 600, 400],
    [['-s', '200%', '--enlarge'], 120, 80],
    [['--rotate', '90'], 40, 60],
    [['--rotate', '90', '-s', '20'], 20, 30],
    [['--crop', '10,10,20,20'], 20, 20],
    [['--crop', '50%,0%,50%,50%'], 30, 20],
    [['--crop', '10,10,20,20', '-s', '50%'], 10, 10],
  ])('%j makes 60x40 into %ix%i', async (args, width, height) => {
    const [made] = await metadataOf(await halves().png().toBuffer(), ...args)
    expect([made!.width, made!.height]).toEqual([width, height])
  })
})

test('a crop is cut before anything is turned or mirrored', async () => {
  const source = await halves().png().toBuffer()
  const { outputs } = await rendered(source, '--crop', '20,0,20,40', '--flop')
  expect(await pixel(outputs[0]!.bytes, 2, 2)).toEqual(blue)
  const turned = await rendered(source, '--crop', '20,0,20,40', '--rotate', '90')
  expect(await pixel(turned.outputs[0]!.bytes, 20, 2)).toEqual(red)
  expect(await pixel(turned.outputs[0]!.bytes, 20, 17)).toEqual(blue)
})

test('a crop outside of the picture is refused with both rectangles', async () => {
  await expect(rendered(await halves().png().toBuffer(), '--crop', '50,0,20,20')).rejects.toThrow(
    'the crop 50,0,20,20 exceeds the picture of 60x40 pixels',
  )
})

test("the camera's orientation is applied, unless it is to be left", async () => {
  const lying = await halves().withMetadata({ orientation: 6 }).jpeg().toBuffer()
  expect(await rendered(lying)).toMatchObject({ width: 40, height: 60, outputs: [{ width: 40, height: 60 }] })
  expect(await rendered(lying, '--no-orient')).toMatchObject({ outputs: [{ width: 60, height: 40 }] })
})

test('grayscale, blur and sharpen change the picture as they say', async () => {
  const source = await halves().png().toBuffer()
  const [grey] = (await rendered(source, '--grayscale')).outputs
  const [r, g, b] = await pixel(grey!.bytes, 5, 5)
  expect([g, b]).toEqual([r, r])
  const [soft] = (await rendered(source, '--blur', '5')).outputs
  const [softRed, , softBlue] = await pixel(soft!.bytes, 29, 20)
  expect(softRed).toBeGreaterThan(50)
  expect(softBlue).toBeGreaterThan(50)
  const edge = await sharp(source).blur(2).png().toBuffer()
  const contrast = async (bytes: Uint8Array) => (await sharp(bytes).stats()).channels[0]!.stdev
  const [sharpened] = (await rendered(edge, '--sharpen', '3')).outputs
  expect(await contrast(sharpened!.bytes)).toBeGreaterThan(await contrast(edge))
})

test('transparency lost to JPEG shows the background', async () => {
  const clear = await sharp({ create: { width: 9, height: 9, channels: 4, background: 'transparent' } })
    .png()
    .toBuffer()
  const { outputs } = await rendered(clear, '-f', 'jpeg,png', '--background', 'white')
  expect(await pixel(outputs[0]!.bytes, 4, 4)).toEqual([255, 255, 255])
  expect((await sharp(outputs[1]!.bytes).metadata()).hasAlpha).toBe(true)
})

describe('metadata', () => {
  const photographed = () =>
    drawing(1)
      .withExif({ IFD0: { Copyright: 'A. Miller', Orientation: '6' } })
      .withIccProfile('p3')
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
      .jpeg()
      .toBuffer()

  test.each([
    ['none', { exif: false, icc: false, xmp: false }],
    ['icc', { exif: false, icc: true, xmp: false }],
    ['exif', { exif: true, icc: false, xmp: false }],
    ['all', { exif: true, icc: true, xmp: true }],
  ])('--metadata %s keeps %j', async (kind, kept) => {
    const [made] = await metadataOf(await photographed(), '-f', 'jpeg', '-s', '50%', '--metadata', kind)
    expect({ exif: !!made!.exif, icc: !!made!.icc, xmp: !!made!.xmp }).toEqual(kept)
    if (kept.exif) expect(made!.exif!.toString('latin1')).toContain('A. Miller')
  })

  test('what is kept of it does not turn an upright picture again', async () => {
    const lying = await drawing(1).withMetadata({ orientation: 6 }).jpeg().toBuffer()
    const [made] = await metadataOf(lying, '-f', 'jpeg', '--metadata', 'all')
    expect([made!.width, made!.height, made!.orientation ?? 1]).toEqual([64, 96, 1])
  })
})

describe('moving pictures', () => {
  const moving = async () => {
    const frames = ['red', 'green', 'blue'].map((background) =>
      sharp({ create: { width: 60, height: 40, channels: 3, background } })
        .png()
        .toBuffer(),
    )
    return sharp(await Promise.all(frames), { join: { animated: true } })
      .gif({ delay: [100, 200, 300] })
      .toBuffer()
  }

  test('go on moving in formats that can, and stand still in others', async () => {
    const [gif, webp, png] = await metadataOf(await moving(), '-f', 'gif,webp,png', '-s', '30')
    expect(gif).toMatchObject({ pages: 3, width: 30, pageHeight: 20, delay: [100, 200, 300] })
    expect(webp).toMatchObject({ pages: 3, width: 30, pageHeight: 20 })
    expect(png).toMatchObject({ width: 30, height: 20 })
  })

  test('stand still when asked to', async () => {
    const [gif] = await metadataOf(await moving(), '-f', 'gif', '--no-animation')
    expect(gif!.pages ?? 1).toBe(1)
  })
})

describe("a filter of one's own", () => {
  const filterFile = async (code: string) => {
    const path = join(await temporaryFolder(), 'filter.mjs')
    await writeFile(path, code)
    return path
  }

  test('gets every size and gives back what is encoded', async () => {
    const path = await filterFile(`export default (image, { size }) => size === '30w' ? image.negate() : image`)
    const recipe = recipeOf('-s', '30,20', '--filter', path)
    const filter = await loadFilter(pathToFileURL(path).href)
    const wanted = [0, 1].map((size) => ({ size, format: 'png' as const }))
    const { outputs } = await render(await halves().png().toBuffer(), recipe, wanted, filter)
    expect(await pixel(outputs[0]!.bytes, 2, 2)).toEqual([0, 255, 255])
    expect(await pixel(outputs[1]!.bytes, 2, 2)).toEqual(red)
  })

  test('without a function as its default export is refused', async () => {
    const path = await filterFile('export const blur = 3')
    await expect(loadFilter(pathToFileURL(path).href)).rejects.toThrow('has no function as its default export')
  })

  test('that gives back no picture is refused', async () => {
    const filter = await loadFilter(pathToFileURL(await filterFile('export default () => 5')).href)
    const source = await halves().png().toBuffer()
    await expect(render(source, recipeOf(), [{ size: 0, format: 'png' }], filter)).rejects.toThrow(
      'must give back a sharp image',
    )
  })
})

test.each([
  ['text', () => Promise.resolve(Buffer.from('this was never a photograph'))],
  [
    'a picture cut short',
    async () => (await drawing(1, { width: 600, height: 400 }).jpeg().toBuffer()).subarray(0, 4000),
  ],
  ['nothing', () => Promise.resolve(Buffer.alloc(0))],
])('%s is refused', async (_, source) => {
  await expect(rendered(await source())).rejects.toThrow()
})

test('the placeholder stands in for the output, the perceptual hash for the photograph', async () => {
  const colours = await rendered(photographs[0]!, '-s', '100')
  const grey = await rendered(photographs[0]!, '-s', '100', '--grayscale')
  expect(grey.fingerprints!.blurhash).not.toBe(colours.fingerprints!.blurhash)
  expect(grey.fingerprints!.phash).toBe(colours.fingerprints!.phash)
  expect(await rendered(photographs[0]!, '-s', '100', '--no-hashes')).not.toHaveProperty('fingerprints')
})
